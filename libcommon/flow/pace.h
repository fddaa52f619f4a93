/* A rate that holds for all processes that share a file: so many messages in
 * so much time, evenly spaced, whoever sends them. In any stretch of time the
 * messages are at most the rate's and one more.
 *
 * The file holds when the next message may go, on the monotonic clock, which
 * all processes of a machine have in common; after a new start of the machine
 * it begins anew. A process that is killed while it waits leaves one place
 * unused.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_PACE_H
#define FLOW_PACE_H

#include "base/err.h"

struct pace {
	int fd;
	int64_t step; /* ns from one message to the next */
};

/* Reads "N/UNIT": 20/min, 5/s, 500/day, 100/10s. ERR_USAGE. *step_r is ns. */
int pace_read(const char *text, int64_t *step_r, struct err *e);

/* Opens or makes the file. */
int pace_open(const char *path, int64_t step, struct pace *p_r, struct err *e);

/* Takes the next place; *wait_r is the ns until it comes, not waited for. */
int pace_take(struct pace *p, int64_t *wait_r, struct err *e);

void pace_close(struct pace *p);

#endif
