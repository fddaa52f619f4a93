/* Unit tests of net/zone, through net/dns: what an authoritative server would
 * say.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "net/dns.h"
#include "net/zone.h"

#include "tap.h"

static const char zone[] = "$ORIGIN example.\n"
			   "$TTL 300\n"
			   "@ SOA ns h 1 2 3 4 60\n"
			   "@ TXT \"a\" \"b\"\n"
			   "@ TXT \"a\" \"b\"\n"
			   "a 60 TXT \"x\"\n"
			   "deep.b.ent TXT \"x\"\n"
			   "*.wild TXT \"star\"\n"
			   "there.wild A 192.0.2.1\n"
			   "sub.here.wild A 192.0.2.1\n"
			   "alias CNAME a\n"
			   "alias2 CNAME alias\n"
			   "*.cwild CNAME a\n"
			   "loop CNAME loop2\n"
			   "loop2 CNAME loop\n"
			   "nowhere CNAME gone\n"
			   "away CNAME a.other.\n"
			   "odd\\.name TXT \"odd\"\n"
			   ";@ TIMEOUT slow.example.\n"
			   ";@ SERVFAIL a.example. MX\n"
			   ";@ BOGUS bogus.example.\n"
			   ";@ SECURE\n";

static const struct {
	const char *name;
	enum dns_status status;
	const char *text; /* of the first record, or null */
	const char *end;  /* of the chain, or null */
	bool wildcard, outside;
} rows[] = {
	{ "example", DNS_OK, "ab", NULL, false, false },
	{ "EXAMPLE.", DNS_OK, "ab", NULL, false, false },
	{ "ent.example", DNS_NODATA, NULL, NULL, false, false },
	{ "b.ent.example", DNS_NODATA, NULL, NULL, false, false },
	{ "c.ent.example", DNS_NXDOMAIN, NULL, NULL, false, false },
	{ "gone.example", DNS_NXDOMAIN, NULL, NULL, false, false },
	{ "x.wild.example", DNS_OK, "star", NULL, true, false },
	{ "x.y.wild.example", DNS_OK, "star", NULL, true, false },
	{ "there.wild.example", DNS_NODATA, NULL, NULL, false, false },
	{ "x.there.wild.example", DNS_NXDOMAIN, NULL, NULL, false, false },
	{ "here.wild.example", DNS_NODATA, NULL, NULL, false, false },
	{ "wild.example", DNS_NODATA, NULL, NULL, false, false },
	{ "alias.example", DNS_OK, "x", "a.example", false, false },
	{ "alias2.example", DNS_OK, "x", "a.example", false, false },
	{ "q.cwild.example", DNS_OK, "x", "a.example", true, false },
	{ "loop.example", DNS_SERVFAIL, NULL, NULL, false, false },
	{ "nowhere.example", DNS_NXDOMAIN, NULL, "gone.example", false, false },
	{ "away.example", DNS_NXDOMAIN, NULL, "a.other", false, true },
	{ "other", DNS_NXDOMAIN, NULL, NULL, false, true },
	{ "odd\\.name.example", DNS_OK, "odd", NULL, false, false },
	{ "slow.example", DNS_TIMEOUT, NULL, NULL, false, false },
	{ "bogus.example", DNS_BOGUS, NULL, NULL, false, false },
};

static void
test_row(struct dns *d, size_t i, struct arena *a)
{
	struct dns_answer r;
	struct err e;

	if (!ok(dns_query(d, rows[i].name, DNS_TXT, a, &r, &e) == 0, "%s",
		rows[i].name))
		return;
	is_str(dns_status_name(r.status), dns_status_name(rows[i].status),
	    "its status");
	ok(r.wildcard == rows[i].wildcard, "wildcard");
	ok(r.outside == rows[i].outside, "outside");
	if (rows[i].end)
		is_str(r.name, rows[i].end, "end of the chain");
	is_int((int64_t)r.count, rows[i].text != NULL, "records");
	if (rows[i].text && r.count)
		is_slice(r.records[0].txt.text, rows[i].text, "text");
}

static void
test_rest(struct dns *d, struct arena *a)
{
	struct dns_answer r;
	struct err e;

	dns_query(d, "alias.example", DNS_TXT, a, &r, &e);
	is_int(r.ttl, 60, "the smallest TTL of the chain");
	ok(r.secure, "the file says SECURE");
	dns_query(d, "example", DNS_TXT, a, &r, &e);
	is_int((int64_t)r.records[0].txt.n, 2, "its strings are kept");
	dns_query(d, "a.example", DNS_MX, a, &r, &e);
	is_int(r.status, DNS_SERVFAIL, "a fault of one type");
	dns_query(d, "alias.example", DNS_CNAME, a, &r, &e);
	is_str(r.count ? r.records[0].name : "", "a.example",
	    "a CNAME asked for is not followed");
	ok(dns_query(d, "a..b", DNS_A, a, &r, &e) < 0 && e.kind == ERR_DATA,
	    "what is no name cannot be asked");
}

/* What is there beside the records: marks, faults that are none, names. */
static void
test_marks(struct arena *a)
{
	static const char text[] =
	    "a.example. TXT \"x\"\na.example. TXT \"x\"\n"
	    "c.example. TXT \"x\"\nc.example. CNAME a.example.\n"
	    "_dmarc.c.example. TXT \"x\"\nmx.c.example. A 192.0.2.1\n"
	    "only.example. DNSKEY 257 3 13 AAAA\n"
	    ";@ NXDOMAIN ent.example\n;@ SLOW a.example\n;@ CLAIMED\n";
	const struct dns_below *below;
	struct dns_answer r;
	struct buf long_one;
	struct dnsname top;
	struct zone *z;
	struct err e;

	if (!ok(zone_new(&z, &e) == 0 &&
		    zone_read(z, slice_str(text), "t", &e) == 0,
		"loads"))
		return;
	buf_init(&long_one, 1000);
	buf_text(&long_one, "long.example. TXT \"");
	for (int i = 0; i < 256; i++)
		buf_char(&long_one, 'x');
	buf_text(&long_one, "\"\nbehind.example. TXT \"y\"\n");
	ok(zone_read(z, buf_view(&long_one), "t", &e) == 0,
	    "a string too long is split");
	buf_free(&long_one);
	zone_lookup(z, "long.example", DNS_TXT, a, &r, &e);
	ok(r.count == 1 && r.marks & DNS_TOO_LONG, "and told of");
	zone_lookup(z, "behind.example", DNS_TXT, a, &r, &e);
	is_int(r.marks, DNS_CLAIMED, "the line behind it is not");
	zone_lookup(z, "a.example", DNS_TXT, a, &r, &e);
	is_int(r.marks, DNS_TWICE | DNS_CLAIMED, "twice, claimed");
	is_int(r.took, 10000, "slow");
	is_int((int64_t)r.count, 1, "and still there, once");
	zone_lookup(z, "c.example", DNS_TXT, a, &r, &e);
	is_int(r.marks, DNS_BESIDE_CNAME | DNS_CLAIMED, "beside a CNAME");
	zone_lookup(z, "c.example", DNS_A, a, &r, &e);
	is_int(r.marks, DNS_CLAIMED, "a CNAME alone is fine");
	zone_lookup(z, "ent.example", DNS_A, a, &r, &e);
	is_int(r.status, DNS_NXDOMAIN, "NXDOMAIN");
	zone_lookup(z, "only.example", DNS_DNSKEY, a, &r, &e);
	is_int(r.count ? (int64_t)r.records[0].raw.n : 0, 7, "raw data");
	dnsname_read("example", &top);
	is_int((int64_t)zone_names_below(z, &top, 10, a, &below), 2, "below");
	ok(below[0].host != below[1].host, "a host, and a _dmarc");
	is_int((int64_t)zone_names_below(z, &top, 1, a, &below), 1, "at most");
	zone_free(&z);
}

int
main(void)
{
	char path[] = "/tmp/test-zone-XXXXXX";
	const char *files[] = { path };
	struct given given = { 0 };
	struct dns_config c = {
		.zones = files, .zone_count = 1, .given = &given
	};
	struct arena a = { 0 };
	struct dns *d;
	struct err e;
	int fd = mkstemp(path);

	if (!ok(fd >= 0 && io_write(fd, zone, strlen(zone), path, &e) == 0 &&
		    dns_new(&d, &c, &e) == 0,
		"the zone loads"))
		return tap_done();
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		test_row(d, i, &a);
	test_rest(d, &a);
	test_marks(&a);
	dns_free(&d);
	arena_free(&a);
	close(fd);
	unlink(path);
	return tap_done();
}
