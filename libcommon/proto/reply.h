/* Replies of SMTP and LMTP servers (RFC 5321 section 4.2), with enhanced
 * status codes (RFC 2034, 3463): one line goes in after the other, one reply
 * comes out.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_REPLY_H
#define PROTO_REPLY_H

#include "base/buf.h"
#include "base/err.h"

#define REPLY_LINE_MAX  2048  /* octets; RFC 5321, 4.5.3.1.5 asks for 512 */
#define REPLY_LINES_MAX 200   /* of one reply */
#define REPLY_TEXT_MAX  32768 /* octets of one reply's text */

struct reply {
	unsigned code;                   /* 200..599 */
	char enhanced[ERR_ENHANCED_MAX]; /* "5.1.1", or "" */
	struct buf text; /* the lines without codes, LF between them; NUL and
	                  * CR have become '?' */
	size_t lines;    /* private */
	bool done;       /* private */
};

void reply_init(struct reply *r);
void reply_free(struct reply *r);

/* One line without its line end. 1: the reply is whole, the next line begins
 * another; 0: more lines belong to it; -1 (ERR_PROTO): this is no reply, its
 * lines disagree about the code, or a limit is passed. */
int reply_add(struct reply *r, struct slice line, struct err *e);

static inline bool
reply_is_good(const struct reply *r)
{
	return r->code / 100 == 2;
}

/* What a refusal means as an exit status: 4yz is ERR_TEMP; 5yz ERR_NOPERM
 * when it is about the login, ERR_NOUSER when it is about the recipient's
 * address (5.1.x), else ERR_UNAVAILABLE; anything else ERR_PROTO. */
enum err_kind reply_kind(const struct reply *r);

/* The refusal as an error, "550 5.1.1 no such user" as its text (the first
 * line of it); always -1. */
int reply_refusal(const struct reply *r, struct err *e);

#endif
