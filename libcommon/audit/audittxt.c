/* TXT records of which one is to be found, and what stands beside it.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/auditparts.h"

#define SHOWN 60 /* octets of a record in a detail */

/* The version, and nothing of a word behind it. */
static bool
has_version(struct slice text, const char *version)
{
	return slice_take_prefix(&text, version) &&
	       (text.n == 0 || slice_peek(text) == ';' ||
		   ascii_is_blank(slice_peek(text)));
}

static void
check_other(struct audit *au, const char *owner, const struct audit_txt *kind,
    struct slice text)
{
	struct slice s = slice_trim_start(text);
	enum audit_id id = kind->unrelated;
	size_t word = strlen(kind->version) - 1; /* without its number */

	if (s.n != text.n && has_version(s, kind->version))
		id = kind->leading_space;
	else if (slice_search_nocase(text, slice_of(kind->version, word)) !=
		 SIZE_MAX)
		id = kind->wrong_version;
	audit_add(au, id, owner, "TXT", NULL, "'%.*s'",
	    (int)size_min(text.n, SHOWN), text.p);
}

static void
check_apex(struct audit *au, const struct audit_txt *kind)
{
	struct dns_answer r;

	audit_ask(au, au->r->ascii, DNS_TXT, &r);
	for (size_t i = 0; i < r.count; i++)
		if (has_version(
			slice_trim_start(r.records[i].txt.text), kind->version))
			audit_add(au, kind->at_apex, au->r->ascii, "TXT", NULL,
			    "%s", "");
}

struct slice
audit_txt_find(struct audit *au, const char *owner,
    const struct audit_txt *kind, struct dns_answer *r, size_t *count_r)
{
	struct slice found = { 0 };

	*count_r = 0;
	audit_ask(au, owner, DNS_TXT, r);
	for (size_t i = 0; i < r->count; i++) {
		struct slice text = r->records[i].txt.text;

		if (!has_version(text, kind->version)) {
			check_other(au, owner, kind, text);
			continue;
		}
		found = text;
		++*count_r;
	}
	check_apex(au, kind);
	if (r->wildcard)
		audit_add(
		    au, AUDIT_DNS_WILDCARD_SYNTH, owner, "TXT", NULL, "%s", "");
	if (*count_r > 1)
		audit_add(au, kind->multiple, owner, "TXT", NULL, "%zu records",
		    *count_r);
	return *count_r == 1 ? found : slice_of(NULL, 0);
}

int
audit_takes_mail(struct audit *au, const char *domain)
{
	struct dns_answer mx, v4, v6;

	audit_ask(au, domain, DNS_MX, &mx);
	if (mx.count)
		return mx.count > 1 || strcmp(mx.records[0].mx.name, ".") != 0;
	if (!audit_says_no(&mx))
		return -1;
	audit_ask(au, domain, DNS_A, &v4);
	audit_ask(au, domain, DNS_AAAA, &v6);
	if (v4.count || v6.count)
		return 1;
	return audit_says_no(&v4) && audit_says_no(&v6) ? 0 : -1;
}
