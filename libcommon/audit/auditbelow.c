/* What master files hold below a domain: hosts without SPF, and policies of
 * their own. Of the network nobody can ask that.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/spfrecord.h"

#include "audit/auditparts.h"

static int
compare(const void *a, const void *b)
{
	const struct dns_below *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static bool
is_mx_host(const struct audit_report *r, const char *name)
{
	for (size_t i = 0; i < r->host_count; i++)
		if (dns_name_equal(r->hosts[i].name, name))
			return true;
	return false;
}

/* RFC 7208 section 10.1.2. Names that no address can have are left out, and
 * MX hosts, of which spf-helo-missing speaks. */
static void
check_host(struct audit *au, const char *name)
{
	struct dns_answer r;
	bool there = false;

	if (*name == '_' || *name == '*' || is_mx_host(au->r, name))
		return;
	audit_ask(au, name, DNS_TXT, &r);
	for (size_t i = 0; i < r.count; i++)
		there |= spfrecord_is(r.records[i].txt.text);
	if (!there && audit_says_no(&r))
		audit_add(
		    au, AUDIT_SPF_SUBDOMAIN_OPEN, name, "TXT", NULL, "%s", "");
}

/* A record that binds less than the one above it. */
static void
check_policy(struct audit *au, const char *owner)
{
	enum dmarc_policy ours = au->r->dmarc_policy;
	struct dmarc_record record;
	struct dns_answer r;

	audit_ask(au, owner, DNS_TXT, &r);
	for (size_t i = 0; i < r.count; i++)
		if (dmarc_parse(r.records[i].txt.text, &record, NULL) > 0 &&
		    record.p < ours)
			audit_add(au, AUDIT_DMARC_CHILD_WEAKER, owner, "TXT",
			    NULL, "p=%s below p=%s",
			    dmarc_policy_name(record.p),
			    dmarc_policy_name(ours));
}

void
audit_below(struct audit *au)
{
	const struct audit_report *r = au->r;
	const char *own = arena_fmt(au->a, "_dmarc.%s", r->ascii);
	bool open =
	    r->dmarc_view.known && r->dmarc_view.subdomain <= DMARC_POLICY_NONE;
	const struct dns_below *found;
	struct dns_below *names;
	size_t n =
	    dns_names_below(au->dns, r->ascii, AUDIT_BELOW_MAX, au->a, &found);

	if (n == 0)
		return;
	names = arena_array(au->a, n, sizeof(*names));
	memcpy(names, found, n * sizeof(*names));
	qsort(names, n, sizeof(*names), compare);
	for (size_t i = 0; i < n; i++) {
		if (names[i].host && open)
			check_host(au, names[i].name);
		else if (!names[i].host && !dns_name_equal(names[i].name, own))
			check_policy(au, names[i].name);
	}
}
