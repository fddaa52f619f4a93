/* Block lists and lists of good senders (RFC 5782), and whether they work.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/idna.h"

#include "audit/audit.h"
#include "audit/auditdnsbl.h"
#include "audit/auditparts.h"

/* What one answer of a list means. */
enum said { SAID_NO, SAID_LISTED, SAID_REFUSED, SAID_NONSENSE, SAID_NOTHING };

/* RFC 5782 section 2.1: 127/8 and not 127.0.0.1; 127.255.255.0/24 is how
 * lists refuse. */
static enum said
read_answer(const struct dns_answer *r)
{
	enum said said = SAID_NO;

	if (dns_unknown(r->status))
		return SAID_NOTHING;
	for (size_t i = 0; i < r->count; i++) {
		const uint8_t *b = r->records[i].ip.b;

		if (b[0] == 127 && b[1] == 255 && b[2] == 255)
			return SAID_REFUSED;
		if (b[0] != 127 || (b[1] == 0 && b[2] == 0 && b[3] == 1))
			return SAID_NONSENSE;
		said = SAID_LISTED;
	}
	return said;
}

static enum said
ask(struct audit *au, const char *what, const char *list, const char **name_r,
    struct dns_answer *r)
{
	*name_r = arena_fmt(au->a, "%s.%s", what, list);
	audit_ask(au, *name_r, DNS_A, r);
	return read_answer(r);
}

/* The test entries (section 5): one listed, one not. */
static bool
works(struct audit *au, const char *list, const struct ip *ip)
{
	const char *good =
	    !ip          ? "test"
	    : ip->n == 4 ? "2.0.0.127"
			 : "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0."
			   "0.0.0.0.0.0.0.0";
	const char *bad =
	    !ip          ? "invalid"
	    : ip->n == 4 ? "1.0.0.127"
			 : "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0."
			   "0.0.0.0.0.0.0.0";
	struct dns_answer r;
	const char *name;
	enum said first = ask(au, good, list, &name, &r);

	if (first == SAID_NO)
		audit_add(au, AUDIT_DNSBL_DEAD, name, "A", NULL, "%s", list);
	if (ask(au, bad, list, &name, &r) == SAID_LISTED) {
		audit_add(
		    au, AUDIT_DNSBL_LISTS_ALL, name, "A", NULL, "%s", list);
		return false;
	}
	return first != SAID_NO;
}

static void
tell_reason(struct audit *au, const char *name)
{
	struct dns_answer r;

	audit_ask(au, name, DNS_TXT, &r);
	for (size_t i = 0; i < r.count; i++)
		audit_add(au, AUDIT_DNSBL_REASON, name, "TXT", NULL, "%.*s",
		    (int)size_min(r.records[i].txt.text.n, 200),
		    r.records[i].txt.text.p);
}

static void
look(struct audit *au, const char *what, const struct ip *ip, const char *list,
    bool good_list)
{
	enum audit_id listed = good_list ? AUDIT_DNSWL_LISTED
	                       : ip      ? AUDIT_DNSBL_LISTED
	                                 : AUDIT_DNSBL_RHS_LISTED;
	struct dns_answer r;
	char text[IP_TEXT_MAX];
	const char *name;

	if (!good_list && !works(au, list, ip))
		return;
	switch (ask(au, what, list, &name, &r)) {
	case SAID_LISTED:
		ip_write(&r.records[0].ip, text);
		audit_add(au, listed, name, "A", NULL, "%s", text);
		tell_reason(au, name);
		break;
	case SAID_REFUSED:
		audit_add(
		    au, AUDIT_DNSBL_QUERY_REFUSED, name, "A", NULL, "%s", list);
		break;
	case SAID_NONSENSE:
		audit_add(au, AUDIT_DNSBL_NOT_127, name, "A", NULL, "%s", list);
		break;
	default:
		break;
	}
}

int
audit_dnsbl(struct dns *d, const char *what, const struct audit_lists *lists,
    struct arena *a, struct audit_report *r, struct err *e)
{
	static const struct audit_want none;
	struct audit au = { .dns = d, .want = &none, .a = a, .r = r, .e = e };
	const char *tail;
	struct slice ascii;
	struct ip ip;
	bool address = ip_read(slice_str(what), &ip);

	*r = (struct audit_report){ .domain = what, .ascii = what };
	if (address) {
		r->ascii = dns_reverse_name(&ip, a);
		tail =
		    strstr(r->ascii, ip.n == 4 ? ".in-addr.arpa" : ".ip6.arpa");
		r->ascii = arena_copy(
		    a, slice_of(r->ascii, (size_t)(tail - r->ascii)));
	} else if (idna_to_dns(slice_str(what), a, &ascii, e) < 0) {
		return -1;
	} else {
		r->ascii = arena_copy(a, ascii);
	}
	for (size_t i = 0; i < lists->block_count; i++)
		look(&au, r->ascii, address ? &ip : NULL, lists->block[i],
		    false);
	for (size_t i = 0; i < lists->good_count; i++)
		look(&au, r->ascii, address ? &ip : NULL, lists->good[i], true);
	r->ascii = what;
	return au.broken ? -1 : 0;
}
