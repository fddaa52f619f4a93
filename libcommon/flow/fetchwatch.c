/* Watching mailboxes (see fetchwatch.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"

#include "flow/fetch.h"
#include "flow/fetchimap.h"
#include "flow/fetchwatch.h"

struct watch {
	const struct fetchwatch_plan *plan;
	const struct fetch_plan *fetch;
	struct fetchrun_common common; /* its totals are those of the round */
	struct fetch_totals round, *all;
	struct fetchsession session;
	uint64_t failed; /* sessions in a row */
};

static bool
is_stopped(const struct watch *w)
{
	return w->fetch->stopping && w->fetch->stopping(w->fetch->arg);
}

/* False when the time was cut short by the stop. */
static bool
sleep_for(const struct watch *w, int64_t ms)
{
	struct pollfd stop = { .fd = w->fetch->stop, .events = POLLIN };
	int64_t deadline = clock_deadline(ms);

	while (!is_stopped(w) && clock_left(deadline) > 0)
		if (poll(&stop, 1, clock_left(deadline)) < 0 && errno != EINTR)
			break;
	return !is_stopped(w);
}

static void
add_round(struct watch *w)
{
	const struct fetch_totals *r = &w->round;

	w->all->wanted += r->wanted;
	w->all->fetched += r->fetched;
	w->all->octets += r->octets;
	w->all->known += r->known;
	w->all->passed_over += r->passed_over;
	if (w->plan->news && r->fetched > 0)
		w->plan->news(w->plan->arg, r);
}

/* Fetches what is new. A bad message is told and passed over, once. */
static int
one_round(struct watch *w, struct err *e)
{
	int ret;

	w->round = (struct fetch_totals){ 0 };
	w->common.totals = &w->round;
	w->common.passed = w->common.not_taken = (struct err){ 0 };
	if (w->fetch->protocol == FETCH_IMAP)
		ret = fetchimap_all(w->fetch, &w->common, &w->session, e);
	else
		ret = fetchrun_pop3_box(w->fetch, &w->common, e);
	add_round(w);
	return ret;
}

/* What waiting may mend. */
static bool
may_pass(const struct err *e)
{
	return e->kind == ERR_TEMP || e->kind == ERR_NOHOST;
}

/* From a session's end to the next login. */
static int64_t
login_delay(const struct watch *w)
{
	return w->common.login_delay * 1000ll;
}

/* The next session after this many that failed; says until when. False when
 * there shall be none. */
static bool
wait_after(struct watch *w, const struct err *e)
{
	int64_t ms = FETCHWATCH_WAIT_MS;
	struct fetchrun r = { .plan = w->fetch, .common = &w->common };

	if (w->plan->retries > 0 && w->failed >= w->plan->retries)
		return false;
	for (uint64_t i = 0; i < w->failed && ms < FETCHWATCH_MOST_MS; i++)
		ms *= 2;
	w->failed++;
	if (ms > FETCHWATCH_MOST_MS)
		ms = FETCHWATCH_MOST_MS;
	if (ms < login_delay(w))
		ms = login_delay(w);
	fetchrun_remark(
	    &r, "%s; again in %lld s", e->text, (long long)(ms / 1000));
	return sleep_for(w, ms);
}

static int64_t
interval(const struct watch *w)
{
	int64_t ms = w->plan->interval ? w->plan->interval : FETCHWATCH_POLL_MS;

	return ms > login_delay(w) ? ms : login_delay(w);
}

/* The server tells of all mailboxes, from now on. */
static int
ask_notify(struct watch *w, bool *told_r, struct err *e)
{
	struct imap *m = w->session.imap;
	struct err why;

	*told_r = false;
	if (!imap_has(m, "NOTIFY"))
		return 0;
	*told_r = imap_notify(m, &why) == 0;
	if (*told_r || why.kind == ERR_UNAVAILABLE || why.kind == ERR_PROTO)
		return 0;
	*e = why;
	return -1;
}

/* By IDLE, as long as the server stands it, again and again; or only up to the
 * interval where that does not tell all there is. */
static int
idle(struct watch *w, struct err *e)
{
	struct imap *m = w->session.imap;
	unsigned quirks = imap_quirks(m, NULL);
	bool many = fetchfolders_many(w->fetch), told = true, look;
	int64_t ms =
	    quirks & IMAP_SHORT_IDLE ? FETCHWATCH_SHORT_MS : FETCHWATCH_IDLE_MS;
	int got;

	if (many && ask_notify(w, &told, e) < 0)
		return -1;
	look = !told || w->plan->interval || quirks & IMAP_FRESH_LOOK;
	if (look && interval(w) < ms)
		ms = interval(w);
	do
		got = imap_idle(m, ms, w->fetch->stop, e);
	while (got == 0 && !look && !is_stopped(w));
	return got;
}

/* Until there may be news: 0, -1. */
static int
wait_for_news(struct watch *w, struct err *e)
{
	struct imap *m = w->session.imap;

	if (m && (imap_has(m, "IDLE") || imap_has(m, "IMAP4rev2")))
		return idle(w, e) < 0 ? -1 : 0;
	sleep_for(w, interval(w));
	return m && !is_stopped(w) ? imap_noop(m, e) : 0;
}

/* Rounds over one session. */
static int
watch_session(struct watch *w, struct err *e)
{
	while (!is_stopped(w)) {
		if (one_round(w, e) < 0)
			return -1;
		w->failed = 0;
		if (wait_for_news(w, e) < 0)
			return -1;
	}
	return 0;
}

static int
run(struct watch *w, int (*session)(struct watch *w, struct err *e),
    struct err *e)
{
	int ret;

	pthread_mutex_init(&w->common.lock, NULL);
	for (;;) {
		struct err why;

		ret = session(w, &why);
		if (ret == 0 || is_stopped(w)) {
			fetchsession_close(&w->session);
			break;
		}
		fetchsession_drop(&w->session);
		if (!may_pass(&why) || !wait_after(w, &why)) {
			*e = why;
			break;
		}
	}
	pthread_mutex_destroy(&w->common.lock);
	return ret;
}

int
fetch_watch(const struct fetchwatch_plan *plan, struct fetch_totals *totals_r,
    struct err *e)
{
	struct watch w = {
		.plan = plan, .fetch = plan->fetch, .all = totals_r
	};

	*totals_r = (struct fetch_totals){ 0 };
	if (run(&w, watch_session, e) == 0 || is_stopped(&w))
		return 0;
	return -1;
}

int
fetch_retry(const struct fetchwatch_plan *plan, struct fetch_totals *totals_r,
    struct err *e)
{
	struct watch w = {
		.plan = plan, .fetch = plan->fetch, .all = totals_r
	};
	int ret;

	*totals_r = (struct fetch_totals){ 0 };
	ret = run(&w, one_round, e);
	if (ret < 0 && is_stopped(&w))
		return err_set(e, ERR_TEMP,
		    "stopped as asked; the next run goes on from here");
	w.common.totals = totals_r;
	return ret < 0 ? -1 : fetchrun_verdict(&w.common, e);
}
