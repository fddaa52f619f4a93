/* mcheckdns: what a run asks, and the lines it reads.
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
		.anchors = set->trust_anchor,
		.offline = s->offline,
		.rate = set->qps,
		.record = s->audits ? set->record : NULL,
		.given = &s->run->given };

	return s->dns ? 0 : dns_new(&s->dns, &c, e);
}

void
mcheckdns_idle(void *session)
{
	struct session *s = session;

	tool_flush(s->run);
}

/* Until there is something to read, or we are told to stop. */
static bool
hand_out(int fd, void *pool)
{
	pool_until(pool, fd, tool_stop_fd());
	return !tool_stopping();
}

int
mcheckdns_lines(struct session *s, struct pool *p, struct lines *l,
    int (*put)(struct session *s, struct pool *p, struct slice line,
	uint64_t number, struct err *e),
    struct err *e)
{
	struct slice line;
	int r = 0;

	l->max = MCHECKDNS_LINE;
	l->wait = hand_out;
	l->arg = p;
	while (!tool_stopping() && (r = lines_next(l, &line, e)) > 0)
		if (put(s, p, line, l->number, e) < 0) {
			r = -1;
			break;
		}
	lines_free(l);
	return r < 0 ? -1 : 0;
}
