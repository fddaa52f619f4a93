/* Whether a bounce is about mail of ours: by what came back of it. Our domain
 * in its Message-ID or From together with our relay in a Received field, or a
 * DKIM signature of our domain; anybody can forge the first alone.
 * Before all of these counts a tag by a key of ours.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_OURS_H
#define REPORT_OURS_H

#include "report/ourskey.h"
#include "report/report.h"

#define OURS_FIELDS_MAX 500 /* of a returned header */

enum ours { OURS_NOT_ASKED, OURS_YES, OURS_NO, OURS_UNKNOWN };

/* What became of our signature in what came back, where that was looked at. */
enum ours_signed {
	OURS_SIGNED_NOT_ASKED,
	OURS_SIGNED_NOT, /* there is none, or it is not good */
	OURS_SIGNED_HEADER,
	OURS_SIGNED_MESSAGE /* the body, too */
};

struct ours_names {
	const char *const *domains; /* and what is below them */
	const char *const *relays;  /* names or addresses */
	size_t domain_count, relay_count;
	const struct ourskey *keys; /* or null */
	enum ours_signed signed_by_us;
};

/* *by_r is the evidence: "verp-hmac", "envid-hmac", "batv", "verp-bad",
 * "envid-bad", "batv-bad" (a tag of no key of ours), "batv-late", "dkim-header"
 * and "dkim-message" (our key made the signature), "dkim" (it only says so),
 * "msgid-relay", "my-domain", "foreign" or null. OURS_NOT_ASKED when neither a
 * domain nor a key is given. */
enum ours ours_of(const struct report *r, const struct ours_names *names,
    struct arena *a, const char **by_r);

/* The name is one of v, or below one of them. */
bool ours_is_below(struct slice name, const char *const *v, size_t n);

/* The recipient in an address that mail was sent from: "b+u=d@", "b-u=d@",
 * "b+u==d==list@" and the like, with a tag (see ourskey.h) or without. Empty:
 * none. */
struct slice ours_verp(struct slice address, struct arena *a);

#endif
