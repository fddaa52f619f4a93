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

#include "net/dnseach.h"
#include "net/dnsparts.h"
#include "net/dnsport.h"

#define DNS_PORT 53

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
	return d->valid || d->trust_ad || loopback;
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

static int
start_validating(struct dns *d, const struct dns_config *c, struct err *e)
{
	if (d->zone || d->replay)
		return err_set(e, ERR_USAGE,
		    "nothing to validate: all answers come from files");
	if (c->rate)
		return err_set(e, ERR_USAGE,
		    "libunbound asks as fast as it likes: no rate and "
		    "validation together");
	return dnsvalid_new(&d->valid, c->anchors, &d->servers, e);
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
	if (c->rate) {
		dnsrate_init(&d->rate, c->rate, clock_ms());
		d->servers.rate = &d->rate;
	}
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
	if (ret == 0 && c->anchors)
		ret = start_validating(d, c, e);
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
	dnsvalid_free(&(*d)->valid);
	dnsask_free(&(*d)->ask);
	dnsrate_free(&(*d)->rate);
	mem_free(*d);
	*d = NULL;
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
