/* Where a domain's mail goes (see route.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#include "text/idna.h"

#include "net/dial.h"

#include "flow/route.h"

#define MX_MAX 100 /* of one domain, looked at */

/* A host of the domain, in the making. */
struct candidate {
	const char *name;
	unsigned preference;
	uint32_t lot; /* equal preferences: at random (RFC 5321, 5.1) */
};

struct work {
	const struct route_plan *plan;
	struct arena *a;
	struct route *route;
	bool secure; /* the MX, or that there is none */
	struct candidate list[MX_MAX];
	size_t n;
	bool waiting;   /* something could not be asked: later it may */
	struct err why; /* why the last host was passed over */
};

static int answer(struct err *e, enum err_kind kind, const char *enhanced,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

static int
answer(struct err *e, enum err_kind kind, const char *enhanced, const char *fmt,
    ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(e, kind, "%s", text);
	if (e)
		snprintf(e->enhanced, sizeof(e->enhanced), "%s", enhanced);
	return -1;
}

static int
compare(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	if (a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	return (a->lot > b->lot) - (a->lot < b->lot);
}

static void
add_candidate(struct work *w, const char *name, unsigned preference)
{
	struct candidate *c = &w->list[w->n++];

	*c = (struct candidate){ .name = name, .preference = preference };
	w->plan->given->random(&c->lot, sizeof(c->lot));
}

/* The MX records; the domain itself where there is none (RFC 5321, 5.1). */
static int
find_mx(struct work *w, struct err *e)
{
	const char *domain = w->route->domain;
	struct dns_answer mx;

	if (dns_query(w->plan->dns, domain, DNS_MX, w->a, &mx, e) < 0)
		return -1;
	w->secure = mx.secure;
	if (dns_unknown(mx.status))
		return answer(e, ERR_TEMP, "4.4.3",
		    "the mail servers of '%s' cannot be asked for now", domain);
	if (mx.status == DNS_NXDOMAIN)
		return answer(
		    e, ERR_NOHOST, "5.1.2", "there is no domain '%s'", domain);
	for (size_t i = 0; i < mx.count && w->n < MX_MAX; i++) {
		const char *name = mx.records[i].mx.name;

		if (name[0] && strcmp(name, ".") != 0)
			add_candidate(w, name, mx.records[i].mx.preference);
		else if (mx.count == 1)
			return answer(e, ERR_NOUSER, "5.1.10",
			    "'%s' takes no mail (null MX)", domain);
	}
	if (mx.count == 0)
		add_candidate(w, domain, 0);
	qsort(w->list, w->n, sizeof(w->list[0]), compare);
	return 0;
}

/* IPv6 and IPv4 by turns (RFC 8305, 4). */
static size_t
take_addresses(const struct dns_question q[2], uint16_t port,
    struct dial_addr addr_r[DIAL_ADDR_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < DIAL_ADDR_MAX; i++)
		for (size_t k = 0; k < 2; k++)
			if (i < q[k].answer.count && n < DIAL_ADDR_MAX)
				dial_addr_of(&addr_r[n++],
				    &q[k].answer.records[i].ip, port);
	return n;
}

/* 1: it has addresses; 0: it is passed over, w->why says why; -1. */
static int
find_addresses(
    struct work *w, const char *host, struct route_host *h, struct err *e)
{
	struct dns_question q[2] = { { .name = host, .type = DNS_AAAA },
		{ .name = host, .type = DNS_A } };
	struct dial_addr *addr =
	    arena_array(w->a, DIAL_ADDR_MAX, sizeof(*addr));

	if (dns_query_all(w->plan->dns, q, 2, w->a, e) < 0)
		return -1;
	h->peer.addr = addr;
	h->peer.addr_count = take_addresses(q, w->plan->port, addr);
	if (h->peer.addr_count > 0)
		return 1;
	if (dns_unknown(q[0].answer.status) ||
	    dns_unknown(q[1].answer.status)) {
		w->waiting = true;
		answer(&w->why, ERR_TEMP, "4.4.3",
		    "the address of '%s' cannot be asked for now", host);
	} else {
		answer(
		    &w->why, ERR_NOHOST, "5.4.4", "'%s' has no address", host);
	}
	return 0;
}

static bool
is_level(const struct route_plan *p, const char *level)
{
	return slice_is(slice_str(p->tls ? p->tls : "auto"), level);
}

/* The peer's chain by its TLSA records. */
static int
check_dane(void *arg, const struct slice *chain, size_t n, struct err *e)
{
	const struct route_host *h = arg;
	struct cert *certs[CERT_CHAIN_MAX];
	struct dane_check check = { .chain = (const struct cert *const *)certs,
		.names = h->names,
		.name_count = h->name_count,
		.smtp = true,
		.at = h->now };
	struct dane_verdict v;

	while (
	    check.chain_n < n && check.chain_n < CERT_CHAIN_MAX &&
	    cert_read(&certs[check.chain_n], chain[check.chain_n], NULL) == 0)
		check.chain_n++;
	if (check.chain_n > 0)
		dane_verify(&h->dane, &check, &v);
	for (size_t i = 0; i < check.chain_n; i++)
		cert_free(&certs[i]);
	if (check.chain_n > 0 && v.outcome == DANE_VERIFIED)
		return 0;
	return err_set(e, ERR_TEMP,
	    "DANE: the certificate of '%s' is not the one its TLSA records "
	    "name%s%s",
	    h->names[0], check.chain_n ? ": " : "", check.chain_n ? v.why : "");
}

/* Nobody said anything about DNSSEC; a failure of the server is how resolvers
 * mostly tell that it is broken. */
static bool
no_answer(enum dns_status s)
{
	return s == DNS_TIMEOUT || s == DNS_REFUSED;
}

/* What DANE says of the host: 1 it decides, 0 it does not, -1 the host is not
 * to be used. */
static int
apply_dane(struct work *w, struct account_server *server, struct route_host *h)
{
	const char *host = server->target.host;
	struct err e;

	if (dane_find(w->plan->dns, host, w->plan->port, true, w->a, &h->dane,
		&e) < 0)
		return 0;
	switch (h->dane.state) {
	case DANE_ABSENT:
		return 0;
	case DANE_DEFER:
		w->waiting = true;
		w->route->failure = no_answer(h->dane.status)
		                        ? "validation-failure"
		                        : "dnssec-invalid";
		answer(&w->why, ERR_TEMP, "4.7.5",
		    "the TLSA records of '%s' cannot be asked for now", host);
		return -1;
	case DANE_UNUSABLE:
		server->tls = SMTP_TLS_MUST;
		h->peer.policy = "dane";
		h->peer.opportunistic = false;
		h->peer.failure = "tlsa-invalid";
		return 1;
	case DANE_USABLE:
		break;
	}
	server->tls = SMTP_TLS_MUST;
	h->peer.policy = "dane";
	h->peer.opportunistic = false;
	h->peer.check = check_dane;
	h->peer.arg = h;
	h->peer.tls_name = h->dane.base;
	h->now = given_now(w->plan->given);
	h->names[h->name_count++] = h->dane.base;
	if (!dns_name_equal(host, h->dane.base))
		h->names[h->name_count++] = host;
	if (w->route->domain && !dns_name_equal(host, w->route->domain))
		h->names[h->name_count++] = w->route->domain;
	return 1;
}

/* MTA-STS: 0 it may be used, -1 it is none of the policy's hosts. */
static int
apply_sts(struct work *w, struct account_server *server, struct route_host *h)
{
	const struct route_sts *sts = &w->route->sts;
	bool enforce = sts->policy.mode == MTASTS_ENFORCE;

	h->peer.failure = sts->failure;
	h->peer.unread = sts->unread;
	if (!sts->found || (!enforce && sts->policy.mode != MTASTS_TESTING))
		return 0;
	if (!enforce) {
		h->peer.testing = "sts";
		if (!mtasts_match(&sts->policy, server->target.host))
			h->peer.failure = "validation-failure";
		return 0;
	}
	if (!mtasts_match(&sts->policy, server->target.host)) {
		w->waiting = true;
		w->route->failure = "validation-failure";
		answer(&w->why, ERR_TEMP, "4.7.5",
		    "MTA-STS: '%s' is none of the hosts that the policy names",
		    server->target.host);
		return -1;
	}
	server->tls = SMTP_TLS_VERIFY;
	h->peer.policy = "sts";
	h->peer.opportunistic = false;
	return 0;
}

/* 0: as the level and what was found demand; -1: not to be used. */
static int
apply_policy(
    struct work *w, struct account_server *server, struct route_host *h)
{
	const struct route_plan *p = w->plan;
	bool any = is_level(p, "auto");
	int r;

	server->tls = SMTP_TLS_MAY;
	h->peer.opportunistic = true;
	if (any || is_level(p, "dane")) {
		r = w->secure ? apply_dane(w, server, h) : 0;
		if (r != 0)
			return r < 0 ? -1 : 0;
		if (!any) {
			w->route->failure = "dane-required";
			return answer(&w->why, ERR_TEMP, "4.7.5",
			    "'%s' has no TLSA records that DNSSEC vouches for "
			    "(--tls=dane)",
			    server->target.host);
		}
	}
	if (any || is_level(p, "sts"))
		return apply_sts(w, server, h);
	h->peer.opportunistic = is_level(p, "may");
	server->tls = is_level(p, "off")    ? SMTP_TLS_OFF
	              : is_level(p, "may")  ? SMTP_TLS_MAY
	              : is_level(p, "must") ? SMTP_TLS_MUST
	                                    : SMTP_TLS_VERIFY;
	return 0;
}

static void
name_server(struct account_server *server, const char *host, uint16_t port)
{
	*server = (struct account_server){ .tls = SMTP_TLS_MAY };
	snprintf(server->target.host, sizeof(server->target.host), "%s", host);
	server->target.port = port;
	dial_text(&server->target, server->text);
}

static int
add_host(struct work *w, const char *host, struct err *e)
{
	struct route *route = w->route;
	struct account_server *server = &route->servers[route->n];
	struct route_host *h = &route->hosts[route->n];
	int r;

	*h = (struct route_host){ .name_count = 0 };
	name_server(server, host, w->plan->port);
	server->peer = &h->peer;
	r = find_addresses(w, host, h, e);
	if (r < 0)
		return -1;
	if (r > 0 && apply_policy(w, server, h) == 0)
		route->n++;
	else
		trace_say(w->plan->given->trace, "%s", w->why.text);
	return 0;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" (RFC 5321, 4.1.3). */
static int
add_literal(struct work *w, struct slice domain, struct err *e)
{
	struct account_server *server = &w->route->servers[0];
	struct route_host *h = &w->route->hosts[0];
	struct dial_addr *addr = arena_new(w->a, sizeof(*addr));
	char text[IP_TEXT_MAX];
	struct ip ip;

	slice_take_prefix(&domain, "[");
	domain.n -= domain.n > 0;
	slice_take_prefix_nocase(&domain, "IPv6:");
	if (!ip_read(domain, &ip))
		return answer(e, ERR_NOHOST, "5.1.2", "'[%s]' is no address",
		    arena_fmt(w->a, "%.*s", SLICE_ARG(domain)));
	ip_write(&ip, text);
	name_server(server, text, w->plan->port);
	dial_addr_of(addr, &ip, w->plan->port);
	h->peer.addr = addr;
	h->peer.addr_count = 1;
	server->peer = &h->peer;
	w->secure = false;
	if (apply_policy(w, server, h) < 0) {
		*e = w->why;
		return -1;
	}
	w->route->n = 1;
	return 0;
}

/* No host was left: the reason of the last one, but one that may pass counts
 * more. */
static int
nobody(const struct work *w, struct err *e)
{
	if (w->waiting && w->why.kind != ERR_TEMP)
		return answer(e, ERR_TEMP, "4.4.3",
		    "no mail server of '%s' can be used now", w->route->domain);
	if (e)
		*e = w->why;
	return -1;
}

static int
find(struct work *w, struct slice domain, struct err *e)
{
	struct route *route = w->route;
	struct slice name;

	if (slice_peek(domain) == '[')
		return add_literal(w, domain, e);
	if (idna_to_ascii(domain, w->a, &name, e) < 0) {
		if (e)
			e->kind = ERR_NOHOST;
		return -1;
	}
	route->domain = name.p;
	if (find_mx(w, e) < 0)
		return -1;
	if (is_level(w->plan, "auto") || is_level(w->plan, "sts"))
		route_sts(w->plan, route->domain, w->a, &route->sts);
	route->failure = route->sts.failure;
	if (is_level(w->plan, "sts") && !route->sts.found && !route->sts.unread)
		return answer(e, ERR_TEMP, "4.7.5",
		    "'%s' has no policy of MTA-STS (--tls=sts)", route->domain);
	for (size_t i = 0; i < w->n && route->n < ROUTE_HOSTS_MAX; i++)
		if (add_host(w, w->list[i].name, e) < 0)
			return -1;
	return route->n > 0 ? 0 : nobody(w, e);
}

int
route_find(const struct route_plan *plan, struct slice domain, struct arena *a,
    struct route *r, struct err *e)
{
	struct route_plan p = *plan;
	struct work *w = mem_new(sizeof(*w));
	int ret;

	if (p.port == 0)
		p.port = ROUTE_PORT;
	*r = (struct route){ .n = 0 };
	*w = (struct work){ .plan = &p, .a = a, .route = r };
	answer(&w->why, ERR_NOHOST, "5.4.4", "it names no mail server");
	ret = find(w, domain, e);
	mem_free(w);
	return ret;
}

int
route_dane(const struct route_plan *plan, struct account_server *server,
    struct arena *a, struct err *e)
{
	struct route_plan p = *plan;
	struct work *w = mem_new(sizeof(*w));
	struct route *route = arena_new(a, sizeof(*route));
	struct route_host *h = &route->hosts[0];
	int r;

	p.port = server->target.port;
	*w = (struct work){ .plan = &p, .a = a, .route = route };
	*h = (struct route_host){ .name_count = 0 };
	r = find_addresses(w, server->target.host, h, e);
	if (r > 0)
		r = apply_dane(w, server, h);
	if (r == 0 && h->peer.addr_count > 0)
		answer(&w->why, ERR_TEMP, "4.7.5",
		    "'%s' has no TLSA records that DNSSEC vouches for "
		    "(--tls=dane)",
		    server->target.host);
	if (r <= 0)
		*e = w->why;
	server->peer = &h->peer;
	mem_free(w);
	return r > 0 ? 0 : -1;
}
