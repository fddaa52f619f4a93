/* What looking at headers is in both protocols: one is gathered, then told.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHLOOK_H
#define FLOW_FETCHLOOK_H

#include "base/buf.h"
#include "base/err.h"

#include "flow/fetchplan.h"

#define FETCHLOOK_MAX (1u << 20) /* octets of one that is looked at */

/* The first member of what a taker has as its arg. */
struct fetchlook {
	const struct fetch_plan *plan;
	void (*look)(void *arg, const struct fetch_look *look);
	struct buf header;
};

void fetchlook_init(struct fetchlook *l, const struct fetch_plan *plan,
    void (*look)(void *arg, const struct fetch_look *look));
void fetchlook_free(struct fetchlook *l);

/* A taker's write: arg is the fetchlook. */
int fetchlook_write(void *arg, struct slice part, struct err *e);

/* Tells of the message whose header it has, or, look being null, drops it. -1:
 * it shall stop. */
int fetchlook_end(struct fetchlook *l, struct fetch_look *look, struct err *e);

#endif
