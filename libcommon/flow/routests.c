/* Policies of MTA-STS: from the cache, or from where they are published
 * (RFC 8461, 3.3 and 5.1).
 *
 *	cached-policy = id LF expiry LF policy      expiry: seconds since 1970
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/io.h"

#include "net/https.h"

#include "flow/route.h"

struct cached {
	struct slice id, policy;
	bool found, current;
};

static const char *
place(const struct route_plan *plan, const char *domain, struct arena *a)
{
	/* The domain is letters, digits, "-" and "." (text/idna). */
	return arena_fmt(a, "%s/%s", plan->sts_cache, domain);
}

static struct cached
recall(const struct route_plan *plan, const char *domain, struct arena *a)
{
	struct cached c = { .found = false };
	struct slice text, line;
	uint64_t expiry;
	struct buf b;

	if (!plan->sts_cache)
		return c;
	buf_init(&b, MTASTS_POLICY_MAX + 1024);
	if (io_read_file(place(plan, domain, a), &b, NULL) == 0) {
		text = slice_of(arena_copy(a, buf_view(&b)), b.n);
		c.found = slice_take_line(&text, &c.id, NULL) &&
		          slice_take_line(&text, &line, NULL) &&
		          slice_number(line, INT64_MAX, &expiry);
		c.policy = text;
		c.current = c.found && (int64_t)expiry > given_now(plan->given);
	}
	buf_free(&b);
	return c;
}

/* Whatever goes wrong here costs another fetch. */
static void
keep(const struct route_plan *plan, const char *domain, const char *id,
    const struct mtasts_policy *p, struct slice text, struct arena *a)
{
	struct buf b;

	if (!plan->sts_cache || p->max_age <= 0)
		return;
	(void)io_mkdir(plan->sts_cache, 0700, NULL);
	buf_init(&b, MTASTS_POLICY_MAX + 1024);
	buf_fmt(&b, "%s\n%lld\n", id,
	    (long long)(given_now(plan->given) + p->max_age));
	buf_slice(&b, text);
	if (!buf_over(&b))
		(void)io_replace(place(plan, domain, a), b.p, b.n, 0600, NULL);
	buf_free(&b);
}

/* RFC 8460, 4.3.2.2 */
static const char *
failure(enum https_outcome o)
{
	return o == HTTPS_CERT ? "sts-webpki-invalid"
	                       : "sts-policy-fetch-error";
}

static void
fetch(const struct route_plan *plan, const char *domain, const char *id,
    struct arena *a, struct route_sts *sts)
{
	struct https_want want = { .url = mtasts_url(domain, a),
		.ca_file = plan->sts_ca,
		.port = plan->sts_port,
		.max = MTASTS_POLICY_MAX,
		.timeout = ROUTE_STS_WAIT };
	struct https_reply reply;
	struct err e;

	if (https_get(plan->dns, &want, a, &reply, &e) < 0) {
		trace_say(plan->given->trace, "MTA-STS: %s", e.text);
		sts->failure = "sts-policy-fetch-error";
		return;
	}
	if (reply.outcome != HTTPS_GOT) {
		trace_say(plan->given->trace, "MTA-STS: %s", reply.why);
		sts->failure = failure(reply.outcome);
		return;
	}
	if (mtasts_policy_read(reply.body, &sts->policy) < 0) {
		trace_say(plan->given->trace,
		    "MTA-STS: the policy of '%s' is broken", domain);
		sts->failure = "sts-policy-invalid";
		return;
	}
	sts->found = true;
	keep(plan, domain, id, &sts->policy, reply.body, a);
}

void
route_sts(const struct route_plan *plan, const char *domain, struct arena *a,
    struct route_sts *sts)
{
	struct cached c = recall(plan, domain, a);
	struct mtasts_found record;

	*sts = (struct route_sts){ .found = false };
	if (mtasts_find(plan->dns, domain, a, &record, NULL) < 0)
		record.state = MTASTS_UNKNOWN;
	sts->unread = record.state == MTASTS_FOUND &&
	              !(c.current && slice_is(c.id, record.id));
	if (sts->unread && !plan->no_fetch) {
		sts->unread = false;
		fetch(plan, domain, record.id, a, sts);
	}
	/* A policy holds until its end, even if its record is gone or a newer
	 * one cannot be had (RFC 8461, 5.1). */
	if (!sts->found && c.current)
		sts->found = mtasts_policy_read(c.policy, &sts->policy) == 0;
	if (sts->found)
		trace_say(plan->given->trace, "MTA-STS: '%s' has mode %s",
		    domain, mtasts_mode_name(sts->policy.mode));
}
