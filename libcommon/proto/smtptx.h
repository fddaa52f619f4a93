/* Messages on their way and the replies they wait for: for the files of
 * proto/smtp only.
 *
 * Each message has the same row of replies: to RSET where there was one, to
 * MAIL, to each RCPT, to DATA, and to its content. Commands are counted as
 * they are put and replies as they are read, so that each reply is known to
 * belong to one command of one message (RFC 2920, 3.1).
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SMTPTX_H
#define PROTO_SMTPTX_H

#include "proto/smtpwire.h"

/* What a recipient waits for. */
enum smtptx_state {
	SMTPTX_OPEN,     /* nothing is known */
	SMTPTX_ACCEPTED, /* RCPT was */
	SMTPTX_SETTLED   /* the result is there */
};

struct smtptx {
	struct smtptx *next;
	struct smtp_job *job;
	enum smtptx_state *state; /* of each recipient */
	size_t *slot;             /* recipient of the first, second, ... RCPT */
	size_t slots;
	bool utf8; /* an address needs SMTPUTF8 */
	/* what was put */
	bool reset, data, content;
	size_t mails, rcpts;
	bool closed; /* nothing more will be */
	/* what came back */
	size_t answered; /* replies but those to content */
	size_t verdicts; /* those */
	size_t accepted; /* recipients */
	bool mail_refused, data_accepted;
};

/* A transaction for the job, not in the row yet; freed with the job's arena
 * or, when it is in the row, not to be touched once it may be settled. */
struct smtptx *smtptx_new(struct smtp_job *job);

/* Puts it into the row. */
void smtptx_add(struct smtp *c, struct smtptx *t);

/* A result for one recipient; for all who have none. */
void smtptx_settle(struct smtptx *t, size_t rcpt, const struct smtp_result *r);
void smtptx_settle_all(
    struct smtptx *t, enum smtp_stage stage, const struct err *why);

/* Nothing more will be put: it leaves the row once all replies are there, its
 * job is settled then. */
void smtptx_close(struct smtp *c, struct smtptx *t);

/* Tells the job that it is settled. */
void smtptx_done(struct smtptx *t);

/* Flushes, reads the next reply and counts it in. */
int smtptx_take(struct smtp *c, struct err *e);

/* The connection is of no more use, e says why: takes what was said before its
 * end and settles all that is in the row. Always -1. */
int smtptx_abandon(struct smtp *c, struct err *e);

/* An error as a result. */
struct smtp_result smtptx_result(
    enum smtp_stage stage, const struct err *why, struct arena *a);

#endif
