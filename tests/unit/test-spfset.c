/* Unit tests of net/ipset and auth/spfset: the algebra, and that the set of a
 * record says of every address at its borders what the check of it says.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "auth/spfset.h"

#include "tap.h"

static struct ipset
nets(unsigned family, const char *list, struct arena *a)
{
	struct ipset s = ipset_none(family);
	struct slice rest = slice_str(list);

	while (rest.n) {
		struct slice one = slice_take_until(&rest, ' ', NULL), bits;
		struct ipset net;
		uint64_t n = 0;
		struct ip ip;

		bits = one;
		one = slice_take_until(&bits, '/', NULL);
		slice_number(bits, 128, &n);
		if (!ip_read(one, &ip))
			continue;
		net = ipset_net(family, &ip, (unsigned)n, a);
		s = ipset_union(&s, &net, a);
	}
	return s;
}

static void
write_net(const struct ip *ip, unsigned bits, void *arg)
{
	char text[IP_TEXT_MAX];

	ip_write(ip, text);
	buf_fmt(arg, "%s/%u ", text, bits);
}

static void
is_set(const struct ipset *s, const char *want, const char *name)
{
	struct buf b;

	buf_init(&b, 4096);
	ipset_each(s, write_net, &b);
	is_slice(slice_trim(buf_view(&b)), want, "%s", name);
	buf_free(&b);
}

static void
test_algebra(void)
{
	struct arena a = { 0 };
	struct ipset x = nets(4, "10.0.0.0/9 10.128.0.0/9 1.2.3.4/32", &a);
	struct ipset y = nets(4, "10.1.0.0/16 1.2.3.0/30", &a);
	struct ipset all = ipset_all(4, &a), none = ipset_none(4), z;
	struct ipset six = nets(6 + 10, "::/1 8000::/1", &a);
	struct ipset every = ipset_all(16, &a);

	is_set(&x, "1.2.3.4/32 10.0.0.0/8", "halves join");
	z = ipset_common(&x, &y, &a);
	is_set(&z, "10.1.0.0/16", "what both have");
	z = ipset_without(&x, &y, &a);
	is_set(&z,
	    "1.2.3.4/32 10.0.0.0/16 10.2.0.0/15 10.4.0.0/14 10.8.0.0/13 "
	    "10.16.0.0/12 10.32.0.0/11 10.64.0.0/10 10.128.0.0/9",
	    "a hole");
	z = ipset_union(&z, &y, &a);
	z = ipset_without(&z, &y, &a);
	z = ipset_union(&z, &y, &a);
	is_set(&z, "1.2.3.0/30 1.2.3.4/32 10.0.0.0/8", "filled again");
	z = ipset_without(&all, &all, &a);
	ok(ipset_equal(&z, &none), "nothing is left of everything");
	z = ipset_without(&all, &none, &a);
	ok(ipset_equal(&z, &all), "everything is left without nothing");
	is_set(&all, "0.0.0.0/0", "everything");
	is_int((int64_t)ipset_size(&all), INT64_C(4294967296), "its size");
	ok(ipset_equal(&six, &every), "all of IPv6 in halves");
	is_set(&every, "::/0", "all of IPv6");
	arena_free(&a);
}

static const char zone[] =
    "a.example. TXT \"v=spf1 ip4:192.0.2.0/24 -ip4:198.51.100.128/25 "
    "ip4:198.51.100.0/24 include:b.example a:h.example/30 mx ~all\"\n"
    "a.example. MX 10 h.example.\n"
    "b.example. TXT \"v=spf1 -ip4:203.0.113.5 ip4:203.0.113.0/29 "
    "ip6:2001:db8::/33 -all\"\n"
    "h.example. A 5.9.1.1\n"
    "h.example. AAAA 2a01::1\n"
    "limit.example. TXT \"v=spf1 include:c.example include:c.example "
    "a:h.example ip4:7.7.7.7 ?all\"\n"
    "c.example. TXT \"v=spf1 -ip4:8.8.8.8 a:h.example a:h.example "
    "a:h.example ip4:9.9.9.9 a:h.example -all\"\n"
    "void.example. TXT \"v=spf1 a:x.example a:y.example ip4:1.1.1.1 "
    "a:z.example -all\"\n"
    "redir.example. TXT \"v=spf1 ip4:1.1.1.1 redirect=b.example\"\n"
    "lost.example. TXT \"v=spf1 ip4:1.1.1.1 include:none.example -all\"\n"
    "bad.example. TXT \"v=spf1 ip4:1.1.1.1 ip4:x -all\"\n"
    "plus.example. TXT \"v=spf1 -ip4:1.0.0.0/8 +all\"\n";

static struct ip
address(struct ipset_number x, unsigned family)
{
	struct ip ip = { .n = family };

	for (unsigned i = family; i-- > 0;) {
		ip.b[i] = (uint8_t)x.low;
		x.low = x.low >> 8 | x.high << 56;
		x.high >>= 8;
	}
	return ip;
}

/* The first and the last address of each interval of each result. */
static void
test_borders(struct dns *d, const char *domain)
{
	struct arena a = { 0 };
	struct spfset s;
	size_t wrong = 0, count = 0;

	if (spfset_of(d, domain, &a, &s, NULL) < 0)
		return;
	for (unsigned r = 0; r < SPFSET_RESULTS; r++)
		for (size_t i = 0; i < 2 * s.of[r][0].n + 2 * s.of[r][1].n;
		     i++) {
			bool v6 = i >= 2 * s.of[r][0].n;
			const struct ipset *set = &s.of[r][v6];
			size_t k = v6 ? i - 2 * s.of[r][0].n : i;
			struct spf_query q = { .mailfrom = domain };
			struct spf_verdict v;

			q.ip = address(k % 2 ? set->ranges[k / 2].last
					     : set->ranges[k / 2].first,
			    set->family);
			if (spf_check(d, &q, &a, &v, NULL) < 0 || v.result != r)
				wrong++;
			count++;
		}
	ok(wrong == 0 && count >= 2, "%s: %zu of %zu borders differ", domain,
	    wrong, count);
	arena_free(&a);
}

static void
test_flat(struct dns *d, const char *domain, bool can)
{
	struct arena a = { 0 };
	struct spfset s, t;
	struct buf b;
	int got;

	buf_init(&b, 65536);
	if (spfset_of(d, domain, &a, &s, NULL) == 0) {
		got = spfset_flatten(d, domain, &s, &a, &b, NULL);
		is_int(got, can ? 0 : -1, "%s is flattened", domain);
		if (got == 0 &&
		    spfset_of_text(d, domain, buf_view(&b), &a, &t, NULL) == 0)
			ok(spfset_equal(&s, &t), "and equal: %s", buf_str(&b));
	}
	buf_free(&b);
	arena_free(&a);
}

int
main(void)
{
	static const char *const good[] = { "a.example", "b.example",
		"redir.example", "plus.example" };
	static const char *const bad[] = { "limit.example", "void.example",
		"lost.example", "bad.example", "nothing.example" };
	char path[] = "/tmp/test-spfset-XXXXXX";
	const char *files[] = { path };
	struct given given = { 0 };
	struct dns_config c = {
		.zones = files, .zone_count = 1, .given = &given
	};
	struct dns *d;
	struct err e;
	int fd = mkstemp(path);

	test_algebra();
	if (!ok(fd >= 0 && io_write(fd, zone, strlen(zone), path, &e) == 0 &&
		    dns_new(&d, &c, &e) == 0,
		"the zone loads"))
		return tap_done();
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		test_borders(d, good[i]);
		test_flat(d, good[i], true);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		test_borders(d, bad[i]);
		test_flat(d, bad[i], false);
	}
	dns_free(&d);
	close(fd);
	unlink(path);
	return tap_done();
}
