/* Unit tests of net/zone, through net/dns: what an authoritative server would
 * say.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "net/dns.h"

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
	dns_free(&d);
	arena_free(&a);
	close(fd);
	unlink(path);
	return tap_done();
}
