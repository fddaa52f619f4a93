/* What the parts of an audit share: findings added, questions asked.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "auth/orgdomain.h"

#include "audit/auditparts.h"

#define DETAIL_MAX 1001   /* octets of a detail and NUL; the rest is cut */
#define TTL_LOW    300    /* seconds */
#define TTL_HIGH   604800 /* a week */
#define CHAIN_LONG 4      /* CNAMEs of one answer that are still fine */

static bool
is_there(const struct audit_report *r, const struct audit_finding *f)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct audit_finding *o = &r->findings[i];

		if (o->rule == f->rule && o->span[0] == f->span[0] &&
		    strcmp(o->owner, f->owner) == 0 &&
		    strcmp(o->type, f->type) == 0 &&
		    strcmp(o->detail, f->detail) == 0)
			return true;
	}
	return false;
}

void
audit_add(struct audit *au, enum audit_id id, const char *owner,
    const char *type, const size_t *span, const char *fmt, ...)
{
	struct audit_finding f = {
		.rule = audit_rule_of(id), .owner = owner, .type = type
	};
	struct audit_report *r = au->r;
	char detail[DETAIL_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	f.detail = detail;
	if (span) {
		f.placed = true;
		f.span[0] = span[0];
		f.span[1] = span[1];
	}
	if (r->count == AUDIT_FINDINGS_MAX || is_there(r, &f))
		return;
	f.detail = *detail ? arena_string(au->a, detail) : "";
	if (r->count == r->cap)
		r->findings = arena_grow(au->a, r->findings, r->count,
		    r->count + 1, sizeof(f), &r->cap);
	r->findings[r->count++] = f;
	r->counts[f.rule->severity]++;
}

void
audit_add_tag(struct audit *au, enum audit_id id, const char *owner,
    const struct tag *t, struct slice text)
{
	size_t span[2] = { 0, 0 };

	if (t) {
		span[0] = t->name_at;
		span[1] = t->value_at + t->value.n;
	}
	audit_add(au, id, owner, "TXT", t ? span : NULL, "%.*s",
	    t ? (int)size_min(span[1] - span[0], 80) : 0,
	    t ? text.p + span[0] : "");
}

bool
audit_says_no(const struct dns_answer *r)
{
	return !dns_unknown(r->status) && r->count == 0 && !r->outside;
}

static void
report_failure(
    struct audit *au, const char *name, const char *type, enum dns_status s)
{
	enum audit_id id = s == DNS_TIMEOUT   ? AUDIT_DNS_TIMEOUT
	                   : s == DNS_REFUSED ? AUDIT_DNS_REFUSED
	                   : s == DNS_BOGUS   ? AUDIT_DNS_BOGUS
	                                      : AUDIT_DNS_SERVFAIL;

	audit_add(au, id, name, type, NULL, "%s", "");
}

static bool
is_circle(const struct dns_answer *r)
{
	for (size_t i = 0; i < r->chain_count; i++)
		for (size_t j = 0; j < i; j++)
			if (dns_name_equal(r->chain[i], r->chain[j]))
				return true;
	return false;
}

/* Of master files only: what a cache says is the time that is left. */
static void
check_ttl(struct audit *au, const char *name, enum dns_type type,
    const struct dns_answer *r)
{
	const char *t = dns_type_name(type);

	if (type != DNS_MX && type != DNS_TXT && type != DNS_TLSA)
		return;
	if (r->ttl < TTL_LOW)
		audit_add(au, AUDIT_DNS_TTL_LOW, name, t, NULL, "%u seconds",
		    (unsigned)r->ttl);
	if (r->ttl > TTL_HIGH)
		audit_add(au, AUDIT_DNS_TTL_HIGH, name, t, NULL, "%u seconds",
		    (unsigned)r->ttl);
}

/* What happened on the way. */
static void
check_marks(
    struct audit *au, const char *name, const char *type, unsigned marks)
{
	static const struct {
		unsigned mark;
		enum audit_id id;
	} told[] = {
		{ DNS_BY_TCP, AUDIT_DNS_TRUNCATED_TCP },
		{ DNS_TCP_FAILED, AUDIT_DNS_TCP_FAILED },
		{ DNS_BESIDE_CNAME, AUDIT_DNS_CNAME_AND_OTHER },
	};

	for (size_t i = 0; i < COUNT_OF(told); i++)
		if (marks & told[i].mark)
			audit_add(au, told[i].id, name, type, NULL, "%s", "");
	if (marks & DNS_NO_EDNS)
		audit_add(au, AUDIT_DNS_EDNS_BROKEN, au->r->ascii, "", NULL,
		    "%s", "");
}

bool
audit_is_unregistered(struct audit *au, const char *name)
{
	struct dns_answer r;
	const char *org;

	audit_ask(au, name, DNS_A, &r);
	if (r.status != DNS_NXDOMAIN || r.outside || r.chain_count ||
	    !dns_name_ok(name))
		return false;
	org = orgdomain_of(name, au->a);
	if (!org || orgdomain_is_suffix(org))
		return false;
	audit_ask(au, org, DNS_SOA, &r);
	return r.status == DNS_NXDOMAIN && !r.outside;
}

void
audit_ask(struct audit *au, const char *name, enum dns_type type,
    struct dns_answer *r)
{
	const char *t = dns_type_name(type);
	struct dns_question q = { .name = name, .type = type };

	if (dns_query_all(au->dns, &q, 1, au->a, au->e) < 0) {
		au->broken = true;
		q.answer.status = DNS_TIMEOUT;
	}
	*r = q.answer;
	au->took += r->took;
	if (!r->name)
		r->name = name;
	if (r->status == DNS_SERVFAIL && is_circle(r))
		audit_add(
		    au, AUDIT_DNS_CNAME_LOOP, name, "CNAME", NULL, "%s", "");
	else if (dns_unknown(r->status))
		report_failure(au, name, t, r->status);
	if (r->count && dns_is_offline(au->dns))
		check_ttl(au, name, type, r);
	if (r->marks)
		check_marks(au, name, t, r->marks);
	if (r->status == DNS_NXDOMAIN && !r->chain_count && !dns_name_ok(name))
		audit_add(au, AUDIT_DNS_NAME_INVALID, au->r->ascii, "", NULL,
		    "'%s'", name);
	if (r->outside)
		audit_add(au, AUDIT_DNS_OUTSIDE,
		    r->chain_count ? r->name : name, "", NULL, "%s", "");
	else if (r->chain_count && r->status == DNS_NXDOMAIN)
		audit_add(au, AUDIT_DNS_CNAME_DANGLING, name, "CNAME", NULL,
		    "'%s' does not exist", r->name);
	if (r->chain_count > CHAIN_LONG)
		audit_add(au, AUDIT_DNS_CNAME_LONG, name, "CNAME", NULL,
		    "%zu CNAMEs", r->chain_count);
}
