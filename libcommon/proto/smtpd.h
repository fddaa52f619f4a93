/* The server's side of an SMTP or LMTP session (RFC 5321, 2033) as a state
 * machine over a stream: PIPELINING (2920), SIZE (1870), 8BITMIME (6152),
 * CHUNKING and BINARYMIME (3030), SMTPUTF8 (6531), parameters of DSN (3461),
 * ENHANCEDSTATUSCODES (2034), STARTTLS (3207), AUTH PLAIN and LOGIN over TLS
 * only (4954, 4616). It stores nothing and decides nothing: the embedding code
 * does, in its calls.
 *
 * A line ends in CRLF and a message in CRLF "." CRLF, and in nothing else. A
 * bare CR or LF ends the session: among commands at once, in a message after
 * its true end with 550 5.6.0, so that no two programs can differ about where
 * a message ends (smuggling).
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SMTPD_H
#define PROTO_SMTPD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/trace.h"

#include "net/stream.h"

#define SMTPD_LINE_MAX 2046 /* octets of a command without CRLF */
#define SMTPD_TEXT_MAX 400  /* octets of a reply's text */
#define SMTPD_RECIPIENTS_MAX                                                   \
	1000                    /* where the plan says 0; 100 is the least     \
	                         * that RFC 5321 allows */
#define SMTPD_ERRORS_MAX 20     /* refused commands, where it says 0 */
#define SMTPD_COMMAND_MS 300000 /* wait for a command (4.5.3.2.7) */
#define SMTPD_DATA_MS    180000 /* wait for a block of a message */

/* What a command is answered. */
struct smtpd_answer {
	int code;
	char enhanced[ERR_ENHANCED_MAX];
	char text[SMTPD_TEXT_MAX]; /* control octets are sent as '?' */
};

void smtpd_answer(struct smtpd_answer *a, int code, const char *enhanced,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* What a recipient's sender wants to be told (RFC 3461, 4.1 and 4.2). */
struct smtpd_dsn {
	unsigned notify;   /* SMTPWISH_NEVER and so on; 0: nothing was said */
	const char *orcpt; /* "rfc822;a@b", xtext undone; or null */
};

/* A transaction as it stands. Everything lives until its end. */
struct smtpd_envelope {
	const char *helo;        /* what the client calls itself */
	bool lmtp, esmtp;        /* LHLO; EHLO or LHLO, not HELO */
	const char *sender;      /* local@domain; "" is <> */
	const char **recipients; /* accepted ones */
	size_t n;
	uint64_t size; /* declared, 0: not */
	bool eight_bit, utf8;
	bool binary;           /* BODY=BINARYMIME */
	const char *ret;       /* "FULL", "HDRS", or null */
	const char *envid;     /* xtext undone, or null */
	struct smtpd_dsn *dsn; /* beside each recipient */
	const char *user;      /* who logged in, or null */
	const struct tls *tls; /* null: in the clear */
};

/* The embedding code's decisions. An answer comes in as the positive one;
 * whoever refuses fills in another with smtpd_answer(). Any but login, write
 * and commit may be null. */
struct smtpd_calls {
	/* 1 right, 0 wrong, -1 cannot tell now. */
	int (*login)(void *arg, struct slice user, struct slice password);
	/* MAIL and RCPT. */
	void (*sender)(void *arg, const struct smtpd_envelope *env,
	    struct smtpd_answer *a);
	void (*recipient)(void *arg, const struct smtpd_envelope *env,
	    const char *address, struct smtpd_answer *a);
	/* DATA or the first BDAT: a message comes. */
	void (*begin)(void *arg, const struct smtpd_envelope *env,
	    struct smtpd_answer *a);
	/* The next octets of it, dots taken off, lines in CRLF; of a binary
	 * one anything at all. What goes wrong here is told by commit(). */
	void (*write)(void *arg, struct slice octets);
	/* It is whole: once this returns with a positive answer, the message
	 * is the embedding code's for good. LMTP: a[i] is that of recipient
	 * i; SMTP: a[0] alone. */
	void (*commit)(void *arg, const struct smtpd_envelope *env,
	    struct smtpd_answer *a);
	/* What began will not be committed. */
	void (*abort)(void *arg);
};

/* Zero means the default or "no" of each field but the two
 * descriptors. */
struct smtpd_plan {
	const struct smtpd_calls *calls;
	void *arg;
	const char *hostname;
	bool lmtp;
	const struct tls_cert *cert; /* null: no TLS */
	bool tls_at_once;            /* implicit TLS, not STARTTLS */
	bool auth;                   /* offered, over TLS */
	bool auth_required;          /* no mail without */
	bool binary; /* BINARYMIME is offered: write() takes any octets */
	bool dsn;    /* DSN is: the embedding code keeps what it promises */
	uint64_t size_max; /* octets of a message */
	size_t recipients_max;
	unsigned errors_max;
	int64_t command_ms, data_ms;
	int64_t session_ms; /* all of it; 0: no limit */
	int stop;           /* readable: end at the next command; -1: never */
	int break_off;      /* readable: end at once; -1: never */
	const struct trace *trace;
};

/* One session from the greeting on; the stream stays the caller's. 0 when it
 * ended in order (QUIT, the client left between messages, stopped), -1 with
 * why it was broken off. */
int smtpd_serve(struct stream *s, const struct smtpd_plan *plan, struct err *e);

#endif
