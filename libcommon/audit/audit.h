/* The mail DNS of a domain, looked at as a whole: facts and findings. What
 * could not be asked is unknown and never reported as missing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "base/json.h"

#include "net/dns.h"

#include "audit/auditreport.h"

/* Looks at one domain; selectors are those whose DKIM keys should be there.
 * The report is the arena's. ERR_DATA: it is no domain. */
int audit_domain(struct dns *d, const char *domain,
    const char *const *selectors, size_t selector_count, struct arena *a,
    struct audit_report *r, struct err *e);

/* A page for people; colour with escape sequences. Findings under min are left
 * out, unknowns never. */
void audit_page(const struct audit_report *r, enum audit_severity min,
    bool colour, struct buf *out);

/* One object (schemas/mcheckdns.json). */
struct json *audit_json(const struct audit_report *r, enum audit_severity min);

#endif
