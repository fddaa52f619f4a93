/* Addresses in text and octets.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>

#include "net/ip.h"

bool
ip_read(struct slice text, struct ip *r)
{
	char s[IP_TEXT_MAX];

	*r = (struct ip){ 0 };
	if (text.n == 0 || text.n >= sizeof(s) ||
	    slice_find(text, '\0') != SIZE_MAX)
		return false;
	memcpy(s, text.p, text.n);
	s[text.n] = '\0';
	if (inet_pton(AF_INET, s, r->b) == 1)
		r->n = 4;
	else if (inet_pton(AF_INET6, s, r->b) == 1)
		r->n = 16;
	return r->n != 0;
}

void
ip_write(const struct ip *ip, char text[IP_TEXT_MAX])
{
	text[0] = '\0';
	if (ip->n)
		inet_ntop(
		    ip->n == 4 ? AF_INET : AF_INET6, ip->b, text, IP_TEXT_MAX);
}

struct ip
ip_of(const void *octets, unsigned n)
{
	struct ip r = { .n = n == 4 ? 4 : 16 };

	memcpy(r.b, octets, r.n);
	return r;
}

struct ip
ip_unmapped(struct ip ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (ip.n != 16 || memcmp(ip.b, mapped, sizeof(mapped)) != 0)
		return ip;
	return ip_of(ip.b + 12, 4);
}

bool
ip_in_net(const struct ip *ip, const struct ip *net, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (ip->n != net->n || ip->n == 0 || bits > ip->n * 8)
		return false;
	if (memcmp(ip->b, net->b, whole) != 0)
		return false;
	return rest == 0 ||
	       (uint8_t)((ip->b[whole] ^ net->b[whole]) >> (8 - rest)) == 0;
}

/* RFC 6890 section 2.2 and its successors, the narrow before the wide. */
static const struct special {
	struct ip net;
	unsigned bits;
	const char *kind;
} specials[] = {
	{ { 4, { 0 } }, 8, "unspecified" },
	{ { 4, { 10 } }, 8, "private" },
	{ { 4, { 100, 64 } }, 10, "shared (CGNAT)" },
	{ { 4, { 127 } }, 8, "loopback" },
	{ { 4, { 169, 254 } }, 16, "link-local" },
	{ { 4, { 172, 16 } }, 12, "private" },
	{ { 4, { 192, 0, 2 } }, 24, "documentation" },
	{ { 4, { 192, 168 } }, 16, "private" },
	{ { 4, { 198, 18 } }, 15, "benchmarking" },
	{ { 4, { 198, 51, 100 } }, 24, "documentation" },
	{ { 4, { 203, 0, 113 } }, 24, "documentation" },
	{ { 4, { 224 } }, 4, "multicast" },
	{ { 4, { 240 } }, 4, "reserved" },
	{ { 16, { 0 } }, 128, "unspecified" },
	{ { 16, { [15] = 1 } }, 128, "loopback" },
	{ { 16, { 0x20, 0x01, 0x0d, 0xb8 } }, 32, "documentation" },
	{ { 16, { 0x3f, 0xff } }, 20, "documentation" },
	{ { 16, { 0xfc } }, 7, "unique local" },
	{ { 16, { 0xfe, 0x80 } }, 10, "link-local" },
	{ { 16, { 0xff } }, 8, "multicast" },
};

const char *
ip_special(const struct ip *ip)
{
	struct ip plain = ip_unmapped(*ip);

	for (size_t i = 0; i < COUNT_OF(specials); i++)
		if (ip_in_net(&plain, &specials[i].net, specials[i].bits))
			return specials[i].kind;
	return NULL;
}
