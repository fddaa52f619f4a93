/* A session's state, its commands and replies: for the files of proto/smtp
 * only. An extension gets a file of its own on top of this.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SMTPWIRE_H
#define PROTO_SMTPWIRE_H

#include "proto/reply.h"
#include "proto/smtp.h"

struct smtp {
	const struct smtp_plan *plan;
	struct stream *stream;
	struct smtp_caps caps;
	struct reply reply;              /* the last one */
	char greeting[SMTP_COMMAND_MAX]; /* the first line of it */
	bool lost;       /* nothing more can be said on this connection */
	bool lost_count; /* replies do not match commands */
	bool in_mail;    /* an envelope is open: RSET comes before the next */
	struct smtptx *head, *tail; /* messages on their way, oldest first */
	size_t jobs;                /* how many */
	uint64_t octets;            /* of theirs */
	size_t open;                /* commands without a reply */
};

/* Puts one command into the group that the next smtpwire_reply() sends. Made
 * text must be clean of CR, LF and NUL; this is looked at. The second traces
 * shown in its stead: a secret. */
int smtpwire_put(struct smtp *c, struct slice command, struct err *e);
int smtpwire_put_secret(
    struct smtp *c, struct slice command, const char *shown, struct err *e);

/* Sends what was put and reads one reply into c->reply; at sets the time limit
 * and, with what, the words of errors. 0, or -1 when there is none (c->lost
 * is set then). A server that says 421 is lost, too, after this reply. */
int smtpwire_reply(struct smtp *c, enum smtp_stage at, struct err *e);

/* Writing has failed: the reply that explains it, if there is one by now. */
int smtpwire_last_words(struct smtp *c);

/* Nothing is asked: has the server said something all the same? A 421 is its
 * good-bye (ERR_TEMP), anything else ERR_PROTO and a lost count. */
int smtpwire_quiet(struct smtp *c, struct err *e);

/* A command and its reply. */
int smtpwire_ask(struct smtp *c, enum smtp_stage at, struct err *e,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* What is about to be written to the peer has the time of RFC 5321 for a
 * block of content. */
void smtpwire_block(struct smtp *c);

/* The rest of smtp_open(), in the files that know how. */
int smtpauth_login(struct smtp *c, struct err *e);
int smtpxclient_say(struct smtp *c, struct err *e);
int smtpxclient_proxy(struct smtp *c, struct err *e);

#endif
