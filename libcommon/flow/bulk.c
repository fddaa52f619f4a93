/* Many messages over several connections (see bulk.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pthread.h>
#include <signal.h>

#include "base/mem.h"

#include "flow/bulk.h"

#define WAITING_MAX SMTP_WINDOW /* jobs a connection has in stock */

struct worker {
	struct bulk *bulk;
	pthread_t thread;
	bool runs;
};

struct bulk {
	const struct send_plan *plan;
	struct send *own; /* the one connection, or null */
	pthread_mutex_t lock;
	pthread_cond_t more, room, settled;
	struct bulk_job *head, **tail; /* not taken yet */
	size_t waiting, unsettled;
	bool ending;
	size_t n;
	struct worker worker[BULK_CONNECTIONS_MAX];
};

static void
on_settled(struct send_job *send)
{
	struct bulk_job *job = send->arg;
	struct bulk *b = job->bulk;

	job->settled(job);
	pthread_mutex_lock(&b->lock);
	if (--b->unsettled == 0)
		pthread_cond_broadcast(&b->settled);
	pthread_mutex_unlock(&b->lock);
}

/* The next job, or null: what was put shall be finished. Without either it
 * waits. */
static bool
next_job(struct bulk *b, bool busy, struct bulk_job **job_r)
{
	struct bulk_job *job;

	pthread_mutex_lock(&b->lock);
	while (!b->head && !b->ending && !busy)
		pthread_cond_wait(&b->more, &b->lock);
	job = b->head;
	if (job) {
		b->head = job->next;
		if (!b->head)
			b->tail = &b->head;
		b->waiting--;
		pthread_cond_signal(&b->room);
	}
	pthread_mutex_unlock(&b->lock);
	*job_r = job;
	return job || busy;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct bulk *b = w->bulk;
	struct send *s = send_new(b->plan);
	struct bulk_job *job;
	bool busy = false;

	while (next_job(b, busy, &job)) {
		if (job)
			send_put(s, &job->send);
		else
			send_finish(s);
		busy = job;
	}
	send_free(&s);
	return NULL;
}

static int
start(struct bulk *b, struct err *e)
{
	sigset_t all, old;
	int r = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (size_t i = 0; i < b->n && r == 0; i++) {
		struct worker *w = &b->worker[i];

		w->bulk = b;
		r = pthread_create(&w->thread, NULL, work, w);
		w->runs = r == 0;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r ? err_set(e, ERR_OS, "cannot start a thread") : 0;
}

int
bulk_new(const struct send_plan *plan, size_t connections, struct bulk **b_r,
    struct err *e)
{
	struct bulk *b;
	int r = 0;

	*b_r = NULL;
	if (connections > BULK_CONNECTIONS_MAX)
		return err_set(e, ERR_USAGE, "more than %d connections",
		    BULK_CONNECTIONS_MAX);
	b = mem_new(sizeof(*b));
	b->plan = plan;
	b->n = connections ? connections : 1;
	b->tail = &b->head;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->more, NULL);
	pthread_cond_init(&b->room, NULL);
	pthread_cond_init(&b->settled, NULL);
	if (b->n == 1)
		b->own = send_new(plan);
	else
		r = start(b, e);
	if (r < 0)
		bulk_free(&b);
	*b_r = b;
	return r;
}

void
bulk_put(struct bulk *b, struct bulk_job *job)
{
	job->bulk = b;
	job->next = NULL;
	job->send.settled = on_settled;
	job->send.arg = job;
	pthread_mutex_lock(&b->lock);
	b->unsettled++;
	if (!b->own) {
		while (b->waiting >= b->n * WAITING_MAX)
			pthread_cond_wait(&b->room, &b->lock);
		*b->tail = job;
		b->tail = &job->next;
		b->waiting++;
		pthread_cond_signal(&b->more);
	}
	pthread_mutex_unlock(&b->lock);
	if (b->own)
		send_put(b->own, &job->send);
}

void
bulk_finish(struct bulk *b)
{
	if (b->own) {
		send_finish(b->own);
		return;
	}
	pthread_mutex_lock(&b->lock);
	while (b->unsettled > 0)
		pthread_cond_wait(&b->settled, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

void
bulk_free(struct bulk **bp)
{
	struct bulk *b = *bp;

	if (!b)
		return;
	bulk_finish(b);
	pthread_mutex_lock(&b->lock);
	b->ending = true;
	pthread_cond_broadcast(&b->more);
	pthread_mutex_unlock(&b->lock);
	for (size_t i = 0; i < b->n; i++)
		if (b->worker[i].runs)
			pthread_join(b->worker[i].thread, NULL);
	send_free(&b->own);
	pthread_mutex_destroy(&b->lock);
	pthread_cond_destroy(&b->more);
	pthread_cond_destroy(&b->room);
	pthread_cond_destroy(&b->settled);
	mem_free(b);
	*bp = NULL;
}
