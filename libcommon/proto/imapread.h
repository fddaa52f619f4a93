/* The reading half of proto/imap: one response after the other, literals
 * streamed, untagged data put where the command at hand wants it. Only
 * proto/imap.c and the fuzzer include it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAPREAD_H
#define PROTO_IMAPREAD_H

#include "base/arena.h"

#include "proto/imap.h"
#include "proto/imaplex.h"

struct imap {
	struct stream *stream; /* owned */
	int64_t timeout;
	const struct trace *trace;
	unsigned tag;       /* of the last command sent */
	struct buf caps;    /* " IMAP4rev1 IDLE ", empty: not known */
	struct buf enabled; /* likewise */
	struct buf said;    /* by greeting and ID: who the server is */
	bool utf8;          /* UTF8=ACCEPT is on: names are UTF-8 */
	bool preauth, bye;  /* bye: the server has said so */
	struct err bye_error;

	/* Where untagged data goes; null: nowhere */
	struct imap_mailbox *mailbox;
	struct imapset *found;
	const struct imap_folder_taker *folders;
	const struct imap_taker *taker;
	const struct imap_changes *changes;
	struct buf *prefix; /* of the personal namespace */
	unsigned news;      /* of a mailbox, that somebody waits for */
	char body[40];      /* the item that taker wants: "BODY[]" */
	unsigned unasked;   /* responses so far that brought nothing */
	unsigned nfolders;

	/* The response at hand */
	struct buf text;
	struct arena arena;
	size_t lexed;   /* octets of text behind which the lexer goes on */
	unsigned depth; /* open parentheses there */
	bool body_next; /* the next string is what taker wants */
	bool streamed;  /* it went to the taker (or was too large); text has
	                 * {0} instead */
	uint64_t size;  /* its octets */
	bool uid_next;  /* the next token is the message's UID */
	uint64_t uid;   /* which came before the body, or 0 */
	bool too_large;
};

enum imapread_status {
	IMAPREAD_OK,
	IMAPREAD_NO,
	IMAPREAD_BAD,
	IMAPREAD_CONTINUE /* "+" */
};

struct imapread_reply {
	enum imapread_status status;
	unsigned tag;
	struct slice text; /* resp-text; holds until the next read */
};

/* The first response: 0 for OK and PREAUTH. */
int imapread_greeting(struct imap *m, struct err *e);

/* Reads until a command completes or the server wants more from us. A tag we
 * have not sent and a BYE are errors. */
int imapread_reply(struct imap *m, struct imapread_reply *r, struct err *e);

/* NO and BAD as an error: kind is for a NO whose code tells nothing. */
int imapread_refused(const struct imapread_reply *r, enum err_kind kind,
    const char *command, struct err *e);

/* Reads one untagged response: 1 when it is news of a mailbox, else 0. */
int imapread_news(struct imap *m, struct err *e);

/* Whose STATUS is whose. */
struct imap_statuses {
	const char *const *names;
	struct imap_mailbox *boxes;
	size_t n;
};

/* proto/imaptake.c: what an untagged response does, what its code tells. */
int imaptake_untagged(struct imap *m, struct err *e);
int imaptake_bye(struct imap *m, struct slice text);
void imaptake_code(struct imap *m, struct slice text);

#endif
