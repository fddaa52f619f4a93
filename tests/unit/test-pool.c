/* Unit tests of base/pool.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/pool.h"

#include "tap.h"

#define JOBS 200

struct job {
	size_t number;
	bool worked;
};

struct seen {
	pthread_t caller;
	atomic_size_t worked, elsewhere; /* elsewhere: not by the caller */
	atomic_size_t waiting;           /* put and not handed out */
	size_t done, out_of_order, not_worked, by_others;
	size_t sum;
};

static void
work(void *p, void *arg)
{
	struct job *job = p;
	struct seen *seen = arg;

	if (!pthread_equal(pthread_self(), seen->caller))
		seen->elsewhere++;
	if (job->number % 7 == 0)
		usleep(1000);
	job->worked = true;
	seen->worked++;
}

static void
done(void *p, void *arg)
{
	struct job *job = p;
	struct seen *seen = arg;

	seen->out_of_order += job->number != seen->done;
	seen->not_worked += !job->worked;
	seen->by_others += !pthread_equal(pthread_self(), seen->caller);
	seen->sum += job->number;
	seen->done++;
	seen->waiting--;
}

static void
test_run(const char *name, size_t jobs, size_t waiting, bool unordered)
{
	struct job job[JOBS] = { 0 };
	struct seen seen = { .caller = pthread_self() };
	struct pool_plan plan = { .jobs = jobs,
		.waiting = waiting,
		.unordered = unordered,
		.work = work,
		.done = done,
		.arg = &seen };
	size_t most = 0;
	struct pool *p;
	struct err e;

	is_int(pool_new(&p, &plan, &e), 0, "%s", name);
	for (size_t i = 0; i < JOBS; i++) {
		job[i].number = i;
		seen.waiting++;
		pool_put(p, &job[i]);
		if (seen.waiting > most)
			most = seen.waiting;
	}
	pool_finish(p);
	is_int((int64_t)seen.done, JOBS, "all are done");
	is_int((int64_t)seen.sum, JOBS * (JOBS - 1) / 2, "each once");
	is_int((int64_t)seen.not_worked, 0, "after its work");
	is_int((int64_t)seen.by_others, 0, "handed to the caller");
	is_int((int64_t)seen.elsewhere, jobs > 1 ? JOBS : 0, "worked where");
	ok(most <= (jobs > 1 ? waiting : 0), "at most %zu wait", waiting);
	if (!unordered)
		is_int((int64_t)seen.out_of_order, 0, "in order");
	pool_put(p, &job[0]);
	pool_free(&p);
	is_int((int64_t)seen.done, JOBS + 1, "free finishes");
	ok(!p, "and forgets");
	pool_free(&p);
}

static void
test_limits(void)
{
	struct pool_plan plan = {
		.jobs = POOL_JOBS_MAX + 1, .work = work, .done = done
	};
	struct pool *p;
	struct err e;

	is_int(pool_new(&p, &plan, &e), -1, "too many threads");
	is_int(e.kind, ERR_USAGE, "is wrong usage");
	plan = (struct pool_plan){ .jobs = 2,
		.waiting = POOL_WAITING_MAX + 1,
		.work = work,
		.done = done };
	is_int(pool_new(&p, &plan, &e), -1, "too many waiting");
	is_str(e.text, "1000001 waiting are more than 1000000", "is told");
	plan = (struct pool_plan){ .jobs = 3, .work = work, .done = done };
	is_int(pool_new(&p, &plan, &e), 0, "nothing to do");
	pool_free(&p);
}

/* Done with a job: the next step of an input that pauses. */
static void
feed(void *p UNUSED, void *arg)
{
	struct seen *seen = arg;

	if (++seen->done == 2)
		is_int(write((int)seen->sum, "x", 1), 1, "input comes");
}

static void
rest(void *p UNUSED, void *arg UNUSED)
{
	usleep(20000);
}

static void
count_idle(void *arg)
{
	struct seen *seen = arg;

	seen->worked++;
}

/* Two results are handed out although nothing is put: the second one makes
 * the input ready. Without that it would not return. */
static void
test_until(bool unordered)
{
	struct seen seen = { .caller = pthread_self() };
	struct pool_plan plan = { .jobs = 2,
		.waiting = 8,
		.unordered = unordered,
		.work = rest,
		.done = feed,
		.idle = count_idle,
		.arg = &seen };
	struct job job[3] = { 0 };
	int in[2], stop[2];
	struct pool *p;
	struct err e;

	ok(pipe(in) == 0 && pipe(stop) == 0, "pipes");
	is_int(pool_new(&p, &plan, &e), 0, "a pool");
	seen.sum = (size_t)in[1];
	pool_put(p, &job[0]);
	pool_put(p, &job[1]);
	pool_until(p, in[0], stop[0]);
	is_int((int64_t)seen.done, 2, "handed out while the input pauses");
	ok(seen.worked > 0, "told before it waits");
	pool_put(p, &job[2]);
	pool_until(p, in[0], stop[0]);
	ok(seen.done >= 2, "the third is not waited for: there is input");
	is_int(write(stop[1], "x", 1), 1, "stop");
	pool_until(p, stop[1], stop[0]);
	pool_free(&p);
	is_int((int64_t)seen.done, 3, "the rest at the end");
	plan.jobs = 1;
	is_int(pool_new(&p, &plan, &e), 0, "one thread");
	pool_until(p, stop[1], -1);
	pool_free(&p);
	for (int i = 0; i < 2; i++) {
		close(in[i]);
		close(stop[i]);
	}
}

int
main(void)
{
	test_run("one", 1, 4, false);
	test_run("none is one", 0, 4, false);
	test_run("four in order", 4, 16, false);
	test_run("four, one waiting", 4, 1, false);
	test_run("four as they come", 4, 16, true);
	test_until(false);
	test_until(true);
	test_limits();
	return tap_done();
}
