/* The mail DNS of a domain, looked at as a whole.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/idna.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

static const char *const part_names[] = { "mx", "spf", "dkim", "dmarc", "sts",
	"tlsrpt", "dane", "bimi", "ptr", "caa", "srv" };

static void (*const parts[])(struct audit *) = { audit_mx, audit_spf,
	audit_dkim, audit_dmarc, audit_sts, audit_tlsrpt, audit_dane,
	audit_bimi, audit_ptr, audit_caa, audit_srv };

const char *
audit_part_name(size_t i)
{
	return i < COUNT_OF(part_names) ? part_names[i] : NULL;
}

unsigned
audit_part_named(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(part_names); i++)
		if (slice_is(name, part_names[i]))
			return 1u << i;
	return 0;
}

int
audit_domain(struct dns *d, const char *domain, const struct audit_want *want,
    struct arena *a, struct audit_report *r, struct err *e)
{
	struct audit au = { .dns = d, .want = want, .a = a, .r = r, .e = e };
	struct slice ascii;

	*r = (struct audit_report){ .domain = domain,
		.parts = want->parts ? want->parts : AUDIT_PARTS_ALL };
	if (idna_to_dns(slice_str(domain), a, &ascii, e) < 0)
		return -1;
	/* These look at the MX hosts. */
	if (r->parts & (AUDIT_PART_STS | AUDIT_PART_DANE | AUDIT_PART_PTR |
			   AUDIT_PART_CAA | AUDIT_PART_SRV))
		r->parts |= AUDIT_PART_MX;
	if (want->selector_count > AUDIT_SELECTORS_MAX)
		return err_set(e, ERR_USAGE, "more than %d selectors",
		    AUDIT_SELECTORS_MAX);
	r->ascii = arena_copy(a, ascii);
	if (!dns_is_offline(d) && audit_ask_ahead(&au) < 0)
		return -1;
	for (const char *p = domain; *p; p++)
		if ((unsigned char)*p > 127) {
			audit_add(&au, AUDIT_DNS_IDN_CONVERTED, r->ascii, "",
			    NULL, "%s", "");
			break;
		}
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (r->parts & 1u << i) {
			parts[i](&au);
			if (parts[i] == audit_mx && want->probe_hosts)
				audit_probe(&au);
		}
	if (want->all_ns)
		audit_servers(&au);
	if (r->parts == AUDIT_PARTS_ALL)
		audit_cross(&au);
	if (r->parts == AUDIT_PARTS_ALL)
		audit_below(&au);
	return au.broken ? -1 : 0;
}
