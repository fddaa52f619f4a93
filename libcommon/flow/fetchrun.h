/* What the IMAP and the POP3 half of flow/fetch share; only they include it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHRUN_H
#define FLOW_FETCHRUN_H

#include <pthread.h>

#include "base/arena.h"

#include "crypt/digest.h"

#include "store/sink.h"

#include "net/stream.h"

#include "proto/imapset.h"

#include "flow/fetchplan.h"
#include "flow/fetchstate.h"

/* A message that is in the group, not yet durable. */
struct fetchrun_taken {
	uint32_t uid;
	struct slice uidl;
	uint64_t size;
	const char *path;
	const char *fact; /* for the state (flow/fetchstate.h) */
	unsigned flags;
	const char *id, *labels; /* or null */
};

/* What the runs for all mailboxes of a plan share. */
struct fetchrun_common {
	pthread_mutex_t lock; /* around totals and the plan's functions */
	struct fetch_totals *totals;
	uint32_t login_delay; /* POP3: seconds that the server wants between
	                       * logins */
	struct err not_taken; /* the worst of what commands said */
	struct err passed;    /* of what ended a mailbox, not the run */
};

struct fetchrun {
	const struct fetch_plan *plan;
	struct fetchrun_common *common;
	const char *mailbox; /* or null */
	const char *target;  /* the plan's, or a folder of it */
	const char *state_file;
	struct fetchstate *state;
	uint64_t known;
	struct sink *sink;    /* null in a dry run */
	struct digest digest; /* of the message at hand */
	uint64_t size;        /* its octets so far */
	bool match;           /* by content: known ones are dropped */
	struct arena arena;   /* of the group */
	struct fetchrun_taken taken[SINK_GROUP];
	size_t ntaken;
	bool broken;            /* a commit failed */
	struct imapset durable; /* UIDs that came in this run, to mark */
};

/* Locks the state of the mailbox and opens the target, unless the run is dry.
 * fetchrun_end_box() frees all of it, after a last commit of what came whole:
 * ret and e are what the run has come to. */
int fetchrun_begin_box(struct fetchrun *r, struct err *e);
int fetchrun_end_box(struct fetchrun *r, int ret, struct err *e);

/* Connects, with TLS from the start where the plan says so. */
int fetchrun_connect(
    const struct fetch_plan *plan, struct stream **s_r, struct err *e);

/* Says so, when e is that of a greeting that did not come: -1. */
int fetchrun_no_greeting(const struct fetch_plan *plan, struct err *e);

/* Likewise a mailbox that is not there, and where to look: -1. */
int fetchrun_no_mailbox(struct err *e);

/* A password may go in the clear: the plan allows it and nobody else can
 * listen. */
bool fetchrun_clear(const struct fetch_plan *plan);

/* The most octets a message may have. */
uint64_t fetchrun_max(const struct fetchrun *r);

/* One message as it comes. */
int fetchrun_begin(struct fetchrun *r, struct err *e);
int fetchrun_write(struct fetchrun *r, struct slice part, struct err *e);
void fetchrun_abort(struct fetchrun *r);

/* What the message is called: one of uid, uidl, neither. */
struct fetchrun_name {
	uint32_t uid;
	struct slice uidl;
	const struct fetchstate_key *key; /* of the uidl */
	bool key_known;                   /* it came before */
	unsigned flags;
	bool has_flags;
	int64_t date;
	struct slice id, labels; /* or empty */
};

/* Takes it into the group, or drops it when its content is known: 1. 0 when a
 * command would not have it: it stays new. */
int fetchrun_end(
    struct fetchrun *r, const struct fetchrun_name *name, struct err *e);

/* Tells of a message that does not come. */
void fetchrun_pass(struct fetchrun *r, enum fetch_outcome outcome,
    const struct fetchrun_name *name, uint64_t size);

/* Commits the group, then tells of it. */
int fetchrun_commit(struct fetchrun *r, struct err *e);

/* One more of what is told in the totals. */
void fetchrun_count(const struct fetchrun *r, uint64_t *total, uint64_t n);

/* The flags as letters of a Maildir, in the order of the alphabet. */
void fetchrun_letters(unsigned flags, char out[8]);

/* Tells of something else that happened to a message. */
void fetchrun_tell(const struct fetchrun *r, const struct fetch_result *what);

void fetchrun_remark(const struct fetchrun *r, const char *fmt, ...)
    PRINTF_LIKE(2, 3);

int fetchrun_imap(
    const struct fetch_plan *plan, struct fetchrun_common *c, struct err *e);
int fetchrun_pop3_box(
    const struct fetch_plan *plan, struct fetchrun_common *c, struct err *e);

/* What was said of single messages and mailboxes, when all else went well. */
int fetchrun_verdict(const struct fetchrun_common *c, struct err *e);

#endif
