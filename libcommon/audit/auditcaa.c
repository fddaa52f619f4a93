/* CAA for the hosts that need certificates (RFC 8659): mail hosts and the host
 * of the MTA-STS policy.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

#define LABELS_MAX 128 /* names climbed */

/* What the CAA records of one host say. */
struct say {
	bool issue, deny, iodef, vmc, expected;
};

static bool
is_property(struct slice tag)
{
	for (size_t i = 0; i < tag.n; i++)
		if (!ascii_is_alpha(slice_at(tag, i)) &&
		    !ascii_is_digit(slice_at(tag, i)))
			return false;
	return tag.n > 0;
}

static bool
is_iodef(struct slice s)
{
	return slice_starts_nocase(s, "mailto:") ||
	       slice_starts_nocase(s, "https:") ||
	       slice_starts_nocase(s, "http:");
}

static void
add(struct audit *au, enum audit_id id, const char *owner, struct slice what)
{
	audit_add(au, id, owner, "CAA", NULL, "%s",
	    dns_name_escape(slice_sub(what, 0, 100), au->a));
}

/*	issue-value = *WSP [issuer-domain-name *WSP] [";" ...]	*/
static void
read_issue(struct audit *au, struct say *say, struct slice value)
{
	const char *ca = au->want->expect_ca;
	struct slice issuer = slice_trim(slice_take_until(&value, ';', NULL));

	say->issue = true;
	say->deny |= issuer.n == 0;
	say->expected |= ca && slice_is_nocase(issuer, ca);
	if (issuer.n)
		say->deny = false;
}

static void
read_record(struct audit *au, const char *owner, const struct dns_record *r,
    struct say *say)
{
	static const char *const known[] = { "issuewild", "issuemail",
		"issuevmc", "contactemail", "contactphone" };
	struct slice tag = r->caa.tag, value = r->caa.value;
	bool fine = false;

	for (size_t i = 0; i < COUNT_OF(known); i++)
		fine |= slice_is_nocase(tag, known[i]);
	say->vmc |= slice_is_nocase(tag, "issuevmc");
	if (!is_property(tag)) {
		add(au, AUDIT_CAA_SYNTAX, owner, tag);
	} else if (slice_is_nocase(tag, "issue")) {
		read_issue(au, say, value);
	} else if (slice_is_nocase(tag, "iodef")) {
		say->iodef |= is_iodef(value);
	} else if (!fine && r->caa.flags & 0x80) {
		add(au, AUDIT_CAA_CRITICAL_UNKNOWN, owner, tag);
	}
}

static void
check_set(
    struct audit *au, const char *owner, const struct dns_answer *r, bool vmc)
{
	struct say say = { 0 };
	struct slice none = { 0 };

	for (size_t i = 0; i < r->count; i++)
		read_record(au, owner, &r->records[i], &say);
	if (!say.issue)
		add(au, AUDIT_CAA_NO_ISSUE, owner, none);
	if (say.deny)
		add(au, AUDIT_CAA_DENY, owner, none);
	if (!say.iodef)
		add(au, AUDIT_CAA_IODEF, owner, none);
	if (say.issue && au->want->expect_ca && !say.expected)
		add(au, AUDIT_CAA_ISSUER_UNEXPECTED, owner,
		    slice_str(au->want->expect_ca));
	if (vmc && !say.vmc)
		add(au, AUDIT_CAA_ISSUEVMC, owner, none);
}

/* RFC 8659 section 3: the first name upwards that has CAA. */
static void
check_name(struct audit *au, const char *name, enum audit_id missing, bool vmc)
{
	const char *at = name;

	for (int i = 0; i < LABELS_MAX && *at; i++) {
		struct dns_answer r;
		const char *dot = strchr(at, '.');

		audit_ask(au, at, DNS_CAA, &r);
		if (r.count)
			check_set(au, at, &r, vmc);
		if (!audit_says_no(&r))
			return;
		at = dot ? dot + 1 : "";
	}
	audit_add(au, missing, name, "CAA", NULL, "%s", "");
}

void
audit_caa(struct audit *au)
{
	const struct audit_report *r = au->r;
	struct dns_answer sts;
	const char *host = arena_fmt(au->a, "mta-sts.%s", r->ascii);

	if (au->nxdomain)
		return;
	for (size_t i = 0; i < r->host_count; i++)
		if (r->hosts[i].count)
			check_name(
			    au, r->hosts[i].name, AUDIT_CAA_MISSING, false);
	audit_ask(au, host, DNS_A, &sts);
	if (sts.count)
		check_name(au, host, AUDIT_CAA_STS_HOST, false);
	if (slice_search(r->bimi_record, slice_str("a=https:")) != SIZE_MAX)
		check_name(au, r->ascii, AUDIT_CAA_ISSUEVMC, true);
}
