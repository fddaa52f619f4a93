/* The client's side of SMTP and LMTP sessions (RFC 5321, 2033) with STARTTLS
 * (3207), AUTH (4954), PIPELINING (2920), CHUNKING (3030), SIZE (1870),
 * BINARYMIME (3030), 8BITMIME (6152), SMTPUTF8 (6531) and enhanced status codes
 *(2034).
 *
 *	if (smtp_open(&plan, stream, &c, &stage, e) < 0)
 *		...
 *	r = smtp_send(c, &mail, results, &arena, e);      any number of times
 *	smtp_close(&c);
 *
 * or, for many messages without a wait for each, smtp_put() any number of
 * times and smtp_finish().
 *
 * The order of things is greeting, TLS, login, mail: nothing that was heard
 * before TLS is believed after it, no password goes out without TLS.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SMTP_H
#define PROTO_SMTP_H

#include "base/arena.h"
#include "base/trace.h"
#include "base/writer.h"

#include "net/stream.h"

#include "proto/sasl.h"
#include "proto/smtpcap.h"
#include "proto/smtpwish.h"

#define SMTP_COMMAND_MAX 512  /* octets, CRLF included (RFC 5321, 4.5.3.1.4) */
#define SMTP_GROUP_MAX   1000 /* commands without a reply at one time */

/* Messages on their way at one time, and their octets. */
#define SMTP_WINDOW        128
#define SMTP_WINDOW_OCTETS (1u << 20)
#define SMTP_EAGER_MAX                                                         \
	65536 /* octets sent before the envelope is known                      \
	       * to be accepted */

enum smtp_tls {
	SMTP_TLS_OFF,
	SMTP_TLS_MAY,   /* when offered, whoever answers */
	SMTP_TLS_MUST,  /* encrypted, whoever answers */
	SMTP_TLS_VERIFY /* by the host that was meant */
};

/* How the session is to be; all is borrowed until smtp_close(). */
struct smtp_plan {
	bool lmtp;
	bool implicit_tls; /* TLS from the first octet (RFC 8314) */
	enum smtp_tls tls;
	const struct tls_want *want; /* of the server; with tls off null */
	const char *helo;            /* name of this machine */
	const char *xclient;         /* "ADDR=192.0.2.1 NAME=x", or null */
	const char *proxy; /* "v1", "v2" (haproxy's header), or null */
	/* Null: no login. Its tls and certificate are the session's. */
	const struct sasl_login *login;
	int64_t deadline;   /* of the whole session (base/clock.h); each step
	                     * has the time of RFC 5321, 4.5.3.2 besides */
	bool no_pipelining; /* one command at a time */
	bool no_chunking;   /* DATA even where BDAT is offered */
	size_t window;      /* messages on their way; 0: SMTP_WINDOW */
	const struct trace *trace;
};

/* What the client was doing when the answer came. */
enum smtp_stage {
	SMTP_AT_CONNECT,
	SMTP_AT_GREETING,
	SMTP_AT_EHLO,
	SMTP_AT_STARTTLS,
	SMTP_AT_AUTH,
	SMTP_AT_MAIL,
	SMTP_AT_RCPT,
	SMTP_AT_DATA,
	SMTP_AT_CONTENT /* from 354 to the reply after the dot */
};

/* "connect", "greeting", ..., "content". */
const char *smtp_stage_name(enum smtp_stage stage);

enum smtp_outcome {
	SMTP_SENT,
	SMTP_TEMPORARY, /* not sent; trying again may help */
	SMTP_PERMANENT, /* not sent, and would not be */
	SMTP_UNCERTAIN  /* all of it went out, the reply never came: it may
	                 * have arrived, so it must not be sent again
	                 * (RFC 5321, 6.1; RFC 1047) */
};

/* "sent", "temporary", "permanent", "uncertain". */
const char *smtp_outcome_name(enum smtp_outcome outcome);

/* What became of one recipient. */
struct smtp_result {
	enum smtp_outcome outcome;
	enum smtp_stage stage;
	enum err_kind kind; /* exit status, ERR_OK when sent */
	unsigned code;      /* of the reply; 0: there was none */
	char
	    enhanced[ERR_ENHANCED_MAX]; /* of the reply or by RFC 5248, or "" */
	const char *text;               /* of the reply, or what is wrong */
};

/* A message and where it goes. Addresses stand without "<" and ">". */
struct smtp_mail {
	struct slice from; /* empty: the null sender */
	const struct slice *rcpt;
	size_t rcpts;

	/* Writes the message, lines ended by CRLF or LF, in pieces of any size,
	 * a binary one as it is; may be called again for another server. */
	int (*content)(void *arg, const struct writer *out, struct err *e);
	/* Makes content() write ASCII alone from now on, or, with seven false,
	 * again what it is; of *size_r octets. Null when that cannot be. */
	int (*to_7bit)(void *arg, bool seven, uint64_t *size_r, struct err *e);
	void *arg;
	uint64_t size;           /* octets it will be, with CRLF */
	bool binary;             /* any octets: for BINARYMIME (RFC 3030) */
	bool ascii;              /* proto/smtp's: to_7bit() was the last word */
	uint64_t eight_bit_line; /* the first line with an octet over 127; 0 */
	uint64_t utf8_line;      /* the first such line of the header; 0 */
	const struct smtp_wish *wish; /* null: none */
};

struct smtp;

/* Takes the connection (freed on failure too): greeting, EHLO, TLS, login.
 * *stage_r is how far it came. A refusal is in e->smtp and e->enhanced;
 * ERR_TEMP is worth trying again, ERR_PROTO the peer's fault, TLS included,
 * ERR_NOPERM a refused login. */
int smtp_open(const struct smtp_plan *plan, struct stream *s, struct smtp **c_r,
    enum smtp_stage *stage_r, struct err *e);

const struct smtp_caps *smtp_caps(const struct smtp *c);

/* The first line of the greeting; and the text of the reply to EHLO, lines
 * with LF between, of a session that has neither logged in nor sent. */
const char *smtp_greeting(const struct smtp *c);
struct slice smtp_offers(const struct smtp *c);

const struct tls *smtp_tls(const struct smtp *c);

/* A message on its way. All is the caller's and stays until settled() is
 * called, after which nothing here looks at it again. */
struct smtp_job {
	struct smtp_mail *mail;      /* to_7bit() changes it */
	struct smtp_result *results; /* of each recipient */
	struct arena *a;             /* for the texts of them */
	/* Every recipient has its result; may be null, may free the job. */
	void (*settled)(struct smtp_job *job);
	void *arg; /* for that */
	bool done; /* the same for those without the call */
	/* Its connection ended before the server had a look at it: it may be
	 * put again at once, on another one. */
	bool untouched;
};

/* Sends one message: fills results[0..rcpts-1] in any case, texts in a. 0:
 * the session is fit for another one. -1: it is not, and e says why.
 * Envelope and DATA go in one group, and one write, to a server that does
 * PIPELINING; with CHUNKING a message of at most SMTP_EAGER_MAX octets goes
 * with them. What it does not offer and the message needs is a permanent
 * result that says the way out, before anything is sent; 8-bit text is encoded
 * (to_7bit) where 8BITMIME is not offered, a binary body where BINARYMIME is
 * not. A bare CR, a NUL or
 * a line over EOL_LINE_MAX from content() ends the session without the dot. */
int smtp_send(struct smtp *c, const struct smtp_mail *mail,
    struct smtp_result *results, struct arena *a, struct err *e);

/* Puts a message on its way and returns before its replies are there: the
 * final dot goes in one group with the next envelope (RFC 2920, 3.1: one
 * round trip a message), or, with CHUNKING, messages follow each other without
 * any wait until the window is full. Replies are read while writing. Jobs are
 * settled in order, but for those that never reach the wire. 1: it is on its
 * way or settled. Otherwise the session is over and all that was on its way
 * is settled, as SMTP_UNCERTAIN when all of the message may have reached the
 * server; -1: so is this one; 0: nothing of it was sent, and it may be put
 * into another session. */
int smtp_put(struct smtp *c, struct smtp_job *job, struct err *e);

/* Sends what waits for company and takes all replies: every job is settled. */
int smtp_finish(struct smtp *c, struct err *e);

/* Did replies fail to match what was asked? Such a host is better asked one
 * thing at a time (no_pipelining). */
bool smtp_lost_count(const struct smtp *c);

/* Says QUIT, does not wait for what the server says to that, and frees. */
void smtp_close(struct smtp **c);

/* All recipients got the same answer, e. */
void smtp_results_of(struct smtp_result *results, size_t n,
    enum smtp_stage stage, const struct err *why, struct arena *a);

#endif
