/* DMARC as receivers apply it to a domain, seen by the two generations of
 * readers: RFC 9989 (walking the tree) and RFC 7489 (organizational domains of
 * the Public Suffix List).
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_DMARCVIEW_H
#define AUTH_DMARCVIEW_H

#include "auth/dmarc.h"

/* What a reader makes of a domain. The three policies are those in force, one
 * step down with t=y; UNSET where none applies. */
struct dmarc_view {
	bool known;      /* nothing failed, and this build can tell */
	const char *org; /* organizational domain */
	const char *at;  /* whose record applies to the domain, or null */
	const struct dmarc_record *record; /* that record */
	enum dmarc_policy domain;          /* of the domain itself */
	enum dmarc_policy subdomain;       /* of a name below it that exists */
	enum dmarc_policy nonexistent;     /* of one that does not */
};

/* RFC 9989, from a walk that was made. */
void dmarc_view_of(const struct dmarc_walk *w, struct dmarc_view *v_r);

/* RFC 7489 (sections 3.2, 6.6.3): the domain, then its organizational domain
 * of the list. Not known without libpsl. */
int dmarc_view_old(struct dns *d, const char *domain, struct arena *a,
    struct dmarc_view *v_r, struct err *e);

/* The verdict of an RFC 7489 receiver. */
int dmarc_check_old(struct dns *d, const struct dmarc_input *in,
    struct arena *a, struct dmarc_verdict *v_r, struct err *e);

#endif
