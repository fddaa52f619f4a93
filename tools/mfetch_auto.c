/* mfetch auto:ADDRESS: the servers that a domain names, one after the other.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "mfetch.h"
#include "tool_discover.h"

static int
find_auto(struct mfetch_session *s, const char *text, struct err *e)
{
	struct dns_config c = { .zones = s->set->zones.v,
		.zone_count = s->set->zones.n,
		.resolver = s->set->resolver,
		.given = &s->run->given };
	struct discover_plan plan = { .kinds = DISCOVER_IMAP | DISCOVER_POP3,
		.ca_file = s->set->tls_ca,
		.https_port = (unsigned)s->set->https_port };
	struct discover *found = arena_new(&s->run->arena, sizeof(*found));
	struct slice own = slice_str(text);
	int r;

	if (dns_new(&plan.dns, &c, e) < 0)
		return -1;
	r = tool_discover(
	    s->run, text, s->set->user, ", or --user ADDRESS", &plan, found, e);
	dns_free(&plan.dns);
	if (r < 0)
		return -1;
	s->found = found;
	s->address = slice_take_prefix(&own, "auto:") ? own.p : s->set->user;
	return 0;
}

int
mfetch_auto(struct mfetch_session *s, const char **text, const char **user_r,
    struct err *e)
{
	*user_r = NULL;
	if (!tool_is_auto(*text))
		return 0;
	if (!s->found && find_auto(s, *text, e) < 0)
		return -1;
	*text = discover_url(&s->found->v[s->at], &s->run->arena);
	*user_r = s->found->v[s->at].user;
	return 0;
}

bool
mfetch_plan_next(struct mfetch_session *s)
{
	const struct discover *found = s->found;

	if (!found || s->at + 1 >= found->n ||
	    found->v[s->at + 1].kind != found->v[s->at].kind)
		return false;
	s->at++;
	mfetch_plan_free(s);
	s->plan = (struct fetch_plan){ .protocol = FETCH_IMAP };
	return true;
}
