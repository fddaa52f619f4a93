/* Reverse DNS of the mail hosts: there, and leading back (FCrDNS, RFC 8601
 * section 2.7.3).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

#define NAMES_MAX  10 /* PTR names of one address looked at */
#define OCTETS_MIN 2  /* of an address, in a name that looks generic */

/* True when one of the name's addresses is ip; *known_r: nothing failed. */
static bool
leads_back(
    struct audit *au, const char *name, const struct ip *ip, bool *known_r)
{
	struct dns_answer r;

	audit_ask(au, name, ip->n == 4 ? DNS_A : DNS_AAAA, &r);
	*known_r = !dns_unknown(r.status) && !r.outside;
	for (size_t i = 0; i < r.count; i++)
		if (memcmp(&r.records[i].ip, ip, sizeof(*ip)) == 0)
			return true;
	return false;
}

static bool
is_digit(int c)
{
	return ascii_is_digit(c);
}

/* "host-192-0-2-1.pool.example": numbers of the address in the name. */
static bool
is_generic(const char *name, const struct ip *ip)
{
	struct slice s = slice_str(name);
	unsigned count = 0;

	if (ip->n != 4)
		return false;
	while (s.n) {
		struct slice digits = slice_take_while(&s, is_digit);
		uint64_t n;

		if (slice_number(digits, 255, &n)) {
			bool mine = false;

			for (size_t i = 0; i < 4; i++)
				mine |= ip->b[i] == n;
			count += mine && digits.n > 0;
		}
		slice_get(&s);
	}
	return count > OCTETS_MIN;
}

static void
check_names(struct audit *au, const struct audit_host *h, const struct ip *ip,
    const char *owner, const struct dns_answer *ptr)
{
	bool back = false, known = true, own = false;
	const char *first = ptr->records[0].name;

	for (size_t i = 0; i < ptr->count && i < NAMES_MAX; i++) {
		const char *name = ptr->records[i].name;
		bool asked;

		own |= dns_name_equal(name, h->name);
		back |= leads_back(au, name, ip, &asked);
		known &= asked;
		if (is_generic(name, ip))
			audit_add(au, AUDIT_PTR_GENERIC, owner, "PTR", NULL,
			    "'%s'", name);
	}
	if (!back && known)
		audit_add(
		    au, AUDIT_PTR_MISMATCH, owner, "PTR", NULL, "'%s'", first);
	if (!own)
		audit_add(au, AUDIT_PTR_NOT_HOST, owner, "PTR", NULL,
		    "'%s', not '%s'", first, h->name);
	if (ptr->count > 1)
		audit_add(au, AUDIT_PTR_MULTIPLE, owner, "PTR", NULL,
		    "%zu names", ptr->count);
	if (ptr->chain_count)
		audit_add(au, AUDIT_PTR_CNAME, owner, "CNAME", NULL, "'%s'",
		    ptr->name);
}

static void
check_address(struct audit *au, const struct audit_host *h, const struct ip *ip)
{
	const char *owner = dns_reverse_name(ip, au->a);
	struct dns_answer ptr;
	char text[IP_TEXT_MAX];

	if (ip_special(ip))
		return;
	audit_ask(au, owner, DNS_PTR, &ptr);
	ip_write(ip, text);
	if (dns_unknown(ptr.status))
		audit_add(au, AUDIT_PTR_UNKNOWN, owner, "PTR", NULL, "%s of %s",
		    text, h->name);
	else if (ptr.count)
		check_names(au, h, ip, owner, &ptr);
	else if (!ptr.outside)
		audit_add(au, AUDIT_PTR_MISSING, owner, "PTR", NULL, "%s of %s",
		    text, h->name);
}

/* Master files of one domain say nothing about reverse DNS. */
static bool
has_reverse(struct audit *au, const char *top)
{
	struct dns_answer r;

	if (!dns_is_offline(au->dns))
		return true;
	return dns_query(au->dns, top, DNS_NS, au->a, &r, au->e) == 0 &&
	       r.status != DNS_NXDOMAIN && !dns_unknown(r.status);
}

/*	Domain / "[" address-literal "]" (RFC 5321 section 4.1.1.1)	*/
static bool
is_literal(struct slice s)
{
	struct ip ip;

	if (!slice_take_prefix(&s, "[") || !slice_ends_nocase(s, "]"))
		return false;
	s.n--;
	slice_take_prefix_nocase(&s, "IPv6:");
	return ip_read(s, &ip);
}

/* The client of whom the name and the address are given. */
static void
check_helo(struct audit *au)
{
	const char *name = au->want->helo;
	const struct ip *ip = au->want->client;
	struct audit_host host = { .name = name };
	struct dns_answer v4, v6;
	bool same = false;

	if (is_literal(slice_str(name)))
		return;
	if (!strchr(name, '.') || !dns_name_ok(name)) {
		audit_add(
		    au, AUDIT_HELO_NOT_FQDN, name, "", NULL, "'%s'", name);
		return;
	}
	audit_ask(au, name, DNS_A, &v4);
	audit_ask(au, name, DNS_AAAA, &v6);
	if (audit_says_no(&v4) && audit_says_no(&v6)) {
		audit_add(au, AUDIT_HELO_NO_ADDRESS, name, "A", NULL, "%s", "");
		return;
	}
	if (!ip)
		return;
	check_address(au, &host, ip);
	v4 = ip->n == 4 ? v4 : v6;
	for (size_t i = 0; i < v4.count; i++)
		same |= memcmp(&v4.records[i].ip, ip, sizeof(*ip)) == 0;
	if (!same && !dns_unknown(v4.status) && !v4.outside)
		audit_add(au, AUDIT_HELO_IP_MISMATCH, name,
		    ip->n == 4 ? "A" : "AAAA", NULL, "%s", "");
}

void
audit_ptr(struct audit *au)
{
	bool v4 = has_reverse(au, "in-addr.arpa");
	bool v6 = has_reverse(au, "ip6.arpa");

	if (au->want->helo)
		check_helo(au);
	for (size_t i = 0; i < au->r->host_count; i++) {
		const struct audit_host *h = &au->r->hosts[i];

		for (size_t j = 0; j < h->count; j++)
			if (h->addresses[j].n == 4 ? v4 : v6)
				check_address(au, h, &h->addresses[j]);
	}
}
