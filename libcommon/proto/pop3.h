/* The client's side of a POP3 session (RFC 1939, 2449, 2595, 3206, 5034, 6856):
 * greeting, TLS, login, UIDL, and messages as a stream. Message numbers hold
 * for one session only.
 *
 * Errors: [IN-USE], [LOGIN-DELAY] and [SYS/TEMP] are ERR_TEMP; [AUTH] and any
 * other refused login ERR_NOPERM; [SYS/PERM] ERR_UNAVAILABLE; what is no POP3
 * is ERR_PROTO.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_POP3_H
#define PROTO_POP3_H

#include "base/trace.h"

#include "net/stream.h"

#include "proto/sasl.h"

#define POP3_LINE_MAX     4096    /* octets of a reply or listing line */
#define POP3_CAPAS_MAX    200     /* lines of CAPA */
#define POP3_MESSAGES_MAX 5000000 /* in a mailbox */
#define POP3_UIDL_MAX     2048    /* octets; RFC 1939 allows 70 */
#define POP3_DELAY_MAX    86400   /* seconds of LOGIN-DELAY that are believed */
#define POP3_DRAIN_FACTOR 4       /* as IMAP_DRAIN_FACTOR */

struct pop3;

/* Takes the stream (freed on failure too), reads the greeting, asks for
 * capabilities. timeout is how long the server may stay silent, ms. */
int pop3_open(struct stream *s, int64_t timeout, const struct trace *trace,
    struct pop3 **p_r, struct err *e);

/* Closes at once: nothing is deleted. Null is fine. */
void pop3_free(struct pop3 **p);

/* QUIT; then frees. 0 when the server confirmed, which is when deletions
 * count. */
int pop3_quit(struct pop3 **p, struct err *e);

/* The server offers STLS. */
bool pop3_has_stls(const struct pop3 *p);

/* Seconds that the server wants from one login to the next (LOGIN-DELAY, RFC
 * 2449, 6.5); 0: it does not say. */
uint32_t pop3_login_delay(const struct pop3 *p);

/* STLS; then capabilities are asked again. ERR_PROTO when it is refused or
 * when the server sent more than its reply. */
int pop3_starttls(struct pop3 *p, const struct tls_want *want, struct err *e);

/* AUTH (RFC 5034) by the best mechanism that both sides know, else USER and
 * PASS, or APOP where a server has nothing else; with apop only that (RFC 1939,
 * 7: its MD5 tells the password to whoever listens long enough, so that it
 * counts as sent in the clear). Before, where offered, UTF8 (RFC 6856).
 * login->tls is filled in; without TLS no password is sent but when
 * login->clear is true. */
int pop3_login(
    struct pop3 *p, const struct sasl_login *login, bool apop, struct err *e);

/* How many messages there are (STAT). */
int pop3_stat(struct pop3 *p, uint32_t *count_r, struct err *e);

/* UIDL: take gets each number from 1 to count with the server's name for the
 * message, 1 to POP3_UIDL_MAX octets of any kind. 1, or 0 when the server
 * knows no UIDL, or -1. */
struct pop3_uidl_taker {
	int (*take)(
	    void *arg, uint32_t number, struct slice uidl, struct err *e);
	void *arg;
};

int pop3_uidl(
    struct pop3 *p, const struct pop3_uidl_taker *taker, struct err *e);

/* LIST: the size of each message as the server says, likewise. */
struct pop3_size_taker {
	int (*take)(void *arg, uint32_t number, uint64_t size, struct err *e);
	void *arg;
};

int pop3_sizes(
    struct pop3 *p, const struct pop3_size_taker *taker, struct err *e);

enum pop3_part {
	POP3_MESSAGE,
	POP3_HEADER /* by TOP */
};

enum pop3_body {
	POP3_BODY_WHOLE,
	POP3_BODY_TOO_LARGE, /* over the maximum: what was written is void */
	POP3_BODY_REFUSED    /* -ERR; nothing was written */
};

/* Where messages go, dots undone: begin (may be null), write, end; a refused
 * one has an end only, with the server's words. -1 stops the fetch. */
struct pop3_taker {
	uint64_t max; /* octets of a message */
	int (*begin)(void *arg, uint32_t number, struct err *e);
	int (*write)(void *arg, struct slice part, struct err *e);
	int (*end)(void *arg, uint32_t number, enum pop3_body body,
	    struct slice words, struct err *e);
	void *arg;
};

/* n messages in this order; where PIPELINING is offered many are asked for
 * ahead. ERR_UNAVAILABLE where there is no TOP. */
int pop3_retr(struct pop3 *p, enum pop3_part part, const uint32_t *numbers,
    size_t n, const struct pop3_taker *taker, struct err *e);

/* DELE of n messages, which counts once pop3_quit() gives 0; where PIPELINING
 * is offered many are asked for ahead. *refused_r: how many the server would
 * not mark. */
int pop3_dele(struct pop3 *p, const uint32_t *numbers, size_t n,
    size_t *refused_r, struct err *e);

#endif
