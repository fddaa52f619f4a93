/* mcheckdns: a record that is not published yet, looked at as if it were.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "mcheckdns.h"

#define STRING_MAX 255 /* octets of a TXT record's string */

/* Where a record of each kind stands, and of what type it is. */
static const struct kind {
	const char *name, *prefix, *type;
	unsigned part;
} kinds[] = {
	{ "spf", "", "TXT", AUDIT_PART_SPF },
	{ "dkim", NULL, "TXT", AUDIT_PART_DKIM },
	{ "dmarc", "_dmarc.", "TXT", AUDIT_PART_DMARC },
	{ "sts", "_mta-sts.", "TXT", AUDIT_PART_STS },
	{ "tlsrpt", "_smtp._tls.", "TXT", AUDIT_PART_TLSRPT },
	{ "bimi", "default._bimi.", "TXT", AUDIT_PART_BIMI },
	{ "mx", "", "MX", AUDIT_PART_MX },
	{ "caa", "", "CAA", AUDIT_PART_CAA },
};

/* Octets as strings of a master file (RFC 1035 section 5.1). */
static void
put_strings(struct buf *out, struct slice text)
{
	do {
		struct slice one = slice_take(&text, STRING_MAX);

		buf_char(out, '"');
		for (size_t i = 0; i < one.n; i++) {
			int c = slice_at(one, i);

			if (c < 32 || c > 126)
				buf_fmt(out, "\\%03d", c);
			else
				buf_fmt(out, "%s%c",
				    c == '"' || c == '\\' ? "\\" : "", c);
		}
		buf_text(out, "\" ");
	} while (text.n);
}

/* The line of a master file that publishes it. */
static void
put_record(struct session *s, const struct kind *k, const char *domain,
    struct buf *out)
{
	struct slice text = slice_str(s->set->record);

	if (k->prefix)
		buf_fmt(out, "%s%s", k->prefix, domain);
	else
		buf_fmt(out, "%s._domainkey.%s", s->selectors.v[0], domain);
	buf_fmt(out, ". %s ", k->type);
	if (strcmp(k->type, "TXT") == 0)
		put_strings(out, text);
	else
		buf_slice(out, text);
	buf_char(out, '\n');
}

int
mcheckdns_lint(struct session *s, struct words w, struct err *e)
{
	const char *type = s->set->type ? s->set->type : "spf";
	const char *domain = w.n ? w.v[0] : "example.org";
	const struct kind *k = kinds;
	struct buf line;
	int ret;

	if (!s->set->record || w.n > 1)
		return err_set(e, ERR_USAGE,
		    "lint needs --type TYPE --record TEXT, and takes a domain");
	while (strcmp(k->name, type) != 0)
		k++;
	if (!dns_name_ok(domain))
		return err_set(e, ERR_DATA, "'%s' is no domain name", domain);
	/* Without a word where to ask, only the record itself is looked at. */
	s->offline = w.n == 0 && !s->set->zones.n && !s->set->resolver;
	if (mcheckdns_dns(s, e) < 0 || mcheckdns_settings(s, e) < 0)
		return -1;
	if (s->selectors.n == 0)
		opt_list_add(&s->selectors, "selector", &s->run->arena);
	s->want.selectors = s->selectors.v;
	s->want.selector_count = s->selectors.n;
	buf_init(&line, DNS_RECORDS_MAX * STRING_MAX);
	put_record(s, k, domain, &line);
	ret = dns_overlay(s->dns, buf_view(&line), "--record", e);
	buf_free(&line);
	s->want.parts = k->part;
	return ret < 0 ? -1
	               : mcheckdns_audit(s, (struct words){ &domain, 1 }, e);
}
