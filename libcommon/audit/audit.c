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

/* Names that are asked below the domain, whatever it says. */
static const struct {
	unsigned part;
	const char *prefix;
	enum dns_type type;
} ahead[] = {
	{ AUDIT_PARTS_ALL, "", DNS_MX },
	{ AUDIT_PARTS_ALL, "", DNS_TXT },
	{ AUDIT_PART_MX, "", DNS_A },
	{ AUDIT_PART_MX, "", DNS_AAAA },
	{ AUDIT_PART_SPF, "", DNS_SPF },
	{ AUDIT_PART_DMARC, "_dmarc.", DNS_TXT },
	{ AUDIT_PART_STS, "_mta-sts.", DNS_TXT },
	{ AUDIT_PART_STS, "mta-sts.", DNS_A },
	{ AUDIT_PART_STS, "mta-sts.", DNS_AAAA },
	{ AUDIT_PART_TLSRPT, "_smtp._tls.", DNS_TXT },
	{ AUDIT_PART_BIMI, "default._bimi.", DNS_TXT },
	{ AUDIT_PART_SRV, "_submission._tcp.", DNS_SRV },
	{ AUDIT_PART_SRV, "_submissions._tcp.", DNS_SRV },
	{ AUDIT_PART_SRV, "_imap._tcp.", DNS_SRV },
	{ AUDIT_PART_SRV, "_imaps._tcp.", DNS_SRV },
	{ AUDIT_PART_SRV, "_pop3._tcp.", DNS_SRV },
	{ AUDIT_PART_SRV, "_pop3s._tcp.", DNS_SRV },
	{ AUDIT_PART_SRV, "_autodiscover._tcp.", DNS_SRV },
	{ AUDIT_PART_SRV, "autoconfig.", DNS_A },
	{ AUDIT_PART_SRV, "autodiscover.", DNS_A },
};

/* The questions every audit asks, all in flight at once; what comes later
 * finds them in the cache. */
static int
ask_ahead(struct audit *au)
{
	const char *domain = au->r->ascii;
	struct dns_question q[COUNT_OF(ahead) + AUDIT_SELECTORS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < COUNT_OF(ahead); i++)
		if (ahead[i].part & au->r->parts)
			q[n++] = (struct dns_question){
				.name = arena_fmt(
				    au->a, "%s%s", ahead[i].prefix, domain),
				.type = ahead[i].type
			};
	for (size_t i = 0;
	     i < au->want->selector_count && au->r->parts & AUDIT_PART_DKIM;
	     i++)
		q[n++] = (struct dns_question){
			.name = arena_fmt(au->a, "%s._domainkey.%s",
			    au->want->selectors[i], domain),
			.type = DNS_TXT
		};
	return dns_query_all(au->dns, q, n, au->a, au->e);
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
	if (!dns_is_offline(d) && ask_ahead(&au) < 0)
		return -1;
	for (const char *p = domain; *p; p++)
		if ((unsigned char)*p > 127) {
			audit_add(&au, AUDIT_DNS_IDN_CONVERTED, r->ascii, "",
			    NULL, "%s", "");
			break;
		}
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (r->parts & 1u << i)
			parts[i](&au);
	if (r->parts == AUDIT_PARTS_ALL)
		audit_cross(&au);
	if (r->parts == AUDIT_PARTS_ALL)
		audit_below(&au);
	return au.broken ? -1 : 0;
}
