/* mfetch: brings a mailbox here over IMAP or POP3, once each message.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>

#include "mfetch.h"

static const struct tool tool = {
	.name = "mfetch",
	.synopsis = "[option ...] URL",
	.purpose = "brings a mailbox here over IMAP or POP3, once each message",
	.options = mfetch_options,
	.settings_size = sizeof(struct mfetch_settings),
};

static int
fetch(struct mfetch_session *s, struct err *e)
{
	struct fetchwatch_plan watch = { .fetch = &s->plan,
		.interval = s->set->interval,
		.retries = s->set->retry,
		.news = mfetch_on_news,
		.arg = s };
	struct fetch_totals totals = { 0 };
	int ret;

	s->plan.want.roots = tls_roots_new(s->set->tls_ca);
	tls_roots_crl(s->plan.want.roots, s->set->tls_crl);
	if (s->set->list)
		return fetch_folders(&s->plan, mfetch_on_folder, e);
	if (s->set->peek)
		return fetch_peek(&s->plan, mfetch_on_look, e);
	if (s->set->idle)
		ret = fetch_watch(&watch, &totals, e);
	else if (s->set->retry)
		ret = fetch_retry(&watch, &totals, e);
	else
		ret = fetch_run(&s->plan, &totals, e);
	mfetch_clear(s);
	trace_say(&s->run->trace,
	    "%" PRIu64 " fetched of %" PRIu64 ", %" PRIu64 " octets",
	    totals.fetched, totals.wanted, totals.octets);
	return ret;
}

/* Of several servers that a domain names the first that can be used now. */
static int
run(struct mfetch_session *s, struct err *e)
{
	for (;;) {
		int ret = mfetch_plan(s, e);

		if (ret == 0)
			ret = fetch(s, e);
		if (ret == 0 || tool_stopping() ||
		    (e->kind != ERR_TEMP && e->kind != ERR_NOHOST) ||
		    !mfetch_plan_next(s))
			return ret;
		tool_warn(s->run, "%s; the next server is tried", e->text);
	}
}

int
main(int argc, char **argv)
{
	struct mfetch_settings set = { 0 };
	struct tool_run tool_run;
	struct mfetch_session s = { .run = &tool_run, .set = &set };
	struct err e;

	if (tool_begin(&tool_run, &tool, argc, argv, &set) < 0)
		return tool_end(&tool_run);
	if (set.all_accounts
		? mfetch_all_accounts(&tool_run, argc, argv, &e) < 0
		: run(&s, &e) < 0)
		tool_fail(&tool_run, &e);
	mfetch_plan_free(&s);
	return tool_end(&tool_run);
}
