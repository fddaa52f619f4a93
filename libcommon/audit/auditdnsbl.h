/* Is an address or a domain on a list (RFC 5782)? The lists' own test entries
 * are asked first: one that does not work says nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUDIT_AUDITDNSBL_H
#define AUDIT_AUDITDNSBL_H

#include "net/dns.h"

#include "audit/auditreport.h"

struct audit_lists {
	const char *const *block; /* zones of block lists */
	size_t block_count;
	const char *const *good; /* zones of lists of good senders */
	size_t good_count;
};

/* what: an address, or a domain. The report has findings only. */
int audit_dnsbl(struct dns *d, const char *what,
    const struct audit_lists *lists, struct arena *a, struct audit_report *r,
    struct err *e);

#endif
