/* Unit tests of net/dnsname and net/ip.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/dns.h"
#include "net/dnsname.h"

#include "tap.h"

#define L63 "123456789012345678901234567890123456789012345678901234567890123"

static void
test_text(void)
{
	static const struct {
		const char *in, *want; /* null: no name */
	} rows[] = {
		{ "example.org", "example.org" },
		{ "example.org.", "example.org" },
		{ "", "." },
		{ ".", "." },
		{ "a\\.b.c", "a\\.b.c" },
		{ "a\\046b.c", "a\\.b.c" },
		{ "\\195\\188.c", "\\195\\188.c" },
		{ "a b", "a\\032b" },
		{ L63 ".x", L63 ".x" },
		{ L63 "4.x", NULL },
		{ L63 "." L63 "." L63 "." L63, NULL },
		{ L63 "." L63 "." L63 ".1234567890123456789012345678901234567"
		      "890123456789012345678901",
		    L63 "." L63 "." L63 ".1234567890123456789012345678901234567"
			"890123456789012345678901" },
		{ L63 "." L63 "." L63 ".1234567890123456789012345678901234567"
		      "8901234567890123456789012",
		    NULL },
		{ "a..b", NULL },
		{ ".a", NULL },
		{ "a\\", NULL },
		{ "a\\25", NULL },
		{ "a\\256", NULL },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct dnsname n;
		bool got = dnsname_read(rows[i].in, &n);

		if (ok(got == (rows[i].want != NULL), "'%s'", rows[i].in) &&
		    got)
			is_str(dnsname_text(&n, &a), rows[i].want, "its text");
	}
	arena_free(&a);
}

#define BYTES(text)                                                            \
	{                                                                      \
		text, sizeof(text) - 1                                         \
	}

static void
test_expand(void)
{
	static const struct {
		struct slice msg;
		size_t at;
		const char *want; /* null: broken */
		size_t end;
	} rows[] = {
		{ BYTES("\1a\2bc\0"), 0, "a.bc", 6 },
		{ BYTES("\1a\0\1b\300\0x"), 3, "b.a", 7 },
		{ BYTES("\300\0"), 0, NULL, 0 },      /* itself */
		{ BYTES("\1a\300\0"), 0, NULL, 0 },   /* its own start */
		{ BYTES("\300\2\1a\0"), 0, NULL, 0 }, /* forwards */
		{ BYTES("\1a"), 0, NULL, 0 },         /* no end */
		{ BYTES("\5a\0"), 0, NULL, 0 },       /* cut */
		{ BYTES("\100a\0"), 0, NULL, 0 },     /* reserved kind */
		{ BYTES("\300"), 0, NULL, 0 },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct dnsname n;
		size_t at = rows[i].at;
		bool got = dnsname_expand(rows[i].msg, &at, &n);

		if (!ok(got == (rows[i].want != NULL), "message %zu", i) ||
		    !got)
			continue;
		is_str(dnsname_text(&n, &a), rows[i].want, "its name");
		is_int((int64_t)at, (int64_t)rows[i].end, "its end");
	}
	arena_free(&a);
}

static void
test_relations(void)
{
	ok(dns_name_equal("A.example", "a.EXAMPLE."), "equal");
	ok(!dns_name_equal("a\\.b", "a.b"), "an escaped dot is no dot");
	ok(dns_name_under("x.a.example", "a.example"), "under");
	ok(dns_name_under("a.example", "a.example"), "itself");
	ok(!dns_name_under("xa.example", "a.example"), "not by its letters");
	ok(dns_name_under("a", "."), "under the root");
}

static void
test_ip(void)
{
	static const struct {
		const char *in, *want, *reverse, *special;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", "1.2.0.192.in-addr.arpa",
		    "documentation" },
		{ "5.9.1.1", "5.9.1.1", "1.1.9.5.in-addr.arpa", NULL },
		{ "2001:DB8:0::1", "2001:db8::1",
		    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
		    "1.0.0.2.ip6.arpa",
		    "documentation" },
		{ "::ffff:10.0.0.1", "::ffff:10.0.0.1", NULL, "private" },
		{ "172.32.0.1", "172.32.0.1", NULL, NULL },
		{ "172.31.0.1", "172.31.0.1", NULL, "private" },
		{ "1.2.3", NULL, NULL, NULL },
		{ "01.2.3.4", NULL, NULL, NULL },
		{ "1.2.3.4 ", NULL, NULL, NULL },
		{ "fe80::1%lo", NULL, NULL, NULL },
		{ "", NULL, NULL, NULL },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct ip ip;
		bool got = ip_read(slice_str(rows[i].in), &ip);
		char text[IP_TEXT_MAX];

		if (!ok(got == (rows[i].want != NULL), "'%s'", rows[i].in) ||
		    !got)
			continue;
		ip_write(&ip, text);
		is_str(text, rows[i].want, "its text");
		if (rows[i].reverse)
			is_str(dns_reverse_name(&ip, &a), rows[i].reverse,
			    "its name");
		is_str(ip_special(&ip) ? ip_special(&ip) : "public",
		    rows[i].special ? rows[i].special : "public", "its kind");
	}
	arena_free(&a);
}

static void
test_net(void)
{
	static const struct {
		const char *ip, *net;
		unsigned bits;
		bool want;
	} rows[] = {
		{ "192.0.2.129", "192.0.2.128", 25, true },
		{ "192.0.2.127", "192.0.2.128", 25, false },
		{ "192.0.2.1", "10.0.0.0", 0, true },
		{ "192.0.2.1", "192.0.2.1", 32, true },
		{ "192.0.2.1", "192.0.2.1", 33, false },
		{ "2001:db8::1", "2001:db8::", 127, true },
		{ "2001:db8::1", "192.0.2.1", 0, false },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct ip ip, net;

		ip_read(slice_str(rows[i].ip), &ip);
		ip_read(slice_str(rows[i].net), &net);
		ok(ip_in_net(&ip, &net, rows[i].bits) == rows[i].want,
		    "%s in %s/%u", rows[i].ip, rows[i].net, rows[i].bits);
	}
}

int
main(void)
{
	test_text();
	test_expand();
	test_relations();
	test_ip();
	test_net();
	return tap_done();
}
