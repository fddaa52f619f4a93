/* The TLS-RPT record of a domain (RFC 8460 section 3).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/tlsrpt.h"

#include "audit/auditparts.h"

static const struct audit_txt kind = { TLSRPT_VERSION, AUDIT_TLSRPT_AT_APEX,
	AUDIT_TLSRPT_VERSION, AUDIT_TLSRPT_VERSION, AUDIT_TLSRPT_UNRELATED_TXT,
	AUDIT_TLSRPT_MULTIPLE };

static void
check_uri(
    struct audit *au, const char *owner, struct slice text, struct slice uri)
{
	size_t at = (size_t)(uri.p - text.p);
	size_t span[2] = { at, at + uri.n };
	struct slice address = uri;
	const char *host;

	if (!tlsrpt_uri_ok(uri)) {
		audit_add(au, AUDIT_TLSRPT_RUA_URI, owner, "TXT", span,
		    "'%.*s'", (int)size_min(uri.n, 100), uri.p);
		return;
	}
	if (!slice_take_prefix_nocase(&address, "mailto:"))
		return;
	address =
	    slice_sub(address, slice_find_last(address, '@') + 1, address.n);
	host = dns_name_escape(slice_take_until(&address, '?', NULL), au->a);
	if (audit_takes_mail(au, host) == 0)
		audit_add(au, AUDIT_TLSRPT_RUA_NO_MX, owner, "TXT", span,
		    "'%s'", host);
}

static void
check_fields(struct audit *au, const char *owner, struct slice text)
{
	struct tlsrpt_record r;
	bool rua = false;

	tlsrpt_read(text, &r);
	for (size_t i = 0; i < r.fields.n; i++) {
		const struct txtfield *f = &r.fields.field[i];
		enum audit_id id = AUDIT_TLSRPT_SYNTAX;

		if (slice_is(f->name, "rua")) {
			rua |= f->value.n > 0;
			if (f->wrong == TXTFIELD_GOOD)
				continue;
		} else if (f->wrong == TXTFIELD_GOOD) {
			id = AUDIT_TLSRPT_TAG_UNKNOWN;
		}
		if (f->wrong == TXTFIELD_TWICE)
			id = AUDIT_TLSRPT_TAG_DUPLICATE;
		audit_add(au, id, owner, "TXT", f->span, "'%.*s'",
		    (int)size_min(f->span[1] - f->span[0], 60),
		    text.p + f->span[0]);
	}
	if (!rua)
		audit_add(
		    au, AUDIT_TLSRPT_RUA_MISSING, owner, "TXT", NULL, "%s", "");
	for (size_t i = 0; i < r.count; i++)
		check_uri(au, owner, text, r.uri[i]);
}

void
audit_tlsrpt(struct audit *au)
{
	const char *owner = arena_fmt(au->a, "_smtp._tls.%s", au->r->ascii);
	struct dns_answer got;
	struct slice text;
	size_t count;

	if (au->nxdomain)
		return;
	text = audit_txt_find(au, owner, &kind, &got, &count);
	au->r->tlsrpt_record = text;
	if (count == 1)
		check_fields(au, owner, text);
	if (count == 0 && audit_says_no(&got) &&
	    audit_takes_mail(au, au->r->ascii) > 0)
		audit_add(
		    au, AUDIT_TLSRPT_MISSING, owner, "TXT", NULL, "%s", "");
}
