/* How mail programs find their servers: SRV (RFC 6186, 8314), autoconfig and
 * autodiscover.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/auditparts.h"

enum {
	SUBMISSION,
	SUBMISSIONS,
	IMAP,
	IMAPS,
	POP3,
	POP3S,
	AUTODISCOVER,
	SIEVE,
	JMAP,
	SERVICES
};

static const struct {
	const char *name;
	unsigned port;
} services[] = {
	{ "_submission", 587 },
	{ "_submissions", 465 },
	{ "_imap", 143 },
	{ "_imaps", 993 },
	{ "_pop3", 110 },
	{ "_pop3s", 995 },
	{ "_autodiscover", 443 },
	{ "_sieve", 4190 },
	{ "_jmap", 443 },
};

static void
check_target(struct audit *au, const char *owner, const char *target)
{
	struct dns_answer v4, v6;

	audit_ask(au, target, DNS_A, &v4);
	audit_ask(au, target, DNS_AAAA, &v6);
	if (v4.chain_count || v6.chain_count)
		audit_add(au, AUDIT_SRV_TARGET_CNAME, owner, "SRV", NULL,
		    "'%s'", target);
	if (audit_says_no(&v4) && audit_says_no(&v6))
		audit_add(au, AUDIT_SRV_TARGET_MISSING, owner, "SRV", NULL,
		    "'%s'", target);
}

/* 1 there, 0 not, -1 nobody knows. */
static int
check_service(struct audit *au, size_t i)
{
	const char *owner =
	    arena_fmt(au->a, "%s._tcp.%s", services[i].name, au->r->ascii);
	struct dns_answer r;

	audit_ask(au, owner, DNS_SRV, &r);
	for (size_t j = 0; j < r.count; j++) {
		const struct dns_record *o = &r.records[j];

		if (strcmp(o->srv.target, ".") == 0) {
			audit_add(
			    au, AUDIT_SRV_ABSENT, owner, "SRV", NULL, "%s", "");
			continue;
		}
		if (o->srv.port != services[i].port)
			audit_add(au, AUDIT_SRV_PORT, owner, "SRV", NULL,
			    "%u, not %u", o->srv.port, services[i].port);
		check_target(au, owner, o->srv.target);
	}
	return r.count ? 1 : audit_says_no(&r) ? 0 : -1;
}

/* Autoconfig and autodiscover hosts: 1 there, 0 not, -1 nobody knows. */
static int
check_host(struct audit *au, const char *label)
{
	const char *name = arena_fmt(au->a, "%s.%s", label, au->r->ascii);
	struct dns_answer r, v6;

	audit_ask(au, name, DNS_A, &r);
	if (r.chain_count && r.status == DNS_NXDOMAIN && !r.outside) {
		audit_add(au, AUDIT_AUTODISCOVER_DANGLING, name, "CNAME", NULL,
		    "'%s' does not exist", r.name);
		return 1;
	}
	if (r.count || r.chain_count)
		return 1;
	audit_ask(au, name, DNS_AAAA, &v6);
	if (v6.count)
		return 1;
	return audit_says_no(&r) && audit_says_no(&v6) ? 0 : -1;
}

static void
missing(struct audit *au, enum audit_id id)
{
	audit_add(au, id, au->r->ascii, "SRV", NULL, "%s", "");
}

void
audit_srv(struct audit *au)
{
	const struct audit_report *r = au->r;
	int there[SERVICES], config, discover;

	/* Nobody reads mail where none comes in. */
	if (au->nxdomain || r->host_count == 0)
		return;
	for (size_t i = 0; i < SERVICES; i++)
		there[i] = check_service(au, i);
	if (there[SUBMISSION] == 0 && there[SUBMISSIONS] == 0)
		missing(au, AUDIT_SRV_SUBMISSION_MISSING);
	if (there[IMAPS] == 0)
		missing(au, AUDIT_SRV_IMAPS_MISSING);
	for (size_t i = SUBMISSION; i <= POP3; i += 2)
		if (there[i] > 0 && there[i + 1] == 0)
			audit_add(au, AUDIT_SRV_CLEARTEXT_ONLY,
			    arena_fmt(au->a, "%s._tcp.%s", services[i].name,
				r->ascii),
			    "SRV", NULL, "%s", "");
	if (there[SIEVE] > 0 || there[JMAP] > 0)
		missing(au, AUDIT_SIEVE_JMAP_INFO);
	config = check_host(au, "autoconfig");
	discover = check_host(au, "autodiscover");
	if (config == 0)
		missing(au, AUDIT_AUTOCONFIG_MISSING);
	if (discover == 0 && there[AUTODISCOVER] == 0)
		missing(au, AUDIT_AUTODISCOVER_MISSING);
}
