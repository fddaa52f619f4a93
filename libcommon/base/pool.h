/* Worker threads with results in input order: straight-line blocking code per
 * job, and one thread (the caller's) that gives jobs in and takes results out.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/err.h"

#define POOL_JOBS_MAX    1024    /* threads */
#define POOL_WAITING_MAX 1000000 /* jobs taken in and not handed out */

struct pool;

struct pool_plan {
	size_t jobs;    /* threads; 1: everything runs on the caller's */
	size_t waiting; /* jobs taken in but not handed out, at most; 0: 4 a
	                 * thread */
	bool unordered; /* results as they come */
	/* Runs on a worker: does the job, leaves its result in it. */
	void (*work)(void *job, void *arg);
	/* Runs on the caller's thread, within pool_put(), pool_until() or
	 * pool_finish(), once for every job: prints, frees it. */
	void (*done)(void *job, void *arg);
	/* Likewise, before it waits with all that was ready handed out: to
	 * flush; may be null. */
	void (*idle)(void *arg);
	void *arg;
};

/* Signals stay with the caller's thread. More than the limits above is
 * ERR_USAGE; the plan is copied. */
int pool_new(struct pool **p_r, const struct pool_plan *plan, struct err *e);

/* Gives a job in; waits while the pool is full. */
void pool_put(struct pool *p, void *job);

/* Hands results out until fd can be read without waiting, or is at its end, or
 * stop can be read (-1: there is none): for an input that pauses. With one
 * thread nothing waits, and it returns at once. */
void pool_until(struct pool *p, int fd, int stop);

/* Waits until every job is done. */
void pool_finish(struct pool *p);

/* Finishes, then frees. */
void pool_free(struct pool **p);

#endif
