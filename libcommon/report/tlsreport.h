/* SMTP TLS reports (RFC 8460 section 4.4). Missing members are no error: many
 * lack the contact, a policy's strings or an MTA's address.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_TLSREPORT_H
#define REPORT_TLSREPORT_H

#include "base/arena.h"
#include "base/err.h"

#define TLSREPORT_POLICIES_MAX 10000
#define TLSREPORT_FAILURES_MAX 100000 /* of all policies */

struct tlsreport_failure {
	struct slice type, sending_ip, receiving_mx, receiving_ip, reason;
	int64_t count;
};

struct tlsreport_policy {
	struct slice type, domain;
	int64_t success, failure;
	struct tlsreport_failure *v;
	size_t n;
};

struct tlsreport {
	struct slice org, contact, report_id, begin, end;
	struct tlsreport_policy *v; /* in the arena, in order */
	size_t n;
};

/* 1 one was read, 0 JSON of another kind, -1 no JSON (ERR_DATA). */
int tlsreport_read(
    struct slice text, struct arena *a, struct tlsreport *r_r, struct err *e);

#endif
