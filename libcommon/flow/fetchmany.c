/* All mailboxes of an IMAP account, each with its state and folder (see
 * fetchimap.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "base/io.h"
#include "base/pool.h"

#include "store/maildir.h"

#include "flow/fetchimap.h"
#include "flow/fetchplace.h"

#define PATH_ROOM 8192 /* octets of a path */
#define JOBS_MAX  32   /* connections to one server */

/* What the workers share: they take the next mailbox each. */
struct many {
	const struct fetch_plan *plan;
	struct fetchrun_common *common;
	const struct fetchfolders *folders;
	pthread_mutex_t lock;
	size_t next;
	bool failed; /* nobody goes on */
	struct err error;
};

/* A mailbox that fails is one less, as long as the session can go on: told,
 * and kept for the run's end. */
static bool
goes_on(const struct err *e)
{
	return e->kind == ERR_NOINPUT || e->kind == ERR_UNAVAILABLE ||
	       e->kind == ERR_DATA;
}

/* The folders above a mailbox's: those of DIR/A/B, or the Maildir that .A.B
 * belongs to. */
static int
make_above(const char *dir, size_t given, bool plain, struct err *e)
{
	char path[PATH_ROOM];
	size_t n = strlen(dir);

	if (n >= sizeof(path))
		return err_set(e, ERR_CANTCREAT, "path too long: '%s'", dir);
	memcpy(path, dir, n + 1);
	for (size_t i = given; i < n; i++) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		if (plain ? io_mkdir(path, 0700, e) < 0
			  : maildir_make(path, e) < 0)
			return -1;
		path[i] = '/';
	}
	return 0;
}

/* Only a Maildir has folders; elsewhere all mailboxes go to one place. */
static int
find_target(const struct fetch_plan *plan, const struct fetchfolders *all,
    const struct fetchfolder *f, struct buf *out, struct err *e)
{
	const char *dir;

	buf_text(out, plan->target);
	if (!fetchfolders_many(plan) ||
	    !slice_starts(slice_str(plan->target), "maildir:"))
		return 0;
	if (fetchplace_of(fetchfolders_own(all, f), f->separator,
		plan->plain_folders, out, e) < 0)
		return err_in(e, "mailbox '%s'", f->name);
	if (plan->dry_run)
		return 0;
	dir = strchr(buf_str(out), ':') + 1;
	return make_above(dir, strlen(plan->target) - strlen("maildir:"),
	    plan->plain_folders, e);
}

/* The source that names the state: mailbox, and what makes it another thing
 * that is fetched. */
static int
find_state(const struct fetch_plan *plan, const struct fetchfolder *f,
    struct buf *out, struct err *e)
{
	struct buf source;
	int ret;

	if (plan->state) {
		buf_text(out, plan->state);
		return 0;
	}
	buf_init(&source, PATH_ROOM);
	buf_fmt(&source, "%s/%s%s", plan->source, f->name,
	    plan->headers_only ? " headers" : "");
	buf_fmt(out, "%s/", plan->state_dir);
	ret = fetchstate_name(buf_str(&source), plan->target, out, e);
	buf_free(&source);
	return ret;
}

/* Over the session, or over one of its own, which is opened when state and
 * target are. */
static int
with_state(struct fetchrun *r, const struct fetchfolder *f,
    struct fetchsession *s, struct err *e)
{
	int ret = fetchrun_begin_box(r, e);

	if (ret == 0 && !s->imap)
		ret = fetchsession_open(r->plan, s, e);
	if (ret == 0)
		ret = fetchimap_box(r, s->imap, &f->box, e);
	return fetchrun_end_box(r, ret, e);
}

static int
fetch_one(struct many *w, struct fetchsession *s, const struct fetchfolder *f,
    struct err *e)
{
	const struct fetch_plan *plan = w->plan;
	struct fetchrun_common *c = w->common;
	struct fetchrun r = { .plan = plan, .common = c, .mailbox = f->name };
	struct buf target, state;
	int ret = -1;

	buf_init(&target, PATH_ROOM);
	buf_init(&state, PATH_ROOM);
	if (find_target(plan, w->folders, f, &target, e) == 0 &&
	    find_state(plan, f, &state, e) == 0) {
		r.target = buf_str(&target);
		r.state_file = buf_str(&state);
		ret = with_state(&r, f, s, e);
	}
	buf_free(&target);
	buf_free(&state);
	if (ret == 0 || !goes_on(e) || !fetchfolders_many(plan))
		return ret;
	fetchrun_remark(&r, "'%s': %s", f->name, e->text);
	c->passed = *e;
	return 0;
}

/* The next mailbox, or null. */
static const struct fetchfolder *
next(struct many *w)
{
	const struct fetchfolder *f = NULL;

	pthread_mutex_lock(&w->lock);
	if (!w->failed && w->next < w->folders->n)
		f = &w->folders->v[w->next++];
	pthread_mutex_unlock(&w->lock);
	return f;
}

static void
fail(struct many *w, const struct err *e)
{
	pthread_mutex_lock(&w->lock);
	if (!w->failed)
		w->error = *e;
	w->failed = true;
	pthread_mutex_unlock(&w->lock);
}

static void
over_session(struct many *w, struct fetchsession *s)
{
	const struct fetchfolder *f;
	struct err e;

	while ((f = next(w)))
		if (fetch_one(w, s, f, &e) < 0)
			fail(w, &e);
}

/* A worker: the first has the session that is open, the others their own. */
static void
work(void *job, void *arg)
{
	struct fetchsession *s = job, own = { 0 };
	struct many *w = arg;
	struct err e;

	if (s->imap) {
		over_session(w, s);
	} else if (fetchsession_open(w->plan, &own, &e) < 0) {
		/* servers allow only so many: the others go on */
		trace_say(
		    w->plan->given->trace, "one connection less: %s", e.text);
	} else {
		over_session(w, &own);
		fetchsession_close(&own);
	}
}

static void
done(void *job, void *arg)
{
	(void)job;
	(void)arg;
}

/* Places that are not a folder each take one writer at a time. */
static size_t
count_jobs(const struct many *w)
{
	size_t jobs = w->plan->jobs ? w->plan->jobs : 1;

	if (!slice_starts(slice_str(w->plan->target), "maildir:") &&
	    !w->plan->dry_run)
		return 1;
	jobs = size_min(jobs, JOBS_MAX);
	return size_min(jobs, w->folders->n);
}

static int
over_many(struct many *w, struct fetchsession *s, size_t jobs, struct err *e)
{
	struct pool_plan plan = { .jobs = jobs,
		.waiting = JOBS_MAX,
		.work = work,
		.done = done,
		.arg = w };
	struct fetchsession none = { 0 };
	struct pool *pool;

	if (pool_new(&pool, &plan, e) < 0)
		return -1;
	pool_put(pool, s);
	for (size_t i = 1; i < jobs; i++)
		pool_put(pool, &none);
	pool_free(&pool);
	return 0;
}

static int
fetch_many(struct many *w, struct fetchsession *s, struct err *e)
{
	size_t jobs = count_jobs(w);

	if (w->plan->state && w->folders->n > 1)
		return err_set(e, ERR_USAGE,
		    "--state names one file, and %zu mailboxes are fetched",
		    w->folders->n);
	pthread_mutex_init(&w->lock, NULL);
	if (jobs <= 1)
		over_session(w, s);
	else if (over_many(w, s, jobs, &w->error) < 0)
		w->failed = true;
	pthread_mutex_destroy(&w->lock);
	if (!w->failed)
		return 0;
	*e = w->error;
	return -1;
}

int
fetchimap_all(const struct fetch_plan *plan, struct fetchrun_common *c,
    struct fetchsession *s, struct err *e)
{
	struct fetchfolders folders = { 0 };
	struct many w = { .plan = plan, .common = c, .folders = &folders };
	int ret = 0;

	if (fetchfolders_many(plan) && !s->imap)
		ret = fetchsession_open(plan, s, e);
	if (ret == 0)
		ret = fetchfolders_find(plan, s->imap, false, &folders, e);
	if (ret == 0)
		ret = fetch_many(&w, s, e);
	fetchfolders_free(&folders);
	return ret;
}
