/* The kinds of store/sink; only its parts include this.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STORE_SINKKIND_H
#define STORE_SINKKIND_H

#include "base/arena.h"
#include "base/buf.h"

#include "store/sink.h"

/* Null where there is nothing to do. */
struct sink_kind {
	const char *prefix; /* of the target */
	bool has_path;
	size_t group; /* messages */
	int (*open)(struct sink *s, struct err *e);
	void (*close)(struct sink *s);
	int (*begin)(struct sink *s, struct err *e);
	int (*write)(struct sink *s, struct slice lf, struct err *e);
	void (*abort)(struct sink *s);
	int (*end)(struct sink *s, const struct sink_note *note,
	    const char **path_r, struct err *e);
	int (*commit)(struct sink *s, struct err *e);
	int (*mend_begin)(struct sink *s, struct err *e);
	int (*in_place)(struct sink *s, const char *place, struct err *e);
	int (*mend_end)(struct sink *s, struct err *e);
};

extern const struct sink_kind sink_maildir, sink_eml, sink_mbox, sink_command,
    sink_stdout, sink_forward;

struct sink {
	struct sink_plan plan;
	const struct sink_kind *kind;
	const char *path; /* in the target */
	void *own;        /* of the kind */
	bool inside;      /* a message has begun */

	struct arena arena; /* of the group */
	size_t messages;    /* in the group */
	uint64_t octets;

	struct buf lf; /* a piece with its line ends undone */
	bool held_cr;
	uint64_t size; /* of the message so far */
};

static inline int
sink_next(struct sink *s, const char *const *places, struct err *e)
{
	const struct sink_log *log = &s->plan.log;

	return log->next ? log->next(log->arg, places, s->messages, e) : 0;
}

static inline int
sink_gone(struct sink *s, struct err *e)
{
	const struct sink_log *log = &s->plan.log;

	return log->gone ? log->gone(log->arg, s->messages, e) : 0;
}

#endif
