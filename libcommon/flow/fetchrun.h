/* What the IMAP and the POP3 half of flow/fetch share; only they include it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHRUN_H
#define FLOW_FETCHRUN_H

#include "base/arena.h"

#include "crypt/digest.h"

#include "store/sink.h"

#include "net/stream.h"

#include "flow/fetchplan.h"
#include "flow/fetchstate.h"

/* A message that is in the group, not yet durable. */
struct fetchrun_taken {
	uint32_t uid;
	struct slice uidl;
	uint64_t size;
	const char *path;
	const char *fact; /* for the state (flow/fetchstate.h) */
};

struct fetchrun {
	const struct fetch_plan *plan;
	struct fetch_totals *totals;
	struct fetchstate *state;
	struct sink *sink;    /* null in a dry run */
	struct digest digest; /* of the message at hand */
	uint64_t size;        /* its octets so far */
	bool match;           /* by content: known ones are dropped */
	struct arena arena;   /* of the group */
	struct fetchrun_taken taken[SINK_GROUP];
	size_t ntaken;
	bool broken;          /* a commit failed */
	struct err not_taken; /* what commands said of messages */
};

/* Opens the target, with the state as its journal, and mends what a cut run
 * left there. */
int fetchrun_open_sink(struct fetchrun *r, struct err *e);

/* Connects, with TLS from the start where the plan says so. */
int fetchrun_connect(
    const struct fetch_plan *plan, struct stream **s_r, struct err *e);

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
	unsigned flags;
	int64_t date;
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

void fetchrun_remark(const struct fetchrun *r, const char *fmt, ...)
    PRINTF_LIKE(2, 3);

int fetchrun_folders(const struct fetch_plan *plan,
    void (*folder)(void *arg, const struct fetch_folder *f), struct err *e);
int fetchrun_imap(struct fetchrun *r, struct err *e);
int fetchrun_pop3(struct fetchrun *r, struct err *e);

#endif
