/* Report addresses of a DMARC record (rua=, ruf=).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/auditdmarc.h"

#define URIS_MANY 2 /* RFC 7489 section 6.2 */

/* What differs between the two tags. */
struct kind {
	enum audit_id uri, unauthorized, no_mx;
};

static const struct kind aggregate = { AUDIT_DMARC_RUA_URI,
	AUDIT_DMARC_RUA_UNAUTHORIZED, AUDIT_DMARC_RUA_NO_MX };
static const struct kind failure = { AUDIT_DMARC_RUF_URI,
	AUDIT_DMARC_RUF_UNAUTHORIZED, AUDIT_DMARC_RUF_NO_MX };

/* One list being looked at. */
struct list {
	struct audit *au;
	const char *domain; /* whose record it is */
	const char *owner;
	struct slice text; /* of the record */
	const struct kind *kind;
};

static void
add(struct list *l, enum audit_id id, struct slice uri)
{
	size_t at = (size_t)(uri.p - l->text.p);

	audit_add(l->au, id, l->owner, "TXT", (size_t[2]){ at, at + uri.n },
	    "'%.*s'", (int)size_min(uri.n, 100), uri.p);
}

static const char *
organization(struct audit *au, const char *domain)
{
	struct dmarc_walk w;

	if (dmarc_walk(au->dns, domain, au->a, &w, au->e) < 0 || w.unknown)
		return NULL;
	return w.org;
}

/* RFC 9990 section 4: a host of another organization agrees to get the
 * reports by a "v=DMARC1" record of its own. */
static void
check_consent(struct list *l, const char *host, struct slice uri)
{
	struct audit *au = l->au;
	const char *ours = organization(au, l->domain);
	const char *theirs = organization(au, host);
	const char *name;
	struct dns_answer r;

	if (!ours || !theirs || dns_name_equal(ours, theirs))
		return;
	name = arena_fmt(au->a, "%s._report._dmarc.%s", l->domain, host);
	audit_ask(au, name, DNS_TXT, &r);
	for (size_t i = 0; i < r.count; i++)
		if (slice_starts(r.records[i].txt.text, "v=DMARC1")) {
			if (r.wildcard)
				add(l, AUDIT_DMARC_RUA_AUTH_WILDCARD, uri);
			return;
		}
	if (!dns_unknown(r.status) && !r.outside)
		add(l, l->kind->unauthorized, uri);
}

static void
check_mail(struct list *l, const char *host, struct slice uri)
{
	struct dns_answer mx, v4, v6;

	audit_ask(l->au, host, DNS_MX, &mx);
	if (mx.count == 1 && strcmp(mx.records[0].mx.name, ".") == 0)
		add(l, AUDIT_DMARC_RUA_NULL_MX, uri);
	if (!audit_says_no(&mx))
		return;
	audit_ask(l->au, host, DNS_A, &v4);
	audit_ask(l->au, host, DNS_AAAA, &v6);
	if (audit_says_no(&v4) && audit_says_no(&v6))
		add(l, l->kind->no_mx, uri);
}

static void
check_uri(struct list *l, struct slice uri)
{
	struct slice address = uri;
	size_t at, mark;
	const char *host;

	if (!dmarc_uri_ok(uri)) {
		add(l, l->kind->uri, uri);
		return;
	}
	if (!slice_take_prefix_nocase(&address, "mailto:")) {
		add(l, AUDIT_DMARC_RUA_SCHEME, uri);
		return;
	}
	mark = slice_find(address, '!');
	if (mark != SIZE_MAX) {
		add(l, AUDIT_DMARC_RUA_SIZE, uri);
		address.n = mark;
	}
	at = slice_find_last(address, '@');
	if (at == SIZE_MAX)
		return;
	address = slice_sub(address, at + 1, address.n);
	host = dns_name_escape(slice_take_until(&address, '?', NULL), l->au->a);
	check_consent(l, host, uri);
	check_mail(l, host, uri);
}

static void
check_list(struct list *l, struct slice list)
{
	struct slice seen[AUDIT_URIS_MAX];
	size_t count = 0;

	while (list.n && count < AUDIT_URIS_MAX) {
		struct slice uri =
		    slice_trim(slice_take_until(&list, ',', NULL));
		bool twice = false;

		for (size_t i = 0; i < count; i++)
			twice |= slice_equal_nocase(seen[i], uri);
		seen[count++] = uri;
		if (count == URIS_MANY + 1 && l->kind == &aggregate)
			add(l, AUDIT_DMARC_RUA_MANY, uri);
		if (twice)
			add(l, AUDIT_DMARC_RUA_DUPLICATE, uri);
		else
			check_uri(l, uri);
	}
}

void
audit_rua(struct audit *au, const char *domain, const struct dmarc_record *r)
{
	struct list l = { .au = au,
		.domain = domain,
		.owner = arena_fmt(au->a, "_dmarc.%s", domain),
		.text = r->text,
		.kind = &aggregate };

	check_list(&l, r->rua);
	l.kind = &failure;
	check_list(&l, r->ruf);
}
