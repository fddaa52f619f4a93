/* MX records and the hosts they name (RFC 5321 section 5.1, RFC 7505).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "audit/audit.h"
#include "audit/auditparts.h"

#define SPF_MX_MAX  10
#define LABELS_DEEP 8 /* RFC 9989 section 4.10 */

/* Letters, digits, hyphens, dots. */
static bool
is_host_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!ascii_is_alpha(*p) && !ascii_is_digit(*p) && *p != '-' &&
		    *p != '.')
			return false;
	return true;
}

/* Presentation form shows an octet over 127 as \128 to \255. */
static bool
has_u_label(const char *name)
{
	for (const char *p = name; *p; p++)
		if (p[0] == '\\' &&
		    ((p[1] == '1' && p[2] >= '2') || p[1] == '2'))
			return true;
	return false;
}

static void
check_address(struct audit *au, const char *host, const struct ip *ip)
{
	const char *type = ip->n == 4 ? "A" : "AAAA";
	const char *kind = ip_special(ip);
	enum audit_id id = AUDIT_MX_TARGET_PRIVATE;
	char text[IP_TEXT_MAX];

	if (!kind)
		return;
	if (strcmp(kind, "loopback") == 0 || strcmp(kind, "unspecified") == 0)
		id = AUDIT_MX_TARGET_LOOPBACK;
	else if (strcmp(kind, "documentation") == 0)
		id = AUDIT_MX_TARGET_DOCUMENTATION;
	ip_write(ip, text);
	audit_add(au, id, host, type, NULL, "%s is %s", text, kind);
}

/* By family, then as numbers: servers turn these round too. */
static int
compare_ip(const void *a, const void *b)
{
	const struct ip *x = a, *y = b;

	return x->n != y->n ? (int)x->n - (int)y->n : memcmp(x->b, y->b, x->n);
}

static void
keep_addresses(struct audit *au, struct audit_host *h,
    const struct dns_answer *v4, const struct dns_answer *v6)
{
	h->addresses =
	    arena_array(au->a, v4->count + v6->count, sizeof(*h->addresses));
	for (size_t i = 0; i < v4->count; i++)
		h->addresses[h->count++] = v4->records[i].ip;
	for (size_t i = 0; i < v6->count; i++)
		h->addresses[h->count++] = v6->records[i].ip;
	if (h->count)
		qsort(
		    h->addresses, h->count, sizeof(*h->addresses), compare_ip);
	for (size_t i = 0; i < h->count; i++)
		check_address(au, h->name, &h->addresses[i]);
}

/* The name itself: true when it is worth asking for. */
static bool
check_name(struct audit *au, const char *name)
{
	const char *domain = au->r->ascii;
	struct ip ip;

	if (ip_read(slice_str(name), &ip)) {
		audit_add(au, AUDIT_MX_TARGET_IP_LITERAL, domain, "MX", NULL,
		    "'%s'", name);
		return false;
	}
	if (has_u_label(name))
		audit_add(au, AUDIT_MX_TARGET_U_LABEL, domain, "MX", NULL,
		    "'%s'", name);
	else if (!is_host_name(name))
		audit_add(au, AUDIT_MX_TARGET_INVALID_NAME, domain, "MX", NULL,
		    "'%s'", name);
	return true;
}

/* "*" stands for any octets. */
static bool
fits(struct slice pattern, struct slice name)
{
	bool star;
	struct slice head = slice_take_until(&pattern, '*', &star);

	if (!slice_equal_nocase(slice_sub(name, 0, head.n), head))
		return false;
	slice_take(&name, head.n);
	if (!star)
		return name.n == 0;
	return name.n >= pattern.n &&
	       slice_equal_nocase(
		   slice_sub(name, name.n - pattern.n, name.n), pattern);
}

/* One of the patterns, with commas between, or none at all. */
static bool
is_expected(const char *patterns, const char *host)
{
	struct slice list = slice_str(patterns);
	bool good = list.n == 0;

	while (list.n)
		good |= fits(slice_trim(slice_take_until(&list, ',', NULL)),
		    slice_str(host));
	return good;
}

static void
check_expected(struct audit *au, const char *host)
{
	if (!is_expected(au->want->expect_mx, host))
		audit_add(au, AUDIT_MX_UNAPPROVED, au->r->ascii, "MX", NULL,
		    "'%s'", host);
	if (slice_ends_nocase(slice_str(host), ".msv1.invalid"))
		audit_add(au, AUDIT_MX_MSV1_INVALID, au->r->ascii, "MX", NULL,
		    "'%s'", host);
}

static void
check_host(struct audit *au, struct audit_host *h)
{
	const char *domain = au->r->ascii;
	struct dns_answer v4, v6;

	if (!check_name(au, h->name))
		return;
	check_expected(au, h->name);
	audit_ask(au, h->name, DNS_A, &v4);
	audit_ask(au, h->name, DNS_AAAA, &v6);
	if (v4.chain_count || v6.chain_count)
		audit_add(au, AUDIT_MX_TARGET_CNAME, domain, "MX", NULL,
		    "'%s' is a CNAME of '%s'", h->name,
		    v4.chain_count ? v4.chain[0] : v6.chain[0]);
	keep_addresses(au, h, &v4, &v6);
	h->alias = v4.chain_count || v6.chain_count;
	h->secure = v4.count ? v4.secure : v6.secure;
	if (!audit_says_no(&v4) || !audit_says_no(&v6))
		return;
	if (audit_is_unregistered(au, h->name))
		audit_add(au, AUDIT_MX_LOOPS_TO_SELF, domain, "MX", NULL,
		    "'%s'", h->name);
	if (v4.status == DNS_NXDOMAIN)
		audit_add(au, AUDIT_MX_TARGET_NXDOMAIN, domain, "MX", NULL,
		    "'%s' does not exist", h->name);
	else
		audit_add(au, AUDIT_MX_TARGET_NO_ADDRESS, domain, "MX", NULL,
		    "'%s' has neither A nor AAAA", h->name);
}

/* What the hosts are as a set. */
static void
check_hosts(struct audit *au)
{
	const struct audit_report *r = au->r;
	size_t v4 = 0, v6 = 0, total = 0;
	bool same = r->host_count > 1;

	for (size_t i = 0; i < r->host_count; i++) {
		const struct audit_host *h = &r->hosts[i];

		for (size_t j = 0; j < h->count; j++) {
			v4 += h->addresses[j].n == 4;
			v6 += h->addresses[j].n == 16;
			total++;
		}
		same = same && h->count == 1 && r->hosts[0].count == 1 &&
		       memcmp(&h->addresses[0], &r->hosts[0].addresses[0],
			   sizeof(struct ip)) == 0;
		for (size_t j = 0; j < i; j++)
			if (dns_name_equal(h->name, r->hosts[j].name))
				audit_add(au, AUDIT_MX_DUPLICATE_HOST, r->ascii,
				    "MX", NULL, "'%s'", h->name);
	}
	if (same)
		audit_add(
		    au, AUDIT_MX_SAME_ADDRESS, r->ascii, "MX", NULL, "%s", "");
	if (r->host_count == 1)
		audit_add(au, AUDIT_MX_SINGLE, r->ascii, "MX", NULL, "'%s'",
		    r->hosts[0].name);
	if (total && v6 == 0)
		audit_add(au, AUDIT_MX_NO_IPV6, r->ascii, "MX", NULL, "%s", "");
	if (total && v4 == 0)
		audit_add(
		    au, AUDIT_MX_IPV6_ONLY, r->ascii, "MX", NULL, "%s", "");
}

/* No MX: the address record stands in for it (RFC 5321 section 5.1). */
static void
check_implicit(struct audit *au, const struct dns_answer *mx)
{
	struct audit_report *r = au->r;
	struct dns_answer v4, v6;

	if (mx->status == DNS_NXDOMAIN) {
		au->nxdomain = true;
		audit_add(
		    au, AUDIT_DNS_NXDOMAIN, r->ascii, "MX", NULL, "%s", "");
		return;
	}
	audit_ask(au, r->ascii, DNS_A, &v4);
	audit_ask(au, r->ascii, DNS_AAAA, &v6);
	if (v4.count || v6.count) {
		r->mx_state = "implicit";
		audit_add(
		    au, AUDIT_MX_IMPLICIT, r->ascii, "MX", NULL, "%s", "");
	} else if (audit_says_no(&v4) && audit_says_no(&v6)) {
		audit_add(au, AUDIT_MX_MISSING, r->ascii, "MX", NULL, "%s", "");
	} else {
		r->mx_state = "unknown";
	}
}

/* Without an address nobody would try anyway. */
static void
check_needless(struct audit *au)
{
	struct dns_answer v4, v6;

	audit_ask(au, au->r->ascii, DNS_A, &v4);
	audit_ask(au, au->r->ascii, DNS_AAAA, &v6);
	if (audit_says_no(&v4) && audit_says_no(&v6))
		audit_add(au, AUDIT_MX_NULL_NO_ADDRESS, au->r->ascii, "MX",
		    NULL, "%s", "");
}

/* RFC 7505 section 3: one record, preference 0, the root. */
static bool
check_null(struct audit *au, const struct dns_answer *mx)
{
	const char *domain = au->r->ascii;
	bool null = false;

	for (size_t i = 0; i < mx->count; i++)
		null |= strcmp(mx->records[i].mx.name, ".") == 0;
	if (null && mx->count > 1)
		audit_add(au, AUDIT_MX_NULL_WITH_OTHERS, domain, "MX", NULL,
		    "%s", "");
	if (!null || mx->count > 1)
		return false;
	audit_add(au, AUDIT_MX_NULL, domain, "MX", NULL, "%s", "");
	check_needless(au);
	if (mx->records[0].mx.preference != 0)
		audit_add(au, AUDIT_MX_NULL_NONZERO_PREF, domain, "MX", NULL,
		    "preference %u", mx->records[0].mx.preference);
	return true;
}

/* By preference, then by name: servers turn their answers round. */
static int
compare_mx(const void *a, const void *b)
{
	const struct dns_record *x = a, *y = b;

	if (x->mx.preference != y->mx.preference)
		return x->mx.preference < y->mx.preference ? -1 : 1;
	return strcmp(x->mx.name, y->mx.name);
}

/* The name itself, and the zone it is the top of. */
static void
check_zone(struct audit *au)
{
	const char *domain = au->r->ascii;
	struct dns_answer ns, soa;
	size_t labels = 1;

	for (const char *p = domain; *p; p++)
		labels += *p == '.';
	if (labels > LABELS_DEEP)
		audit_add(au, AUDIT_DNS_NAME_TOO_DEEP, domain, "", NULL,
		    "%zu labels", labels);
	audit_ask(au, domain, DNS_NS, &ns);
	if (ns.count == 1)
		audit_add(au, AUDIT_DNS_NS_SINGLE, domain, "NS", NULL, "'%s'",
		    ns.records[0].name);
	for (size_t i = 0; i < ns.count; i++)
		if (!is_expected(au->want->expect_ns, ns.records[i].name))
			audit_add(au, AUDIT_DNS_NS_UNAPPROVED, domain, "NS",
			    NULL, "'%s'", ns.records[i].name);
	if (ns.count == 0)
		return;
	audit_ask(au, domain, DNS_SOA, &soa);
	if (audit_says_no(&soa))
		audit_add(
		    au, AUDIT_DNS_SOA_MISSING, domain, "SOA", NULL, "%s", "");
}

void
audit_mx(struct audit *au)
{
	struct audit_report *r = au->r;
	struct dns_answer mx;

	check_zone(au);
	audit_ask(au, r->ascii, DNS_MX, &mx);
	r->signed_ = mx.secure && !dns_unknown(mx.status);
	r->mx_state = audit_says_no(&mx) ? "none" : "unknown";
	if (audit_says_no(&mx))
		check_implicit(au, &mx);
	if (mx.count == 0)
		return;
	if (!strchr(r->ascii, '.'))
		audit_add(
		    au, AUDIT_MX_TLD_DOMAIN, r->ascii, "MX", NULL, "%s", "");
	r->mx_state = "null";
	if (check_null(au, &mx))
		return;
	r->mx_state = "hosts";
	if (mx.count > SPF_MX_MAX)
		audit_add(au, AUDIT_MX_OVER_10, r->ascii, "MX", NULL,
		    "%zu hosts", mx.count);
	qsort(mx.records, mx.count, sizeof(*mx.records), compare_mx);
	r->hosts = arena_array(au->a, mx.count, sizeof(*r->hosts));
	for (size_t i = 0; i < mx.count && i < AUDIT_HOSTS_MAX; i++) {
		struct audit_host *h = &r->hosts[r->host_count];

		if (strcmp(mx.records[i].mx.name, ".") == 0)
			continue;
		h->name = mx.records[i].mx.name;
		h->preference = mx.records[i].mx.preference;
		r->host_count++;
		check_host(au, h);
	}
	check_hosts(au);
}
