/* The logo and the mark certificate that a BIMI record names, fetched where
 * that is asked for.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/https.h"

#include "auth/bimi.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

#define WHY_MAX 200

/* True with a body; what stands in the way is a finding, unless it was the
 * DNS, which is told already. */
static bool
fetch(struct audit *au, const char *owner, enum audit_id id, struct slice url,
    size_t max, struct https_reply *r)
{
	struct https_want want = { .url = arena_copy(au->a, url),
		.ca_file = au->want->ca_file,
		.port = au->want->https_port,
		.max = max + 1 };
	struct err e;

	if (https_get(au->dns, &want, au->a, r, &e) < 0) {
		if (e.kind != ERR_DATA) {
			*au->e = e;
			au->broken = true;
			return false;
		}
		audit_add(au, id, owner, "TXT", NULL, "%s", e.text);
		return false;
	}
	if (r->outcome == HTTPS_GOT)
		return true;
	if (r->outcome == HTTPS_TOO_BIG)
		audit_add(au, id, owner, "TXT", NULL,
		    "'%s' has over %zu octets", want.url, max);
	else if (r->outcome != HTTPS_NO_HOST && r->outcome != HTTPS_UNKNOWN &&
		 r->outcome != HTTPS_NO_REPLY)
		audit_add(
		    au, id, owner, "TXT", NULL, "'%s': %s", want.url, r->why);
	return false;
}

void
audit_bimi_files(
    struct audit *au, const char *owner, struct slice logo, struct slice cert)
{
	struct https_reply r;
	struct bimi_svg svg;
	char why[WHY_MAX];

	if (!au->want->fetch)
		return;
	if (logo.n &&
	    fetch(au, owner, AUDIT_BIMI_SVG, logo, BIMI_SVG_MAX, &r)) {
		bimi_svg_check(r.body, &svg);
		for (size_t i = 0; i < svg.n; i++)
			audit_add(au, AUDIT_BIMI_SVG, owner, "TXT", NULL, "%s",
			    svg.fault[i]);
	}
	if (cert.n &&
	    fetch(au, owner, AUDIT_BIMI_CERT, cert, BIMI_CERT_MAX, &r) &&
	    bimi_cert_fault(
		r.body, au->r->ascii, au->want->now, why, sizeof(why)))
		audit_add(au, AUDIT_BIMI_CERT, owner, "TXT", NULL, "%s", why);
}
