/* Names as text, for those who ask.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/dns.h"
#include "net/dnsname.h"

bool
dns_name_ok(const char *name)
{
	struct dnsname n;

	return dnsname_read(name, &n);
}

bool
dns_name_equal(const char *a, const char *b)
{
	struct dnsname x, y;

	return dnsname_read(a, &x) && dnsname_read(b, &y) &&
	       dnsname_equal(&x, &y);
}

bool
dns_name_under(const char *child, const char *parent)
{
	struct dnsname x, y;

	if (!dnsname_read(child, &x) || !dnsname_read(parent, &y))
		return false;
	do
		if (dnsname_equal(&x, &y))
			return true;
	while (dnsname_parent(&x));
	return false;
}

char *
dns_name_escape(struct slice raw, struct arena *a)
{
	return dnsname_escape(raw, a);
}

char *
dns_reverse_name(const struct ip *ip, struct arena *a)
{
	char text[16 * 4 + sizeof("ip6.arpa")], *p = text;

	if (ip->n == 4)
		return arena_fmt(a, "%u.%u.%u.%u.in-addr.arpa", ip->b[3],
		    ip->b[2], ip->b[1], ip->b[0]);
	for (size_t i = 16; i-- > 0;) {
		*p++ = "0123456789abcdef"[ip->b[i] & 15];
		*p++ = '.';
		*p++ = "0123456789abcdef"[ip->b[i] >> 4];
		*p++ = '.';
	}
	memcpy(p, "ip6.arpa", sizeof("ip6.arpa"));
	return arena_string(a, text);
}
