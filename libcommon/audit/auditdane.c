/* DANE of the MX hosts, without connecting to them (RFC 7672, 7671), and what
 * of the way there is signed.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/dane.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

/* Keys of public authorities that issue no more: SHA2-256 of Let's Encrypt X3
 * and X4 (retired 2021). */
static const unsigned char retired[][32] = {
	{ 0x60, 0xb8, 0x75, 0x75, 0x44, 0x7d, 0xcb, 0xa2, 0xa3, 0x6b, 0x7d,
	    0x11, 0xac, 0x09, 0xfb, 0x24, 0xa9, 0xdb, 0x40, 0x6f, 0xee, 0x12,
	    0xd2, 0xcc, 0x90, 0x18, 0x05, 0x17, 0x61, 0x6e, 0x8a, 0x18 },
	{ 0xb1, 0x11, 0xdd, 0x8a, 0x1c, 0x20, 0x91, 0xa8, 0x9b, 0xd4, 0xfd,
	    0x60, 0xc5, 0x7f, 0x07, 0x16, 0xcc, 0xe5, 0x0f, 0xee, 0xff, 0x81,
	    0x37, 0xcd, 0xbe, 0xe0, 0x32, 0x6e, 0x02, 0xcf, 0x36, 0x2b },
};

/* The records of one host. */
struct look {
	struct audit *au;
	const char *owner;
	const struct dns_answer *r;
};

static void
add(struct look *l, enum audit_id id, const char *detail)
{
	audit_add(l->au, id, l->owner, "TLSA", NULL, "%s", detail);
}

static bool
is_retired(const struct dane_record *r)
{
	for (size_t i = 0; i < COUNT_OF(retired); i++)
		if (r->selector == 1 &&
		    slice_equal(
			r->data, slice_of(retired[i], sizeof(retired[i]))))
			return true;
	return false;
}

static void
check_record(struct look *l, const struct dane_record *r)
{
	const char *text = arena_fmt(l->au->a, "%u %u %u, %zu octets", r->usage,
	    r->selector, r->matching, r->data.n);

	if (r->usage > DANE_EE)
		add(l, AUDIT_DANE_USAGE_UNKNOWN, text);
	else if (r->usage < DANE_TA)
		add(l, AUDIT_DANE_USAGE_PKIX, text);
	if (r->selector > 1)
		add(l, AUDIT_DANE_SELECTOR_UNKNOWN, text);
	if (r->matching > CERT_MATCH_SHA512)
		add(l, AUDIT_DANE_MTYPE_UNKNOWN, text);
	else if (r->matching == CERT_MATCH_FULL)
		add(l, AUDIT_DANE_FULL_DATA, text);
	else if (r->data.n != (r->matching == CERT_MATCH_SHA256 ? 32 : 64))
		add(l, AUDIT_DANE_LENGTH, text);
	if (is_retired(r))
		add(l, AUDIT_DANE_TA_RETIRED, text);
}

static struct dane_record
record_at(const struct dns_answer *r, size_t i)
{
	return (struct dane_record){ r->records[i].tlsa.usage,
		r->records[i].tlsa.selector, r->records[i].tlsa.matching,
		r->records[i].tlsa.data };
}

static void
check_set(struct look *l)
{
	size_t usable = 0, sha256 = 0;
	for (size_t i = 0; i < l->r->count && i < DANE_RECORDS_MAX; i++) {
		struct dane_record r = record_at(l->r, i);
		bool good = !dane_fault(&r, true);

		check_record(l, &r);
		usable += good;
		sha256 += good && r.matching != CERT_MATCH_SHA512;
	}
	if (l->r->marks & DNS_TWICE)
		add(l, AUDIT_DANE_DUPLICATE, "");
	if (usable == 0)
		add(l, AUDIT_DANE_ALL_UNUSABLE, "");
	if (usable && sha256 == 0)
		add(l, AUDIT_DANE_SHA512_ONLY, "");
	if (usable == 1)
		add(l, AUDIT_DANE_NO_ROLLOVER, "");
	if (l->r->chain_count)
		add(l, AUDIT_DANE_TLSA_CNAME, l->r->name);
}

/* The certificates that the host shows, or will (RFC 7672 section 3.2). */
static void
check_chain(struct look *l, const struct audit_host *h,
    const struct cert *const *chain, size_t chain_n)
{
	const struct audit_want *want = l->au->want;
	const char *names[] = { h->name, l->au->r->ascii };
	struct dane_check c = { .chain = chain,
		.chain_n = chain_n,
		.names = names,
		.name_count = COUNT_OF(names),
		.smtp = true,
		.at = want->now };
	struct dane_record records[DANE_RECORDS_MAX];
	size_t n = size_min(l->r->count, DANE_RECORDS_MAX);
	struct dane_verdict v;
	struct dane_set set;

	for (size_t i = 0; i < n; i++)
		records[i] = record_at(l->r, i);
	dane_set_of(records, n, true, &set);
	dane_verify(&set, &c, &v);
	if (v.outcome == DANE_WRONG_NAME)
		add(l, AUDIT_DANE_TA_NAME, v.why);
	else if (v.outcome != DANE_VERIFIED)
		add(l, AUDIT_DANE_MISMATCH, v.why);
}

/* What a host showed that was spoken to. */
static void
check_shown(struct look *l, const struct audit_host *h)
{
	struct cert *chain[CERT_CHAIN_MAX];
	size_t n = audit_probe_chain(h, chain);

	if (h->probe.tls)
		check_chain(l, h, (const struct cert *const *)chain, n);
	else
		add(l, AUDIT_DANE_MISMATCH, "it does not offer STARTTLS");
	for (size_t i = 0; i < n; i++)
		cert_free(&chain[i]);
}

/* Where on the way DNSSEC ends. */
static void
check_signed(struct look *l, const struct audit_host *h)
{
	struct audit *au = l->au;

	if (!dns_is_trusted(au->dns))
		return;
	if (!l->r->secure)
		add(l, AUDIT_DANE_TLSA_INSECURE, "");
	if (!au->r->signed_)
		audit_add(au, AUDIT_DANE_MX_INSECURE, au->r->ascii, "MX", NULL,
		    "'%s'", h->name);
	if (h->count && !h->secure)
		audit_add(
		    au, AUDIT_DANE_HOST_INSECURE, h->name, "A", NULL, "%s", "");
}

/* Senders that use DANE wait while this fails, if the host is signed. */
static void
check_failure(struct look *l, const struct audit_host *h)
{
	if (l->r->status == DNS_BOGUS)
		add(l, AUDIT_DANE_TLSA_BOGUS, "");
	else if (l->r->status == DNS_SERVFAIL && h->secure)
		add(l, AUDIT_DANE_TLSA_SERVFAIL, "");
}

/* 1 has TLSA, 0 has none, -1 nobody knows. */
static int
check_host(struct audit *au, const struct audit_host *h)
{
	const char *owner = arena_fmt(au->a, "_25._tcp.%s", h->name);
	struct dns_answer r;
	struct look l = { au, owner, &r };

	audit_ask(au, owner, DNS_TLSA, &r);
	if (dns_unknown(r.status) || r.outside) {
		check_failure(&l, h);
		return -1;
	}
	if (r.count == 0) {
		if (h->secure && dns_is_trusted(au->dns))
			add(&l, AUDIT_DANE_MISSING, "");
		return 0;
	}
	check_set(&l);
	check_signed(&l, h);
	if (au->want->chain_n)
		check_chain(&l, h, au->want->chain, au->want->chain_n);
	if (h->probe.reached)
		check_shown(&l, h);
	if (h->alias)
		audit_add(
		    au, AUDIT_DANE_MX_CNAME, h->name, "CNAME", NULL, "%s", "");
	return r.secure;
}

static void
check_dnssec(struct audit *au)
{
	struct audit_report *r = au->r;
	struct dns_answer mx;

	audit_ask(au, r->ascii, DNS_MX, &mx);
	if (mx.status == DNS_BOGUS)
		audit_add(
		    au, AUDIT_DNSSEC_BOGUS, r->ascii, "MX", NULL, "%s", "");
	if (!dns_is_trusted(au->dns) || dns_unknown(mx.status) || mx.outside)
		return;
	if (!mx.secure)
		audit_add(
		    au, AUDIT_DNSSEC_UNSIGNED, r->ascii, "MX", NULL, "%s", "");
	for (size_t i = 0; i < r->host_count; i++)
		if (mx.secure && r->hosts[i].count && !r->hosts[i].secure)
			audit_add(au, AUDIT_DNSSEC_MX_ZONE_UNSIGNED,
			    r->hosts[i].name, "A", NULL, "%s", "");
}

static void
check_domain(struct audit *au)
{
	const char *owner = arena_fmt(au->a, "_25._tcp.%s", au->r->ascii);
	struct dns_answer r;

	audit_ask(au, owner, DNS_TLSA, &r);
	if (r.count)
		audit_add(
		    au, AUDIT_DANE_AT_DOMAIN, owner, "TLSA", NULL, "%s", "");
}

void
audit_dane(struct audit *au)
{
	struct audit_report *r = au->r;
	size_t none = 0;

	if (au->nxdomain)
		return;
	check_dnssec(au);
	audit_dnssec(au);
	for (size_t i = 0; i < r->host_count; i++) {
		int got = check_host(au, &r->hosts[i]);

		r->tlsa_hosts += got > 0;
		none += got == 0;
	}
	if (r->tlsa_hosts && none)
		audit_add(au, AUDIT_DANE_PARTIAL, r->ascii, "MX", NULL,
		    "%zu of %zu hosts", r->tlsa_hosts, r->host_count);
	if (r->host_count && none == r->host_count)
		check_domain(au);
}
