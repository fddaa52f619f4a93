/* Fetching (see fetch.h): what IMAP and POP3 have in common.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "flow/fetch.h"
#include "flow/fetchimap.h"
#include "flow/fetchpop3.h"

#define PATH_ROOM 8192 /* octets of a path */

int
fetchrun_imap(
    const struct fetch_plan *plan, struct fetchrun_common *c, struct err *e)
{
	struct fetchsession s = { 0 };
	int ret = fetchimap_all(plan, c, &s, e);

	if (ret == 0)
		fetchsession_close(&s);
	else
		fetchsession_drop(&s);
	return ret;
}

int
fetchrun_pop3_box(
    const struct fetch_plan *plan, struct fetchrun_common *c, struct err *e)
{
	struct fetchrun r = {
		.plan = plan, .common = c, .target = plan->target
	};
	struct buf state, source;
	int ret = 0;

	buf_init(&state, PATH_ROOM);
	buf_init(&source, PATH_ROOM);
	if (plan->state) {
		buf_text(&state, plan->state);
	} else {
		buf_fmt(&source, "%s/INBOX%s", plan->source,
		    plan->headers_only ? " headers" : "");
		buf_fmt(&state, "%s/", plan->state_dir);
		ret =
		    fetchstate_name(buf_str(&source), plan->target, &state, e);
	}
	r.state_file = buf_str(&state);
	if (ret == 0)
		ret = fetchrun_begin_box(&r, e);
	if (ret == 0)
		ret = fetchpop3_box(&r, e);
	ret = fetchrun_end_box(&r, ret, e);
	buf_free(&state);
	buf_free(&source);
	return ret;
}

int
fetchrun_verdict(const struct fetchrun_common *c, struct err *e)
{
	const struct fetch_totals *t = c->totals;

	if (c->not_taken.kind) {
		*e = c->not_taken;
		return -1;
	}
	if (c->passed.kind)
		return err_set(e, c->passed.kind,
		    "a mailbox was passed over: %s", c->passed.text);
	if (t->passed_over > 0)
		return err_set(e, ERR_DATA, "%llu of %llu messages passed over",
		    (unsigned long long)t->passed_over,
		    (unsigned long long)t->wanted);
	return 0;
}

int
fetch_run(
    const struct fetch_plan *plan, struct fetch_totals *totals_r, struct err *e)
{
	struct fetchrun_common c = { .totals = totals_r };
	int ret;

	*totals_r = (struct fetch_totals){ 0 };
	pthread_mutex_init(&c.lock, NULL);
	if (plan->protocol == FETCH_IMAP)
		ret = fetchrun_imap(plan, &c, e);
	else
		ret = fetchrun_pop3_box(plan, &c, e);
	pthread_mutex_destroy(&c.lock);
	return ret < 0 ? -1 : fetchrun_verdict(&c, e);
}
