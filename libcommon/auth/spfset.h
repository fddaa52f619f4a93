/* SPF as sets of addresses: which clients get which result, exactly, where the
 * record depends on nothing but the client's address (RFC 7208). Limits are
 * counted along each address's own way.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_SPFSET_H
#define AUTH_SPFSET_H

#include "base/buf.h"

#include "net/ipset.h"

#include "auth/spf.h"

#define SPFSET_DYNAMIC_MAX 16 /* terms that depend on more, told */
#define SPFSET_GROUPS_MAX  64 /* of addresses with equal counts */
#define SPFSET_RESULTS     (SPF_PERMERROR + 1)

struct spfset {
	struct ipset of[SPFSET_RESULTS][2]; /* [result][0: IPv4, 1: IPv6] */
	/* Terms with macros, exists and ptr: the sets are as if they never
	 * matched. */
	const char *dynamic[SPFSET_DYNAMIC_MAX];
	size_t dynamic_count;
	bool unknown;        /* a lookup failed */
	bool none;           /* there is no record */
	const char *problem; /* the first fault on the way, or null */
	struct slice record;
};

/* The sets of the record of a domain. */
int spfset_of(struct dns *d, const char *domain, struct arena *a,
    struct spfset *s_r, struct err *e);

/* The sets of a record's text, as if the domain had it. */
int spfset_of_text(struct dns *d, const char *domain, struct slice text,
    struct arena *a, struct spfset *s_r, struct err *e);

bool spfset_equal(const struct spfset *x, const struct spfset *y);

/* Appends one record of ip4:, ip6: and all that has the same sets, which is
 * proved by reading it again. ERR_DATA: the record depends on more than
 * addresses, is broken, or the result is none. */
int spfset_flatten(struct dns *d, const char *domain, const struct spfset *s,
    struct arena *a, struct buf *out, struct err *e);

#endif
