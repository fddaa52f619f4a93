/* The mail DNS of a domain, looked at as a whole.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/idna.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

/* The questions every audit asks, all in flight at once; what comes later
 * finds them in the cache. */
static int
ask_ahead(struct audit *au, const char *const *selectors, size_t count)
{
	const char *domain = au->r->ascii;
	struct dns_question q[6 + AUDIT_SELECTORS_MAX] = {
		{ .name = domain, .type = DNS_MX },
		{ .name = domain, .type = DNS_TXT },
		{ .name = domain, .type = DNS_A },
		{ .name = domain, .type = DNS_AAAA },
		{ .name = domain, .type = DNS_SPF },
		{ .name = arena_fmt(au->a, "_dmarc.%s", domain),
		    .type = DNS_TXT },
	};

	for (size_t i = 0; i < count; i++) {
		q[6 + i].name =
		    arena_fmt(au->a, "%s._domainkey.%s", selectors[i], domain);
		q[6 + i].type = DNS_TXT;
	}
	return dns_query_all(au->dns, q, 6 + count, au->a, au->e);
}

/* What only all parts together show. */
static void
audit_cross(struct audit *au)
{
	struct audit_report *r = au->r;
	bool null = strcmp(r->mx_state, "null") == 0;
	bool spf = strcmp(r->spf_state, "record") == 0;
	bool sends = spf && !slice_is_nocase(r->spf_record, "v=spf1 -all");
	bool key = r->key_count == 0;

	if (null && sends)
		audit_add(au, AUDIT_MX_NULL_BUT_SENDS, r->ascii, "MX", NULL,
		    "%s", "");
	if (spf && !sends && strcmp(r->mx_state, "implicit") == 0)
		audit_add(
		    au, AUDIT_MX_NULL_ADVISED, r->ascii, "MX", NULL, "%s", "");
	for (size_t i = 0; i < r->key_count; i++)
		key |= strcmp(r->keys[i].state, "missing") != 0;
	if (strcmp(r->spf_state, "none") == 0 && !key &&
	    r->dmarc_policy > DMARC_POLICY_NONE)
		audit_add(au, AUDIT_DMARC_NO_AUTH_BASE,
		    arena_fmt(au->a, "_dmarc.%s", r->dmarc_at), "TXT", NULL,
		    "p=%s", dmarc_policy_name(r->dmarc_policy));
}

int
audit_domain(struct dns *d, const char *domain, const char *const *selectors,
    size_t count, struct arena *a, struct audit_report *r, struct err *e)
{
	struct audit au = { .dns = d, .a = a, .r = r, .e = e };
	struct slice ascii;

	*r = (struct audit_report){ .domain = domain };
	if (idna_to_dns(slice_str(domain), a, &ascii, e) < 0)
		return -1;
	if (count > AUDIT_SELECTORS_MAX)
		return err_set(e, ERR_USAGE, "more than %d selectors",
		    AUDIT_SELECTORS_MAX);
	r->ascii = arena_copy(a, ascii);
	if (ask_ahead(&au, selectors, count) < 0)
		return -1;
	for (const char *p = domain; *p; p++)
		if ((unsigned char)*p > 127) {
			audit_add(&au, AUDIT_DNS_IDN_CONVERTED, r->ascii, "",
			    NULL, "%s", "");
			break;
		}
	audit_mx(&au);
	audit_spf(&au);
	audit_dkim(&au, selectors, count);
	audit_dmarc(&au);
	audit_cross(&au);
	return au.broken ? -1 : 0;
}
