/* Many messages over several connections at one time: each connection is a
 * struct send on a thread of its own and takes the next message as soon as it
 * can. One connection runs on the caller's thread.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_BULK_H
#define FLOW_BULK_H

#include "flow/send.h"

#define BULK_CONNECTIONS_MAX 256

struct bulk;

/* As a send_job; settled() runs on any thread, several at one time. */
struct bulk_job {
	struct send_job send; /* mail, results and a are the caller's */
	void (*settled)(struct bulk_job *job); /* may free it */
	void *arg;
	struct bulk *bulk;     /* private */
	struct bulk_job *next; /* private */
};

/* The plan is borrowed until bulk_free(). More than BULK_CONNECTIONS_MAX is
 * ERR_USAGE. */
int bulk_new(const struct send_plan *plan, size_t connections,
    struct bulk **b_r, struct err *e);

/* Puts a message on its way; waits while there are many that are not. */
void bulk_put(struct bulk *b, struct bulk_job *job);

/* All that was put is settled. */
void bulk_finish(struct bulk *b);

/* Finishes, closes the connections, frees. */
void bulk_free(struct bulk **b);

#endif
