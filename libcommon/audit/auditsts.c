/* The MTA-STS record of a domain (RFC 8461 section 3.1). The policy is
 * auditstspolicy.c's.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/mtasts.h"

#include "audit/auditparts.h"

static const struct audit_txt kind = { MTASTS_VERSION, AUDIT_STS_AT_APEX,
	AUDIT_STS_LEADING_SPACE, AUDIT_STS_VERSION, AUDIT_STS_UNRELATED_TXT,
	AUDIT_STS_MULTIPLE };

static const enum audit_id wrongs[] = {
	[TXTFIELD_EMPTY] = AUDIT_STS_SYNTAX,
	[TXTFIELD_SHAPE] = AUDIT_STS_SYNTAX,
	[TXTFIELD_NAME] = AUDIT_STS_TAG_INVALID,
	[TXTFIELD_VALUE] = AUDIT_STS_TAG_INVALID,
	[TXTFIELD_TWICE] = AUDIT_STS_TAG_DUPLICATE,
};

static void
check_fields(struct audit *au, const char *owner, struct slice text)
{
	struct mtasts_record r;
	const struct txtfield *id = NULL;
	int got = mtasts_record_read(text, &r);

	for (size_t i = 0; i < r.fields.n; i++) {
		const struct txtfield *f = &r.fields.field[i];
		bool is_id = slice_is(f->name, "id");
		enum audit_id wrong = wrongs[f->wrong];

		if (is_id && !id)
			id = f;
		if (f->wrong == TXTFIELD_GOOD)
			continue;
		if (is_id && f->wrong == TXTFIELD_VALUE)
			wrong = AUDIT_STS_ID_INVALID;
		audit_add(au, wrong, owner, "TXT", f->span, "'%.*s'",
		    (int)size_min(f->span[1] - f->span[0], 60),
		    text.p + f->span[0]);
	}
	if (!id)
		audit_add(
		    au, AUDIT_STS_ID_MISSING, owner, "TXT", NULL, "%s", "");
	else if (got < 0 && id->wrong == TXTFIELD_GOOD && !r.id.n)
		audit_add(au, AUDIT_STS_ID_INVALID, owner, "TXT", id->span,
		    "'%.*s'", (int)size_min(id->value.n, 60), id->value.p);
	au->r->sts_state = got > 0 ? "record" : "bad";
	if (got > 0)
		au->r->sts_id = arena_copy(au->a, r.id);
}

static bool
has_address(struct audit *au, const char *name, bool *known_r)
{
	struct dns_answer v4, v6;

	audit_ask(au, name, DNS_A, &v4);
	audit_ask(au, name, DNS_AAAA, &v6);
	*known_r = (v4.count || v6.count) ||
	           (audit_says_no(&v4) && audit_says_no(&v6));
	return v4.count || v6.count;
}

/* The host of the policy beside the record. */
static void
check_host(struct audit *au, bool record)
{
	const char *host = arena_fmt(au->a, "mta-sts.%s", au->r->ascii);
	bool known, there = has_address(au, host, &known);

	if (record && known && !there)
		audit_add(
		    au, AUDIT_STS_HOST_MISSING, host, "A", NULL, "%s", "");
	if (!record && there)
		audit_add(au, AUDIT_STS_HOST_ORPHAN, host, "A", NULL, "%s", "");
}

static void
check_company(struct audit *au, const char *owner)
{
	struct audit_report *r = au->r;
	struct dns_answer mx, rpt;

	audit_ask(au, r->ascii, DNS_MX, &mx);
	if (mx.count == 1 && strcmp(mx.records[0].mx.name, ".") == 0)
		audit_add(au, AUDIT_STS_NULL_MX, owner, "TXT", NULL, "%s", "");
	audit_ask(
	    au, arena_fmt(au->a, "_smtp._tls.%s", r->ascii), DNS_TXT, &rpt);
	if (audit_says_no(&rpt))
		audit_add(
		    au, AUDIT_STS_NO_TLSRPT, owner, "TXT", NULL, "%s", "");
}

void
audit_sts(struct audit *au)
{
	struct audit_report *r = au->r;
	const char *owner = arena_fmt(au->a, "_mta-sts.%s", r->ascii);
	struct dns_answer got;
	struct slice text;
	size_t count;

	r->sts_state = "unknown";
	if (au->nxdomain)
		return;
	text = audit_txt_find(au, owner, &kind, &got, &count);
	if (dns_unknown(got.status) || got.outside)
		return;
	r->sts_state = count ? "bad" : "none";
	if (count == 1)
		check_fields(au, owner, text);
	check_host(au, count > 0);
	if (count == 0) {
		if (audit_says_no(&got) && audit_takes_mail(au, r->ascii) > 0)
			audit_add(au, AUDIT_STS_MISSING, owner, "TXT", NULL,
			    "%s", "");
		return;
	}
	check_company(au, owner);
	audit_sts_policy(au);
}
