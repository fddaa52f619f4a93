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

#include "base/trace.h"

#include "net/stream.h"

#include "proto/imapset.h"

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

/* AUTHENTICATE PLAIN, with an initial response where SASL-IR is offered, else
 * LOGIN unless LOGINDISABLED. Without TLS the password is not sent but when
 * clear is true. */
int imap_login(struct imap *m, const char *user, struct slice password,
    bool clear, struct err *e);

/* ID (RFC 2971), where offered: some providers refuse clients without. */
int imap_id(
    struct imap *m, const char *name, const char *version, struct err *e);

struct imap_folder {
	struct slice name; /* UTF-8; as it came when it cannot be decoded */
	int separator;     /* -1: NIL */
	bool selectable;   /* neither \Noselect nor \NonExistent */
};

struct imap_folder_taker {
	int (*take)(void *arg, const struct imap_folder *f, struct err *e);
	void *arg;
};

/* LIST "" pattern. */
int imap_list(struct imap *m, const char *pattern,
    const struct imap_folder_taker *taker, struct err *e);

struct imap_mailbox {
	uint32_t validity; /* UIDVALIDITY; 0: the server has none */
	uint32_t next;     /* UIDNEXT; 0: not told */
	uint64_t exists;   /* messages */
};

/* EXAMINE: nothing changes by our looking. A mailbox that is not there is
 * ERR_NOINPUT. name is UTF-8. */
int imap_examine(struct imap *m, const char *name, struct imap_mailbox *box_r,
    struct err *e);

/* UID SEARCH keys ("ALL", "UID 5:9"): adds what the server names to found_r,
 * which may be more than was asked ("5:*" always finds the last one). */
int imap_search(
    struct imap *m, const char *keys, struct imapset *found_r, struct err *e);

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
	unsigned flags;    /* IMAPLEX_SEEN ... */
	struct slice date; /* INTERNALDATE as it stands, or empty */
};

/* Where bodies go. begin and write may be called before the UID is known; end
 * comes once per message, and without a begin unless body is WHOLE. After
 * begin, an imap_fetch() that fails calls no end. -1 stops the fetch. */
struct imap_taker {
	uint64_t max; /* octets of a body */
	int (*begin)(void *arg, uint64_t size, struct err *e);
	int (*write)(void *arg, struct slice part, struct err *e);
	int (*end)(void *arg, const struct imap_message *m, struct err *e);
	void *arg;
};

/* UID FETCH of the whole set, BODY.PEEK[] with flags and date, in few
 * commands of which the next is always under way. A NO of the server to a
 * part of the set is reported after all the others came. */
int imap_fetch(struct imap *m, const struct imapset *set,
    const struct imap_taker *taker, struct err *e);

#endif
