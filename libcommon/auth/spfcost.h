/* What the terms of an SPF record cost in lookups (RFC 7208 section 4.6.4),
 * each with all that stands behind it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_SPFCOST_H
#define AUTH_SPFCOST_H

#include "auth/spfrecord.h"
#include "auth/spfset.h"

struct spfcost_term {
	const struct spfrecord_term *term;
	unsigned lookups; /* when all of it is evaluated */
	bool fixed;       /* depends on the client's address only: networks can
	                   * stand in for it */
	bool chosen;      /* of the fewest changes that get under the limit */
};

struct spfcost {
	struct slice record;
	struct spfcost_term *terms; /* those that look up, in order */
	size_t count;
	unsigned lookups;
	bool unknown;        /* a lookup failed */
	const char *problem; /* why there are none, or null */
};

int spfcost_of(struct dns *d, const char *domain, struct arena *a,
    struct spfcost *c_r, struct err *e);

#endif
