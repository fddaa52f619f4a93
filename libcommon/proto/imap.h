/* The client's side of an IMAP session (RFC 3501, RFC 9051): greeting, TLS,
 * login, folders, search, and messages as a stream. One connection, one
 * thread; every wait has a limit.
 *
 * What the server says without being asked (EXPUNGE, new flags, EXISTS) may
 * come at any time and is taken as it comes; messages are named by UID only.
 *
 * Errors: the server's [UNAVAILABLE], [INUSE], [LIMIT], [SERVERBUG] and BYE
 * are ERR_TEMP; [AUTHENTICATIONFAILED], [AUTHORIZATIONFAILED], [EXPIRED] and
 * any refused login ERR_NOPERM; what is no IMAP is ERR_PROTO.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAP_H
#define PROTO_IMAP_H

#include "base/arena.h"
#include "base/trace.h"

#include "net/stream.h"

#include "proto/imapset.h"
#include "proto/sasl.h"

#define IMAP_RESPONSE_MAX (16u << 20) /* octets but for streamed bodies */
#define IMAP_UNASKED_MAX  1000000     /* responses that bring nothing */
#define IMAP_FOLDERS_MAX  100000      /* answers to one LIST */
#define IMAP_COMMAND_MAX  8000        /* octets of a line we send */
#define IMAP_DRAIN_FACTOR                                                      \
	4 /* a body over the maximum is read and dropped up                    \
	   * to so many times the maximum */

struct imap;

/* Takes the stream (freed on failure too) and reads the greeting. timeout is
 * how long the server may stay silent, ms. trace may be null. */
int imap_open(struct stream *s, int64_t timeout, const struct trace *trace,
    struct imap **m_r, struct err *e);

/* Closes at once. Null is fine. */
void imap_free(struct imap **m);

/* Says LOGOUT, waits shortly, frees. */
void imap_close(struct imap **m);

/* The server greeted with PREAUTH: we are in, and STARTTLS is impossible. */
bool imap_is_preauth(const struct imap *m);

/* The server has announced this capability. */
bool imap_has(const struct imap *m, const char *capability);

/* Asks for capabilities unless they came by themselves. */
int imap_capability(struct imap *m, struct err *e);

/* STARTTLS; then everything known about the server is forgotten and asked
 * again. ERR_PROTO when it is not offered, refused, impossible (PREAUTH), or
 * when the server sent more than its reply (injected data). */
int imap_starttls(struct imap *m, const struct tls_want *want, struct err *e);

/* AUTHENTICATE with the best mechanism both sides know (proto/sasl.h), with an
 * initial response where SASL-IR is offered (RFC 4959); LOGIN where there is
 * none and the server has no LOGINDISABLED. login->tls is filled in. Without
 * TLS nothing that shows a password is sent but when login->clear is true. */
int imap_login(struct imap *m, const struct sasl_login *login, struct err *e);

/* ID (RFC 2971), where offered: some providers refuse clients without. */
int imap_id(
    struct imap *m, const char *name, const char *version, struct err *e);

/* What servers do their own way (a table in proto/imapquirk.c). */
enum imap_quirk {
	IMAP_NO_MODSEQ = 1,     /* its CONDSTORE cannot be relied on */
	IMAP_NO_COMPRESS = 2,   /* its COMPRESS breaks off */
	IMAP_ONE_AT_ONCE = 4,   /* commands in flight confuse it */
	IMAP_SHORT_IDLE = 8,    /* hangs up on a long IDLE */
	IMAP_FRESH_LOOK = 16,   /* shows new mail only after NOOP */
	IMAP_DELETE_MOVES = 32, /* \Deleted takes a label off, no more */
	IMAP_SELECT_ONLY = 64,  /* UIDs that EXAMINE gives are not kept */
	IMAP_NO_LIST_ID = 128   /* MAILBOXID behind LIST is garbage */
};

/* The server's, from its greeting, capabilities and ID; name_r (may be null)
 * is what the table calls it, or null. */
unsigned imap_quirks(const struct imap *m, const char **name_r);

/* ENABLE (RFC 5161) of QRESYNC or CONDSTORE (7162) and UTF8=ACCEPT (6855), as
 * offered: before the first mailbox is opened. */
int imap_enable(struct imap *m, struct err *e);
bool imap_enabled(const struct imap *m, const char *capability);

/* COMPRESS=DEFLATE (RFC 4978), where offered and no quirk is known. */
int imap_compress(struct imap *m, struct err *e);

struct imap_mailbox {
	uint32_t validity; /* UIDVALIDITY; 0: the server has none */
	uint32_t next;     /* UIDNEXT; 0: not told */
	uint64_t exists;   /* messages */
	uint64_t unseen;   /* by STATUS only */
	uint64_t size;     /* octets, by STATUS=SIZE (RFC 8438) only */
	uint64_t modseq;   /* HIGHESTMODSEQ; 0: it keeps none */
	struct slice id;   /* MAILBOXID (RFC 8474), by STATUS only, or empty */
	bool told;         /* STATUS came */
	bool has_size;
};

struct imap_folder {
	struct slice name; /* UTF-8; as it came when it cannot be decoded */
	int separator;     /* -1: NIL */
	bool selectable;   /* neither \Noselect nor \NonExistent */
	const char *use;   /* "\Sent", ... (RFC 6154, SPECIAL-USE), or null */
};

/* What take() gets lives until it returns. status() comes where counts were
 * asked for and the server gives them along (LIST-STATUS, RFC 5819). */
struct imap_folder_taker {
	int (*take)(void *arg, const struct imap_folder *f, struct err *e);
	int (*status)(void *arg, struct slice name,
	    const struct imap_mailbox *box, struct err *e);
	void *arg;
};

/* LIST "" pattern, with SPECIAL-USE where the server has LIST-EXTENDED. */
int imap_list(struct imap *m, const char *pattern,
    const struct imap_folder_taker *taker, struct err *e);

/* STATUS of n mailboxes, asked for in one go. A mailbox that refuses leaves
 * told false. Ids are copied into the arena. */
int imap_status(struct imap *m, const char *const *names, size_t n,
    struct imap_mailbox *boxes, struct arena *a, struct err *e);

/* NAMESPACE (RFC 2342): the prefix of one's own mailboxes ("INBOX."), as
 * UTF-8; empty where there is none or the server does not tell. */
int imap_namespace(struct imap *m, struct buf *prefix, struct err *e);

/* How a mailbox is opened. */
struct imap_select {
	bool write; /* SELECT; else EXAMINE: nothing changes by our looking */
	uint32_t validity; /* with modseq: what changed since then is told */
	uint64_t modseq;   /* (QRESYNC, RFC 7162, 3.2.5), when it is enabled */
};

/* What changed since, while select or a fetch of flags runs; null: nobody
 * wants to know. */
struct imap_changes {
	struct imapset *vanished;
	int (*flags)(void *arg, uint32_t uid, unsigned flags, struct err *e);
	void *arg;
};

/* A mailbox that is not there is ERR_NOINPUT. name is UTF-8. */
int imap_select(struct imap *m, const char *name, const struct imap_select *how,
    const struct imap_changes *changes, struct imap_mailbox *box_r,
    struct err *e);

/* imap_select() as EXAMINE. */
int imap_examine(struct imap *m, const char *name, struct imap_mailbox *box_r,
    struct err *e);

/* UID SEARCH keys ("ALL", "UID 5:9"): adds what the server names to found_r,
 * which may be more than was asked ("5:*" always finds the last one). Quoted
 * strings with octets beyond US-ASCII go as literals, CHARSET UTF-8. */
int imap_search(
    struct imap *m, const char *keys, struct imapset *found_r, struct err *e);

/* The first n of them; where the server can it tells no more (PARTIAL, RFC
 * 9394; CONTEXT=SEARCH, 5267). */
int imap_search_first(struct imap *m, const char *keys, uint64_t n,
    struct imapset *found_r, struct err *e);

/* date = date-day "-" date-month "-" date-year (RFC 9051, 9), for keys. */
void imap_date(int64_t t, struct buf *out);

/* FLAGS of the set, of those that changed since modseq unless that is 0. */
int imap_flags(struct imap *m, const struct imapset *set, uint64_t modseq,
    const struct imap_changes *changes, struct err *e);

/* UID STORE of the set: "+FLAGS.SILENT (\Seen)". The mailbox is open for
 * writing. */
int imap_store(
    struct imap *m, const struct imapset *set, const char *what, struct err *e);

/* UID EXPUNGE (UIDPLUS, RFC 4315): those of the set that are \Deleted.
 * Without UIDPLUS ERR_UNAVAILABLE: a plain EXPUNGE takes what others marked. */
int imap_expunge(struct imap *m, const struct imapset *set, struct err *e);

/* MOVE (RFC 6851), or COPY, STORE and UID EXPUNGE; the mailbox is made when it
 * is not there. */
int imap_move(
    struct imap *m, const struct imapset *set, const char *to, struct err *e);

int imap_noop(struct imap *m, struct err *e);

/* Waits for news: IDLE (RFC 2177), with NOTIFY (5465) before it for all
 * mailboxes when those are wanted and offered. 1: something happened, 0: ms
 * are over, -1. Without IDLE it is ERR_UNAVAILABLE. stop becoming readable is
 * ERR_NO. */
int imap_idle(struct imap *m, int64_t ms, int stop, struct err *e);
int imap_notify(struct imap *m, struct err *e);

enum imap_body {
	IMAP_BODY_NONE,     /* a FETCH that brought no body, unasked */
	IMAP_BODY_WHOLE,    /* all of it was written */
	IMAP_BODY_TOO_LARGE /* over the maximum, dropped */
};

struct imap_message {
	enum imap_body body;
	uint32_t uid;  /* 0: the server did not tell */
	uint64_t size; /* octets of the body as it came */
	bool has_flags;
	unsigned flags;         /* IMAPLEX_SEEN ... */
	struct slice date;      /* INTERNALDATE as it stands, or empty */
	uint64_t told_size;     /* RFC822.SIZE, which may lie; 0: not told */
	struct slice id;        /* EMAILID or X-GM-MSGID, or empty */
	struct slice labels;    /* X-GM-LABELS as it stands, without ( ) */
	struct slice structure; /* BODYSTRUCTURE as it stands, or empty */
};

/* Where bodies go. begin, which may be null, and write may be called before the
 * UID is known; end comes once per message, and without a begin unless body is
 * WHOLE. After begin, an imap_fetch() that fails calls no end. -1 stops the
 * fetch. */
struct imap_taker {
	uint64_t max; /* octets of a body */
	int (*begin)(void *arg, uint64_t size, struct err *e);
	/* Before begin, when the UID stands in front of the body. May be
	 * null. */
	void (*named)(void *arg, uint32_t uid);
	int (*write)(void *arg, struct slice part, struct err *e);
	int (*end)(void *arg, const struct imap_message *m, struct err *e);
	void *arg;
};

/* What is fetched of each message, besides flags and date. */
enum imap_part {
	IMAP_PART_WHOLE,  /* BODY.PEEK[] */
	IMAP_PART_HEADER, /* BODY.PEEK[HEADER] */
	IMAP_PART_LOOK    /* that, size and structure */
};

/* UID FETCH of the whole set, in few commands of which the next is always
 * under way. from is the octet that a whole message begins at (a rest, for a
 * set of one), else 0. A NO of the server to a part of the set is reported
 * after all the others came. */
int imap_fetch(struct imap *m, const struct imapset *set, enum imap_part part,
    uint64_t from, const struct imap_taker *taker, struct err *e);

#endif
