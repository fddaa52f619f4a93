/* The SPF part of an audit: the tree of records, and one record's syntax.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUDIT_AUDITSPF_H
#define AUDIT_AUDITSPF_H

#include "auth/spfrecord.h"

#include "audit/auditparts.h"

enum spf_state {
	SPF_STATE_GOOD,
	SPF_STATE_OPEN,    /* good, and ends in +all */
	SPF_STATE_BAD,     /* permerror by itself */
	SPF_STATE_NONE,    /* no record */
	SPF_STATE_UNKNOWN, /* could not be asked */
	SPF_STATE_OUTSIDE  /* not in the zone files */
};

struct spf_walk {
	struct audit *au;
	const char *path[AUDIT_DEPTH_MAX]; /* from the domain to here */
	size_t depth;
	const char *seen[AUDIT_RECORDS_MAX];
	size_t seen_count;
	unsigned lookups, voids;
	bool last; /* the record at hand decides how the domain's own ends */
	int all;   /* qualifier of the "all" that ends it */
};

/* The record at name and all below it; last: it is the domain's own, or its
 * redirect's. */
enum spf_state audit_spf_walk(struct spf_walk *w, const char *name, bool last);

/* The terms of one record, without asking anybody; false when it is
 * permerror. */
bool audit_spf_record(struct spf_walk *w, const char *owner,
    const struct dns_record *found, struct spfrecord *r);

#endif
