/* DMARC aggregate reports (RFC 7489 appendix C; RFC 9990). Namespaces are
 * passed over; what text/xml refuses and more than DMARCREPORT_RECORDS_MAX
 * records are refused.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_DMARCREPORT_H
#define REPORT_DMARCREPORT_H

#include "base/arena.h"
#include "base/err.h"

#define DMARCREPORT_RECORDS_MAX 1000000
#define DMARCREPORT_TEXT_MAX    2000 /* octets of a value; more is cut off */

struct dmarcreport_auth {
	struct slice domain, selector, scope, result; /* as the receiver saw */
	struct dmarcreport_auth *next;
};

struct dmarcreport_reason {
	struct slice type, comment;
	struct dmarcreport_reason *next;
};

struct dmarcreport_record {
	struct slice ip, disposition, dkim, spf; /* policy_evaluated */
	struct slice header_from, envelope_from, envelope_to;
	uint64_t count;
	struct dmarcreport_reason *reasons;
	struct dmarcreport_auth *auth_dkim, *auth_spf;
};

struct dmarcreport {
	struct slice version, org, email, report_id, domain;
	struct slice p, sp, np, pct, adkim, aspf, fo, testing, discovery;
	uint64_t begin, end;          /* seconds since 1970, 0: not told */
	struct dmarcreport_record *v; /* in the arena, in order */
	size_t n;
};

/* True when text starts as XML with a feedback element would. */
bool dmarcreport_looks(struct slice text);

/* Everything made is the arena's. ERR_DATA says what is broken, and where;
 * ERR_UNAVAILABLE: this build has no expat. */
int dmarcreport_read(
    struct slice text, struct arena *a, struct dmarcreport *r_r, struct err *e);

#endif
