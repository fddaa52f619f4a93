/* mbounce-parse: whether our key made the signature in what came back.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/verify.h"

#include "mbounce.h"

int
signed_open(struct tool_run *run, const struct settings *set, struct dns **d_r,
    struct err *e)
{
	struct dns_config c = { .zones = set->zones.v,
		.zone_count = set->zones.n,
		.timeout = set->common.timeout,
		.given = &run->given };

	*d_r = NULL;
	if (!set->zones.n)
		return 0;
	if (!set->my_domains.n)
		return err_set(e, ERR_USAGE,
		    "--zone holds the keys of which domain? give --my-domain");
	return dns_new(d_r, &c, e);
}

/* The header is enough: it has the body's hash, and what comes back is often
 * cut behind it. */
static enum ours_signed
judge(const struct item *i, const struct dkim_signature *s)
{
	if (s->header != DKIM_GOOD || !s->domain ||
	    !ours_is_below(slice_str(s->domain), i->set->my_domains.v,
		i->set->my_domains.n))
		return OURS_SIGNED_NOT;
	return s->body == DKIM_GOOD ? OURS_SIGNED_MESSAGE : OURS_SIGNED_HEADER;
}

enum ours_signed
signed_by_us(const struct item *i)
{
	struct verify_plan plan = { .dns = i->dns,
		.dkim = true,
		.now = given_now(&i->run->given),
		.policy = DKIM_POLICY_RFC,
		.trace = &i->run->trace };
	struct slice message =
	    i->r.returned.n ? i->r.returned : i->r.d.returned_header;
	enum ours_signed best = OURS_SIGNED_NOT;
	struct verify v;
	struct err e;

	if (!i->dns)
		return OURS_SIGNED_NOT_ASKED;
	while (slice_peek(message) == '\r' || slice_peek(message) == '\n')
		slice_get(&message);
	if (verify_message(&plan, message, NULL, i->arena, &v, &e) < 0)
		return OURS_SIGNED_NOT;
	for (size_t k = 0; k < v.dkim.count; k++) {
		enum ours_signed one = judge(i, &v.dkim.sig[k]);

		best = one > best ? one : best;
	}
	return best;
}
