/* Fetching (see fetch.h): what IMAP and POP3 have in common.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"

#include "net/stream.h"

#include "proto/imap.h"

#include "flow/fetch.h"
#include "flow/fetchrun.h"

/* Whatever ended it: what came whole stays. A commit that failed is the next
 * run's to mend, so nothing is called done after it. */
static int
finish(struct fetchrun *r, int ret, struct err *e)
{
	struct err after;

	sink_abort(r->sink);
	if (!r->broken && fetchrun_commit(r, &after) == 0) {
		fetchstate_done(r->state);
		if (fetchstate_commit(r->state, &after) == 0)
			return ret;
	}
	if (ret == 0)
		*e = after;
	return -1;
}

static int
open_state(struct fetchrun *r, struct err *e)
{
	const struct fetch_plan *plan = r->plan;
	size_t damaged;

	if (fetchstate_open(plan->state, &r->state, e) < 0)
		return -1;
	damaged = fetchstate_damaged(r->state);
	if (damaged > 0)
		fetchrun_remark(r,
		    "'%s' has %zu damaged records: some messages may come "
		    "again",
		    plan->state, damaged);
	if (plan->dry_run)
		return 0;
	return fetchrun_open_sink(r, e);
}

static int
run(struct fetchrun *r, struct err *e)
{
	int ret;

	if (open_state(r, e) < 0)
		return -1;
	if (r->plan->protocol == FETCH_IMAP)
		ret = fetchrun_imap(r, e);
	else
		ret = fetchrun_pop3(r, e);
	return r->sink ? finish(r, ret, e) : ret;
}

int
fetch_run(
    const struct fetch_plan *plan, struct fetch_totals *totals_r, struct err *e)
{
	struct fetchrun r = { .plan = plan, .totals = totals_r };
	int ret;

	*totals_r = (struct fetch_totals){ 0 };
	ret = run(&r, e);
	digest_end(&r.digest, NULL);
	sink_free(&r.sink);
	fetchstate_free(&r.state);
	arena_free(&r.arena);
	if (ret == 0 && r.not_taken.kind) {
		*e = r.not_taken;
		return -1;
	}
	if (ret == 0 && totals_r->passed_over > 0)
		return err_set(e, ERR_DATA, "%llu of %llu messages passed over",
		    (unsigned long long)totals_r->passed_over,
		    (unsigned long long)totals_r->wanted);
	return ret;
}

int
fetch_folders(const struct fetch_plan *plan,
    void (*folder)(void *arg, const struct fetch_folder *f), struct err *e)
{
	return fetchrun_folders(plan, folder, e);
}
