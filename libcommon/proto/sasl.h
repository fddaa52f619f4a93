/* Login by SASL (RFC 4422), the client's side, for any protocol that carries
 * it: the protocol says what the server offers and moves lines of base64.
 *
 *	if (sasl_new(&login, offered, &s, e) < 0) ...
 *	r = sasl_first(s, &line, e);		1: send it along, 0: no first
 *	... "AUTH", sasl_name(s), and line where the protocol allows
 *	while (the server sent a challenge)
 *		if (sasl_step(s, challenge, &line, e) < 0) cancel with "*"
 *		else send line
 *	success: r = sasl_done(s, e);		refusal: sasl_refused(s, e)
 *	sasl_free(&s);
 *
 * The best mechanism that both sides know is taken, once: EXTERNAL with a
 * client certificate; OAUTHBEARER (7628), XOAUTH2 with a token; SCRAM-SHA-256
 * and -SHA-1 (5802, 7677), -PLUS first, bound to the TLS session by
 * tls-exporter (9266) or, where that is not safe, tls-server-end-point (5929);
 * PLAIN (4616), LOGIN; CRAM-MD5 (2195) and GSSAPI (4752) through libgsasl.
 * What would show a password or token to others is not used without TLS.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SASL_H
#define PROTO_SASL_H

#include "base/buf.h"

#include "net/tls.h"

#define SASL_LINE_MAX    12288    /* octets of a line (RFC 4954, 4) */
#define SASL_ROUNDS_MIN  4096     /* of SCRAM (RFC 7677, 4) */
#define SASL_ROUNDS_MAX  10000000 /* more is an attack on our time */
#define SASL_OFFERED_MAX 64       /* mechanisms looked at */

/* Who logs in; all is borrowed until sasl_free(). */
struct sasl_login {
	const char *user;
	struct slice password;  /* empty: there is none */
	struct slice token;     /* OAuth access token, likewise */
	const char *mechanisms; /* --auth: only these, "A,B"; null: any but
	                         * CRAM-MD5 */
	const char *service;    /* "smtp", "imap", "pop", for GSSAPI */
	const char *host;       /* the server's name */
	uint16_t port;
	const struct tls *tls; /* null: not encrypted */
	bool clear;            /* a password may go out all the same */
	bool certificate;      /* the server saw a client certificate */
	void (*random)(void *p, size_t n);
};

struct sasl;

/* ERR_USAGE for a mechanism in login->mechanisms that nobody knows; the caller
 * asks before anything is sent. */
int sasl_check(const char *mechanisms, struct err *e);

/* Whether a login with these mechanisms (as above) needs a password or token,
 * so that nobody is asked for one in vain. */
bool sasl_needs_secret(const char *mechanisms);

/* Appends the mechanisms that this login would take, best first, blanks
 * between: what of its password and token is there counts. Whether the forms
 * with PLUS can be used the session will tell. */
void sasl_order(
    const struct sasl_login *login, bool encrypted, struct buf *out);

/* Chooses one of the mechanisms offered: words with blanks between. ERR_NOPERM
 * says why none will do. */
int sasl_new(const struct sasl_login *login, struct slice offered,
    struct sasl **s_r, struct err *e);

/* "SCRAM-SHA-256", ... */
const char *sasl_name(const struct sasl *s);

/* The initial response: 1 and a line of base64 ("=" when it is empty), 0 when
 * the server speaks first, -1. Lines hold until the next call. */
int sasl_first(struct sasl *s, struct slice *line_r, struct err *e);

/* The answer to a challenge, both as lines of base64. ERR_PROTO for a
 * challenge that has no place here. */
int sasl_step(struct sasl *s, struct slice challenge, struct slice *line_r,
    struct err *e);

/* The server said yes: ERR_PROTO when it did not prove that it knows the
 * password, as SCRAM demands. */
int sasl_done(struct sasl *s, struct err *e);

/* The server said no, e has its words: adds what it said in its challenge. */
void sasl_refused(const struct sasl *s, struct err *e);

/* Wipes and frees. Null is fine. */
void sasl_free(struct sasl **s);

#endif
