/* DNS, one face.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <resolv.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"

#include "net/dns.h"
#include "net/dnsask.h"
#include "net/dnscache.h"
#include "net/dnseach.h"
#include "net/dnsport.h"
#include "net/dnstape.h"
#include "net/zone.h"

#define DNS_PORT    53
#define FAILURE_TTL 30 /* seconds a failure is kept (RFC 2308 section 7) */
#define TTL_LEAST   5  /* or that long: one audit asks for a name repeatedly */
#define TTL_MAX     86400

struct dns {
	struct dnsask_plan servers;
	struct dnsask *ask;
	struct dnscache *cache;
	struct dnstape *tape; /* all answers go there; or null */
	bool replay;          /* all answers are in the cache */
	bool trusted;         /* then: as they were */
	struct zone *zone;    /* then those above are not used */
	struct zone *overlay; /* asked first; or null */
	bool trust_ad;
	const struct given *given;
};

bool
dns_is_offline(const struct dns *d)
{
	return d->zone != NULL;
}

bool
dns_is_trusted(const struct dns *d)
{
	bool loopback = d->servers.count > 0;

	if (d->replay)
		return d->trusted;
	if (d->zone)
		return zone_is_signed(d->zone);
	for (size_t i = 0; i < d->servers.count; i++)
		loopback = loopback && d->servers.servers[i].loopback;
	return d->trust_ad || loopback;
}

/*	resolver = ipv4 [":" port] / ipv6 / "[" ipv6 "]" [":" port]	*/
static int
read_resolver(struct dns *d, const char *text, struct err *e)
{
	struct slice s = slice_str(text), host = s;
	uint64_t port = DNS_PORT;
	struct ip ip;
	bool ok = true;

	if (slice_peek(s) == '[') {
		slice_get(&s);
		host = slice_take_until(&s, ']', &ok);
		if (s.n)
			ok = ok && slice_get(&s) == ':' &&
			     slice_number(s, 65535, &port);
	} else if (!ip_read(s, &ip)) {
		host = slice_take_until(&s, ':', NULL);
		ok = slice_number(s, 65535, &port);
	}
	if (!ok || port == 0 || !ip_read(host, &ip))
		return err_set(e, ERR_USAGE,
		    "'%s' is no resolver: give ADDR, ADDR:PORT or [ADDR]:PORT",
		    text);
	dnsask_server_set(&d->servers.servers[0], &ip, (unsigned)port);
	d->servers.count = 1;
	return 0;
}

static void
add_sockaddr(struct dns *d, const struct sockaddr_in *in4,
    const struct sockaddr_in6 *in6)
{
	struct ip ip;
	unsigned port;

	if (d->servers.count == DNSASK_SERVERS_MAX)
		return;
	if (in4 && in4->sin_family == AF_INET) {
		ip = ip_of(&in4->sin_addr, 4);
		port = ntohs(in4->sin_port);
	} else if (in6 && in6->sin6_family == AF_INET6) {
		ip = ip_of(&in6->sin6_addr, 16);
		port = ntohs(in6->sin6_port);
	} else {
		return;
	}
	dnsask_server_set(&d->servers.servers[d->servers.count++], &ip, port);
}

/* What resolv.conf says, read by libresolv. */
static int
read_system(struct dns *d, struct err *e)
{
	struct __res_state state;

	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) < 0)
		return err_set(e, ERR_CONFIG, "cannot read resolv.conf");
	for (int i = 0; i < state.nscount && i < MAXNS; i++)
		add_sockaddr(
		    d, &state.nsaddr_list[i], state._u._ext.nsaddrs[i]);
#ifdef RES_TRUSTAD
	d->trust_ad |= (state.options & RES_TRUSTAD) != 0;
#endif
	res_nclose(&state);
	if (d->servers.count == 0)
		return err_set(e, ERR_CONFIG,
		    "no resolver in resolv.conf: use --resolver or --zone");
	return 0;
}

static void
add_answer(const struct dnsname *name, enum dns_type type,
    enum dns_status status, struct slice message, void *arg)
{
	struct dns *d = arg;
	struct arena a = { 0 };
	struct slice got;
	bool mine;
	struct dnscache_entry *entry =
	    dnscache_claim(d->cache, name, type, 0, &mine);

	/* The first answer counts. */
	if (mine)
		dnscache_fill(d->cache, entry, status, message, CLOCK_NEVER);
	dnscache_take(d->cache, entry, &a, &got);
	arena_free(&a);
}

/* One file: a recording, or a master file. */
static int
read_file(struct dns *d, const char *path, struct err *e)
{
	struct io_map map;
	int ret;

	if (io_map_file(path, ZONE_FILE_MAX, &map, e) < 0)
		return -1;
	if (dnstape_is(map.bytes)) {
		d->replay = true;
		d->cache = dnscache_new(ZONE_FILE_MAX);
		ret = dnstape_read(map.bytes, &d->trusted, add_answer, d, e);
		if (ret < 0)
			err_in(e, "%s", path);
	} else {
		ret = zone_new(&d->zone, e);
		if (ret == 0)
			ret = zone_read(d->zone, map.bytes, path, e);
	}
	io_unmap(&map);
	return ret;
}

static int
read_zones(struct dns *d, const struct dns_config *c, struct err *e)
{
	if (c->zone_count == 1)
		return read_file(d, c->zones[0], e);
	if (zone_new(&d->zone, e) < 0)
		return -1;
	for (size_t i = 0; i < c->zone_count; i++)
		if (zone_load(d->zone, c->zones[i], e) < 0)
			return -1;
	return 0;
}

/* A zone that holds nothing, so that every name lies outside of it. */
static int
read_nothing(struct dns *d, struct err *e)
{
	if (zone_new(&d->zone, e) < 0)
		return -1;
	return zone_read(
	    d->zone, slice_str("invalid. SOA . . 1 1 1 1 1\n"), "nothing", e);
}

int
dns_overlay(struct dns *d, struct slice text, const char *name, struct err *e)
{
	if (!d->overlay && zone_new(&d->overlay, e) < 0)
		return -1;
	return zone_read(d->overlay, text, name, e);
}

void
dns_overlay_clear(struct dns *d)
{
	zone_free(&d->overlay);
}

static int
read_overlays(struct dns *d, const struct dns_config *c, struct err *e)
{
	if (c->overlay_count && zone_new(&d->overlay, e) < 0)
		return -1;
	for (size_t i = 0; i < c->overlay_count; i++)
		if (zone_load(d->overlay, c->overlays[i], e) < 0)
			return -1;
	return 0;
}

static int
start_tape(struct dns *d, const char *path, struct err *e)
{
	if (d->zone || d->replay)
		return err_set(e, ERR_USAGE,
		    "nothing to record: all answers come from files");
	return dnstape_new(&d->tape, path, dns_is_trusted(d), e);
}

int
dns_record_end(struct dns *d, struct err *e)
{
	return d ? dnstape_end(&d->tape, e) : 0;
}

int
dns_new(struct dns **d_r, const struct dns_config *c, struct err *e)
{
	struct dns *d = mem_new(sizeof(*d));
	int ret;

	d->given = d->servers.given = c->given;
	d->servers.rate = c->rate;
	d->servers.timeout = c->timeout > 0 ? c->timeout : DNS_WAIT;
	d->trust_ad = c->trust_ad;
	if (c->offline)
		ret = read_nothing(d, e);
	else if (c->zone_count)
		ret = read_zones(d, c, e);
	else if (c->resolver)
		ret = read_resolver(d, c->resolver, e);
	else
		ret = read_system(d, e);
	if (ret == 0)
		ret = read_overlays(d, c, e);
	if (ret == 0 && c->record)
		ret = start_tape(d, c->record, e);
	if (ret < 0) {
		dns_free(&d);
	} else if (!d->zone && !d->replay) {
		d->cache = dnscache_new(0);
		d->ask = dnsask_new(&d->servers);
	}
	*d_r = d;
	return ret;
}

void
dns_free(struct dns **d)
{
	struct err e;

	if (!*d)
		return;
	dnstape_end(&(*d)->tape, &e);
	zone_free(&(*d)->zone);
	zone_free(&(*d)->overlay);
	dnscache_free(&(*d)->cache);
	dnsask_free(&(*d)->ask);
	mem_free(*d);
	*d = NULL;
}

/* A question while it is being answered: one step for each CNAME that the
 * server leaves to us. */
struct way {
	struct dns_question *q;
	struct dnsname at;
	struct dnscache_entry *entry;
	struct dns_answer got; /* all steps so far */
	struct arena *a;
	bool done, overlaid;
};

/* Joins the answer of one step to those before it. */
static void
join(struct way *w, const struct dns_answer *step, bool open)
{
	struct dns_answer *all = &w->got;
	bool first = all->chain_count == 0;

	if (step->chain_count && !all->chain)
		all->chain =
		    arena_array(w->a, DNS_CHAIN_MAX, sizeof(*all->chain));
	for (size_t i = 0; i < step->chain_count; i++) {
		if (all->chain_count == DNS_CHAIN_MAX) {
			*all = (struct dns_answer){ .status = DNS_SERVFAIL,
				.name = step->name,
				.chain = all->chain,
				.chain_count = all->chain_count };
			w->done = true;
			return;
		}
		all->chain[all->chain_count++] = step->chain[i];
	}
	all->status = step->status;
	/* A name of the overlay exists, whoever else denies it. */
	if (w->overlaid && step->status == DNS_NXDOMAIN)
		all->status = DNS_NODATA;
	all->name = step->name;
	all->secure = step->secure && (first || all->secure);
	all->outside |= step->outside && !w->overlaid;
	all->wildcard |= step->wildcard;
	all->marks |= step->marks;
	all->took += step->took;
	all->ttl = step->ttl < all->ttl ? step->ttl : all->ttl;
	all->records = step->records;
	all->count = step->count;
	w->done = !open || !dnsname_read(step->name, &w->at);
}

/* Takes what the overlay has of the question: RRsets and faults; true when it
 * had something. */
static bool
ask_overlay(struct dns *d, struct way *w, struct arena *a)
{
	struct dns_answer step;
	bool open;

	if (!d->overlay || w->done)
		return false;
	zone_find(d->overlay, &w->at, w->q->type, a, &step);
	step.name = w->got.name;
	w->overlaid = step.status != DNS_NXDOMAIN;
	if (step.status == DNS_NXDOMAIN || step.status == DNS_NODATA)
		return false;
	open = step.status == DNS_OK && step.count == 0;
	if (open)
		step.name = step.chain[0];
	join(w, &step, open);
	return true;
}

static void
ask_zone(struct dns *d, struct way *w, struct arena *a)
{
	while (!w->done) {
		struct dns_answer step;
		bool open;

		if (ask_overlay(d, w, a))
			continue;

		zone_find(d->zone, &w->at, w->q->type, a, &step);
		step.name = w->got.name;
		open = step.status == DNS_OK && step.count == 0;
		if (open)
			step.name = step.chain[0];
		join(w, &step, open);
	}
}

size_t
dns_names_below(struct dns *d, const char *top, size_t max, struct arena *a,
    const struct dns_below **names_r)
{
	struct dnsname n;

	*names_r = NULL;
	if (!d->zone || !dnsname_read(top, &n))
		return 0;
	return zone_names_below(d->zone, &n, max, a, names_r);
}

static int64_t
keep_until(const struct dnsask_question *q, struct arena *a)
{
	struct arena_mark mark = arena_mark(a);
	int64_t ttl = FAILURE_TTL;
	struct dns_answer r;
	bool open;

	if (q->status == DNS_OK) {
		dnswire_answer(
		    buf_view(&q->message), &q->name, q->type, a, &r, &open);
		ttl = dns_unknown(r.status) ? FAILURE_TTL
		      : r.ttl > TTL_MAX     ? TTL_MAX
		      : r.ttl < TTL_LEAST   ? TTL_LEAST
		                            : r.ttl;
		arena_release(a, mark);
	}
	return clock_deadline(ttl * 1000);
}

/* Whether AD counts depends on who said it. What was learned on the way stays
 * with the message; with none, because TCP failed, a bare header stands for
 * that. */
static void
keep_marks(const struct dns *d, struct dnsask_question *q)
{
	struct buf *m = &q->message;

	if (q->status != DNS_OK) {
		buf_reset(m);
		for (int i = 0; q->marks & DNS_TCP_FAILED && i < 12; i++)
			buf_char(m, 0);
	} else if (m->n > 3 && m->p[3] & 0x20 && !d->trust_ad &&
		   !q->server->loopback) {
		m->p[3] = (char)(m->p[3] & ~0x20);
		q->marks |= DNS_CLAIMED;
	}
	dnswire_put_marks(m, q->marks);
}

/* Asks the network what nobody else asks or knows: fills all of our claims,
 * whatever happens. */
static int
ask_network(struct dns *d, struct dnsask_question *mine,
    struct dnscache_entry **entries, size_t n, struct arena *a, struct err *e)
{
	int ret = n && !d->replay ? dnsask_all(d->ask, mine, n, e) : 0;

	for (size_t i = 0; i < n; i++) {
		struct dnsask_question *q = &mine[i];
		struct buf *m = &q->message;

		keep_marks(d, q);
		if (d->tape && ret == 0)
			dnstape_add(
			    d->tape, &q->name, q->type, q->status, buf_view(m));
		dnscache_fill(d->cache, entries[i], q->status, buf_view(m),
		    ret < 0 ? 0 : keep_until(q, a));
		dnsask_clear(q);
	}
	return ret;
}

static void
take(struct dns *d, struct way *w, struct arena *a)
{
	struct dns_answer step = { .name = w->got.name };
	struct slice message;
	bool open = false;

	step.status = dnscache_take(d->cache, w->entry, a, &message);
	if (message.n && step.status != DNS_OK)
		step.marks = DNS_TCP_FAILED;
	else if (message.n)
		dnswire_answer(message, &w->at, w->q->type, a, &step, &open);
	join(w, &step, open);
}

/* One step for every question that is not done. */
static int
round_of(
    struct dns *d, struct way *ways, size_t n, struct arena *a, struct err *e)
{
	struct dnsask_question *mine = mem_array(n, sizeof(*mine));
	struct dnscache_entry **entries = mem_array(n, sizeof(*entries));
	int64_t now = clock_ms();
	size_t count = 0;
	int ret;

	for (size_t i = 0; i < n; i++) {
		bool ours;

		if (ways[i].done)
			continue;
		ways[i].entry = dnscache_claim(
		    d->cache, &ways[i].at, ways[i].q->type, now, &ours);
		if (!ours)
			continue;
		mine[count].name = ways[i].at;
		mine[count].type = ways[i].q->type;
		mine[count].status = DNS_TIMEOUT;
		entries[count++] = ways[i].entry;
	}
	ret = ask_network(d, mine, entries, count, a, e);
	for (size_t i = 0; i < n; i++)
		if (!ways[i].done)
			take(d, &ways[i], a);
	mem_free(mine);
	mem_free(entries);
	return ret;
}

static void
tell(const struct dns *d, const struct dns_question *q)
{
	const struct dns_answer *r = &q->answer;

	if (!d->given || !trace_on(d->given->trace, TRACE_DECISION))
		return;
	trace_say(d->given ? d->given->trace : NULL, "dns: %s %s: %s, %zu%s%s",
	    dns_type_name(q->type), q->name, dns_status_name(r->status),
	    r->count, r->chain_count ? " at " : "",
	    r->chain_count ? r->name : "");
}

int
dns_query_all(struct dns *d, struct dns_question *q, size_t n, struct arena *a,
    struct err *e)
{
	struct way one = { 0 };
	struct way *ways = n == 1 ? &one : mem_array(n, sizeof(*ways));
	int64_t start = d->zone ? 0 : clock_ms();
	bool open = true;
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		struct way *w = &ways[i];

		w->q = &q[i];
		w->a = a;
		w->got.name = q[i].name;
		w->got.ttl = INT32_MAX;
		w->done = !dnsname_read(q[i].name, &w->at);
		if (w->done)
			w->got.status = DNS_NXDOMAIN;
		else if (d->zone)
			ask_zone(d, w, a);
	}
	while (!d->zone && ret == 0 && open) {
		open = false;
		for (size_t i = 0; i < n && d->overlay; i++)
			while (ask_overlay(d, &ways[i], a))
				;
		ret = round_of(d, ways, n, a, e);
		for (size_t i = 0; i < n; i++)
			open |= !ways[i].done;
	}
	for (size_t i = 0; i < n; i++) {
		q[i].answer = ways[i].got;
		tell(d, &q[i]);
	}
	if (n == 1 && !d->zone && !d->replay)
		q->answer.took = (uint32_t)(clock_ms() - start);
	if (ways != &one)
		mem_free(ways);
	return ret;
}

int
dns_query(struct dns *d, const char *name, enum dns_type type, struct arena *a,
    struct dns_answer *r, struct err *e)
{
	struct dns_question q = { .name = name, .type = type };
	int ret;

	ret = dns_query_all(d, &q, 1, a, e);
	*r = q.answer;
	/* No chain and no name: it could not be read. */
	if (ret == 0 && r->status == DNS_NXDOMAIN && !r->chain &&
	    !dns_name_ok(name))
		return err_set(e, ERR_DATA, "'%s' is no domain name", name);
	return ret;
}

int
dns_query_each(struct dns *d, const struct ip *servers, size_t count,
    unsigned port, struct dns_question *q, size_t n, struct arena *a,
    struct err *e)
{
	struct dnsask_plan plan = { .count = count,
		.timeout = d->servers.timeout,
		.rate = d->servers.rate,
		.given = d->given };

	for (size_t i = 0; i < count; i++)
		dnsask_server_set(
		    &plan.servers[i], &servers[i], port ? port : DNS_PORT);
	return dnseach_ask(&plan, q, n, a, e);
}

bool
dns_has_way(const struct ip *server)
{
	struct dnsask_server s;
	struct dnsport *p;

	dnsask_server_set(&s, server, DNS_PORT);
	p = dnsport_new((const struct sockaddr *)&s.addr, s.n);
	if (!p)
		return false;
	dnsport_free(&p);
	return true;
}
