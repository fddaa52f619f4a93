/* The loop of a tool that looks at messages one by one: in from the operands,
 * worked on by --jobs threads, out in order.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FILTER_H
#define FILTER_H

#include "store/source.h"

#include "tool.h"

/* One message on its way. */
struct filter_item {
	struct slice bytes;
	const struct io_map *map; /* that bytes lie in, or null */
	struct slice from_;       /* its mbox line, or empty */
	const char *path;
	uint64_t n;
	struct arena arena; /* lives as long as the item */
	struct buf made;    /* text the worker makes, to go out */
	struct err e;
	bool bad;     /* e says why; filter_run() tells it */
	void *result; /* the worker's, in the arena */
};

struct filter {
	struct tool_run *run;
	/* On a worker. Sets bad, with e, when the message is refused. */
	void (*work)(struct filter_item *i, void *arg);
	/* On the caller's thread, in order, unless bad. */
	void (*done)(struct filter_item *i, void *arg);
	void *arg;
	bool several; /* out: there may be more than one message */
};

/* Runs until the operands are used up or the run is to stop. Failures of
 * single messages are told and counted in; the others go on. */
void filter_run(struct filter *f);

/* A message for standard output, in two pieces: one raw, several, and what
 * came from an mbox, as mboxrd. For done(). */
void filter_put(struct filter *f, const struct filter_item *i,
    struct slice head, struct slice tail);

#endif
