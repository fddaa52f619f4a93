/* Worker threads (see pool.h). One lock guards everything but the jobs, each
 * of which belongs to whoever has it at hand.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/pool.h"

#define WAITING_PER_JOB 4
#define WORTH_MAX       16 /* results that wait for the caller to wake */

/* A job on its way: free, then in todo, then done. Ordered results enter the
 * list of results with the job, unordered ones when it is done. */
struct task {
	void *job;
	bool done;
	struct task *next_todo, *next_result; /* or next free one */
};

struct pool {
	struct pool_plan plan;
	pthread_mutex_t lock;
	pthread_cond_t more_todo, more_done;
	struct task *tasks, *unused;
	struct task *todo, **todo_end;
	struct task *results, **results_end;
	size_t busy;  /* jobs put and not handed out */
	size_t ready; /* of them, those that are done */
	size_t idle;  /* workers that wait for a job */
	bool watched; /* the caller waits for results */
	bool polled;  /* the caller waits for results or input */
	int wake;     /* eventfd that tells it then */
	bool closing;
	pthread_t *threads;
	size_t running; /* of them */
};

static void
add_todo(struct pool *p, struct task *t)
{
	t->next_todo = NULL;
	*p->todo_end = t;
	p->todo_end = &t->next_todo;
}

static struct task *
take_todo(struct pool *p)
{
	struct task *t = p->todo;

	p->todo = t->next_todo;
	if (!p->todo)
		p->todo_end = &p->todo;
	return t;
}

static void
add_result(struct pool *p, struct task *t)
{
	t->next_result = NULL;
	*p->results_end = t;
	p->results_end = &t->next_result;
}

static struct task *
take_result(struct pool *p)
{
	struct task *t = p->results;

	p->results = t->next_result;
	if (!p->results)
		p->results_end = &p->results;
	return t;
}

/* Is it worth waking the caller? Not for each single result, while there is
 * enough to do. */
static bool
is_worth(const struct pool *p)
{
	if (!p->results || !p->results->done)
		return false;
	return !p->todo || p->ready >= WORTH_MAX ||
	       p->ready >= p->plan.waiting / 4;
}

/* The caller is about to wait; the lock is not held. */
static void
idle(struct pool *p)
{
	if (p->plan.idle)
		p->plan.idle(p->plan.arg);
}

static void
watch(struct pool *p)
{
	if (!is_worth(p)) {
		pthread_mutex_unlock(&p->lock);
		idle(p);
		pthread_mutex_lock(&p->lock);
	}
	p->watched = true;
	while (!is_worth(p))
		pthread_cond_wait(&p->more_done, &p->lock);
	p->watched = false;
}

/* A result is there: the caller that waits for it may go on. */
static void
tell(struct pool *p)
{
	if (p->watched && is_worth(p))
		pthread_cond_signal(&p->more_done);
	if (p->polled && p->results && p->results->done) {
		eventfd_write(p->wake, 1);
		p->polled = false;
	}
}

static void *
work(void *arg)
{
	struct pool *p = arg;
	struct task *t;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		p->idle++;
		while (!p->todo && !p->closing)
			pthread_cond_wait(&p->more_todo, &p->lock);
		p->idle--;
		if (!p->todo)
			break;
		t = take_todo(p);
		pthread_mutex_unlock(&p->lock);
		p->plan.work(t->job, p->plan.arg);
		pthread_mutex_lock(&p->lock);
		t->done = true;
		if (p->plan.unordered)
			add_result(p, t);
		p->ready++;
		tell(p);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Hands the next result out, the lock held before and after; false when there
 * is none yet. */
static bool
hand_out(struct pool *p)
{
	struct task *t;

	if (!p->results || !p->results->done)
		return false;
	t = take_result(p);
	p->ready--;
	pthread_mutex_unlock(&p->lock);
	p->plan.done(t->job, p->plan.arg);
	pthread_mutex_lock(&p->lock);
	t->next_todo = p->unused;
	p->unused = t;
	p->busy--;
	return true;
}

void
pool_put(struct pool *p, void *job)
{
	struct task *t;

	if (!p->running) {
		p->plan.work(job, p->plan.arg);
		p->plan.done(job, p->plan.arg);
		return;
	}
	pthread_mutex_lock(&p->lock);
	while (hand_out(p))
		continue;
	while (!p->unused) {
		watch(p);
		while (hand_out(p))
			continue;
	}
	t = p->unused;
	p->unused = t->next_todo;
	t->job = job;
	t->done = false;
	p->busy++;
	add_todo(p, t);
	if (!p->plan.unordered)
		add_result(p, t);
	if (p->idle)
		pthread_cond_signal(&p->more_todo);
	pthread_mutex_unlock(&p->lock);
}

void
pool_until(struct pool *p, int fd, int stop)
{
	struct pollfd f[] = { { fd, POLLIN, 0 }, { stop, POLLIN, 0 },
		{ p->wake, POLLIN, 0 } };
	eventfd_t told;
	bool ready;

	if (!p->running) {
		idle(p);
		return;
	}
	pthread_mutex_lock(&p->lock);
	do {
		while (hand_out(p))
			continue;
		p->polled = true;
		pthread_mutex_unlock(&p->lock);
		idle(p);
		if (poll(f, COUNT_OF(f), -1) < 0)
			ready = errno != EINTR;
		else
			ready = f[0].revents || f[1].revents;
		pthread_mutex_lock(&p->lock);
		p->polled = false;
		eventfd_read(p->wake, &told);
	} while (!ready);
	pthread_mutex_unlock(&p->lock);
}

void
pool_finish(struct pool *p)
{
	if (!p->running)
		return;
	pthread_mutex_lock(&p->lock);
	while (p->busy)
		if (!hand_out(p))
			watch(p);
	pthread_mutex_unlock(&p->lock);
}

/* Starts the threads with all signals blocked, so that they come to the
 * caller's thread. */
static int
start(struct pool *p, struct err *e)
{
	sigset_t all, before;
	int r = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (r == 0 && p->running < p->plan.jobs) {
		r = pthread_create(&p->threads[p->running], NULL, work, p);
		p->running += r == 0;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!r)
		return 0;
	errno = r;
	return err_sys(e, ERR_OS, "cannot start thread %zu of %zu",
	    p->running + 1, p->plan.jobs);
}

int
pool_new(struct pool **p_r, const struct pool_plan *plan, struct err *e)
{
	struct pool *p;

	*p_r = NULL;
	if (plan->jobs > POOL_JOBS_MAX)
		return err_set(e, ERR_USAGE, "%zu jobs are more than %d",
		    plan->jobs, POOL_JOBS_MAX);
	if (plan->waiting > POOL_WAITING_MAX)
		return err_set(e, ERR_USAGE, "%zu waiting are more than %d",
		    plan->waiting, POOL_WAITING_MAX);
	p = mem_new(sizeof(*p));
	p->plan = *plan;
	if (!p->plan.waiting)
		p->plan.waiting = plan->jobs * WAITING_PER_JOB;
	p->wake = -1;
	p->todo_end = &p->todo;
	p->results_end = &p->results;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more_todo, NULL);
	pthread_cond_init(&p->more_done, NULL);
	*p_r = p;
	if (plan->jobs <= 1)
		return 0;
	p->tasks = mem_array(p->plan.waiting, sizeof(*p->tasks));
	for (size_t i = 0; i < p->plan.waiting; i++) {
		p->tasks[i].next_todo = p->unused;
		p->unused = &p->tasks[i];
	}
	p->threads = mem_array(plan->jobs, sizeof(*p->threads));
	p->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->wake < 0)
		err_sys(e, ERR_OS, "cannot make an eventfd");
	else if (start(p, e) == 0)
		return 0;
	pool_free(p_r);
	return -1;
}

void
pool_free(struct pool **pool)
{
	struct pool *p = *pool;

	if (!p)
		return;
	pool_finish(p);
	pthread_mutex_lock(&p->lock);
	p->closing = true;
	pthread_cond_broadcast(&p->more_todo);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->running; i++)
		pthread_join(p->threads[i], NULL);
	if (p->wake >= 0)
		close(p->wake);
	pthread_cond_destroy(&p->more_done);
	pthread_cond_destroy(&p->more_todo);
	pthread_mutex_destroy(&p->lock);
	mem_free(p->threads);
	mem_free(p->tasks);
	mem_free(p);
	*pool = NULL;
}
