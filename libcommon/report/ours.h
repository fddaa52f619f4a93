/* Whether a bounce is about mail of ours: by what came back of it. Our domain
 * in its Message-ID or From together with our relay in a Received field, or a
 * DKIM signature of our domain; anybody can forge the first alone.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_OURS_H
#define REPORT_OURS_H

#include "report/report.h"

#define OURS_FIELDS_MAX 500 /* of a returned header */

enum ours { OURS_NOT_ASKED, OURS_YES, OURS_NO, OURS_UNKNOWN };

struct ours_names {
	const char *const *domains; /* and what is below them */
	const char *const *relays;  /* names or addresses */
	size_t domain_count, relay_count;
};

/* *by_r is the evidence: "dkim", "msgid-relay", "my-domain", "foreign" or
 * null. OURS_NOT_ASKED when no domain is given. */
enum ours ours_of(const struct report *r, const struct ours_names *names,
    struct arena *a, const char **by_r);

/* The recipient in an address that mail was sent from: "b+u=d@", "b-u=d@",
 * "b+u==d==list@", SRS0 and the like. Empty: none. */
struct slice ours_verp(struct slice address, struct arena *a);

#endif
