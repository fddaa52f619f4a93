/* mcheckdns: what a run asks.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "mcheckdns.h"

int
mcheckdns_dns(struct session *s, struct err *e)
{
	const struct settings *set = s->set;
	struct dns_config c = { .zones = set->zones.v,
		.zone_count = set->zones.n,
		.overlays = set->overlays.v,
		.overlay_count = set->overlays.n,
		.resolver = set->resolver,
		.timeout = set->common.timeout,
		.trust_ad = set->trust_ad,
		.offline = s->offline,
		.rate = set->qps,
		.record = s->audits ? set->record : NULL,
		.given = &s->run->given };

	return s->dns ? 0 : dns_new(&s->dns, &c, e);
}
