/* Sets of addresses of one family as intervals: exact, whatever their size.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_IPSET_H
#define NET_IPSET_H

#include "base/arena.h"

#include "net/ip.h"

/* An address as a number; IPv4 in the low 32 bits. */
struct ipset_number {
	uint64_t high, low;
};

struct ipset_range {
	struct ipset_number first, last; /* both are in it */
};

/* Ordered, without overlap, no two that touch. The memory is an arena's. */
struct ipset {
	unsigned family; /* octets of an address: 4 or 16 */
	struct ipset_range *ranges;
	size_t n, cap;
};

/* Nothing; everything. */
struct ipset ipset_none(unsigned family);
struct ipset ipset_all(unsigned family, struct arena *a);

/* The network of an address; of another family it is nothing. */
struct ipset ipset_net(
    unsigned family, const struct ip *ip, unsigned bits, struct arena *a);

struct ipset ipset_union(
    const struct ipset *x, const struct ipset *y, struct arena *a);
struct ipset ipset_common(
    const struct ipset *x, const struct ipset *y, struct arena *a);
/* What is in x and not in y. */
struct ipset ipset_without(
    const struct ipset *x, const struct ipset *y, struct arena *a);

bool ipset_equal(const struct ipset *x, const struct ipset *y);

/* How many addresses: exact to 2^53, then rounded. */
double ipset_size(const struct ipset *s);

/* Calls to() for every network of the shortest list that makes up the set. */
void ipset_each(const struct ipset *s,
    void (*to)(const struct ip *ip, unsigned bits, void *arg), void *arg);

#endif
