/* What the parts of an audit share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUDIT_AUDITPARTS_H
#define AUDIT_AUDITPARTS_H

#include "base/arena.h"

#include "net/dns.h"

#include "audit/auditreport.h"

struct audit {
	struct dns *dns;
	struct arena *a;
	struct audit_report *r;
	struct err *e;
	bool nxdomain; /* the domain does not exist: nothing is missing */
	bool broken;   /* the machine failed; e says how */
};

/* Adds a finding; span may be null. The same rule at the same place and with
 * the same detail counts once. */
void audit_add(struct audit *au, enum audit_id id, const char *owner,
    const char *type, const size_t *span, const char *fmt, ...)
    PRINTF_LIKE(6, 7);

/* Asks; a failure, a name outside the zone files, and a CNAME that leads
 * nowhere become findings here. A name that is none does not exist. */
void audit_ask(struct audit *au, const char *name, enum dns_type type,
    struct dns_answer *r);

/* The answer says no: it is neither unknown nor outside the files. */
bool audit_says_no(const struct dns_answer *r);

void audit_mx(struct audit *au);
void audit_spf(struct audit *au);
void audit_dkim(struct audit *au, const char *const *selectors, size_t count);
void audit_dmarc(struct audit *au);

#endif
