/* Addresses: IPv4 and IPv6 in text and octets (RFC 4291 section 2.2,
 * RFC 5952 section 4).
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_IP_H
#define NET_IP_H

#include "base/slice.h"

#define IP_TEXT_MAX 46 /* with the NUL */

struct ip {
	unsigned n;    /* octets: 4 or 16; 0: none */
	uint8_t b[16]; /* network order */
};

/* Dotted quad without leading zeros, or RFC 4291 text; no brackets, no zone. */
bool ip_read(struct slice text, struct ip *r);

/* RFC 5952 text with its NUL. */
void ip_write(const struct ip *ip, char text[IP_TEXT_MAX]);

/* From the octets of an A or AAAA record; n is 4 or 16. */
struct ip ip_of(const void *octets, unsigned n);

/* An IPv4-mapped IPv6 address (::ffff:0:0/96) as the IPv4 address it means,
 * any other as it is. */
struct ip ip_unmapped(struct ip ip);

/* The same family, and the first bits of both are equal. */
bool ip_in_net(const struct ip *ip, const struct ip *net, unsigned bits);

/* What kind of special address it is (RFC 6890): "private", "loopback",
 * "link-local", "documentation", ...; null for a public one. */
const char *ip_special(const struct ip *ip);

#endif
