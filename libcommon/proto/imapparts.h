/* What the files of proto/imap share: the session, and a reply as it is read.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAPPARTS_H
#define PROTO_IMAPPARTS_H

#include "base/arena.h"

#include "proto/imap.h"

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

enum imapparts_status {
	IMAPPARTS_OK,
	IMAPPARTS_NO,
	IMAPPARTS_BAD,
	IMAPPARTS_CONTINUE /* "+" */
};

struct imapparts_reply {
	enum imapparts_status status;
	unsigned tag;
	struct slice text; /* resp-text; holds until the next read */
};

/* Whose STATUS is whose. */
struct imap_statuses {
	const char *const *names;
	struct imap_mailbox *boxes;
	size_t n;
	struct arena *arena;
};

#endif
