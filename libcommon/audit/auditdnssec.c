/* The DNSSEC of a domain as its records have it: keys and what the parent says
 * of them (RFC 4034, 4035, 8624), signatures' dates, NSEC3 (RFC 9276). Nothing
 * is validated here: the resolver does that.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "crypt/digest.h"

#include "net/dnsname.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

#define DS_SHA1    1
#define DS_SHA256  2
#define RSA_GOOD   2048        /* bits */
#define EXPIRING   (3 * 86400) /* seconds */
#define SIGNED_MAX 128         /* RRsets whose signatures are looked at */
#define NAME_TAKEN DNSNAME_MAX /* octets of the owner in a digest */
#define KEY_MAX    (1024 + NAME_TAKEN)

static unsigned
get16(struct slice s, size_t at)
{
	return at + 2 > s.n ? 0
	                    : (unsigned)slice_at(s, at) << 8 |
	                          (unsigned)slice_at(s, at + 1);
}

static uint32_t
get32(struct slice s, size_t at)
{
	return (uint32_t)get16(s, at) << 16 | get16(s, at + 2);
}

/* RFC 4034 appendix B */
static unsigned
key_tag(struct slice key)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < key.n; i++)
		sum += (uint32_t)slice_at(key, i) << (i & 1 ? 0 : 8);
	return (sum + (sum >> 16)) & 0xffff;
}

/* The digest of owner and key (RFC 4034 section 5.1.4). */
static bool
digest_fits(
    const char *domain, struct slice key, unsigned kind, struct slice digest)
{
	unsigned char out[DIGEST_MAX];
	char in[KEY_MAX];
	struct dnsname owner;
	struct err e;

	if (kind != DS_SHA1 && kind != DS_SHA256)
		return true; /* not for us to say */
	if (!dnsname_read(domain, &owner) || owner.n + key.n > sizeof(in))
		return true;
	dnsname_lower(&owner);
	memcpy(in, owner.b, owner.n);
	memcpy(in + owner.n, key.p, key.n);
	kind = kind == DS_SHA1 ? DIGEST_SHA1 : DIGEST_SHA256;
	return digest_of(kind, slice_of(in, owner.n + key.n), out, &e) < 0 ||
	       slice_equal(slice_of(out, digest_size(kind)), digest);
}

/*	DS = key tag (2) algorithm (1) digest type (1) digest
 *	DNSKEY = flags (2) protocol (1) algorithm (1) key		*/
static bool
ds_fits(const char *domain, struct slice ds, const struct dns_answer *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		struct slice key = keys->records[i].raw;

		if (key.n > 4 && ds.n > 4 && get16(ds, 0) == key_tag(key) &&
		    slice_at(ds, 2) == slice_at(key, 3) &&
		    digest_fits(domain, key, (unsigned)slice_at(ds, 3),
			slice_sub(ds, 4, ds.n)))
			return true;
	}
	return false;
}

/* The files say nothing about the parent, so neither does the DS that is not
 * in them. */
static bool
parent_is_outside(struct audit *au)
{
	const char *dot = strchr(au->r->ascii, '.');
	struct dns_answer r;

	if (!dns_is_offline(au->dns) || !dot)
		return false;
	return dns_query(au->dns, dot + 1, DNS_SOA, au->a, &r, au->e) < 0 ||
	       r.outside;
}

static void
check_parent(struct audit *au, const struct dns_answer *keys)
{
	const char *domain = au->r->ascii;
	bool fits = false, sha1 = true;
	struct dns_answer ds;

	audit_ask(au, domain, DNS_DS, &ds);
	for (size_t i = 0; i < ds.count; i++) {
		struct slice d = ds.records[i].raw;

		fits |= ds_fits(domain, d, keys);
		sha1 &= d.n > 3 && slice_at(d, 3) == DS_SHA1;
	}
	if (ds.count && !fits)
		audit_add(au, AUDIT_DNSSEC_DS_MISMATCH, domain, "DS", NULL,
		    "%zu DS, %zu keys", ds.count, keys->count);
	if (ds.count && sha1)
		audit_add(
		    au, AUDIT_DNSSEC_DS_SHA1, domain, "DS", NULL, "%s", "");
	if (audit_says_no(&ds) && !parent_is_outside(au))
		audit_add(
		    au, AUDIT_DNSSEC_ISLAND, domain, "DNSKEY", NULL, "%s", "");
}

/* Bits of an RSA modulus (RFC 3110 section 2); 0 for what is none. */
static unsigned
rsa_bits(struct slice key)
{
	size_t n = key.n ? (size_t)slice_at(key, 0) : 0;
	size_t skip = 1;
	unsigned top;

	if (n == 0) {
		n = get16(key, 1);
		skip = 3;
	}
	key = slice_sub(key, skip + n, key.n);
	if (key.n == 0 || key.n > 1024)
		return 0;
	top = (unsigned)slice_at(key, 0);
	for (n = key.n * 8; top && top < 0x80; top <<= 1)
		n--;
	return (unsigned)n;
}

/* Algorithm numbers (RFC 8624 section 3.1). */
static void
check_key(struct audit *au, struct slice key)
{
	static const char old[] = { 1, 3, 5, 6, 7, 12 };
	static const char known[] = { 8, 10, 13, 14, 15, 16 };
	static const char rsa[] = { 5, 7, 8, 10 };
	const char *domain = au->r->ascii;
	int algorithm = key.n > 4 ? slice_at(key, 3) : 0;
	unsigned bits = rsa_bits(slice_sub(key, 4, key.n));
	bool has = memchr(known, algorithm, sizeof(known)) != NULL;

	if (memchr(old, algorithm, sizeof(old)))
		audit_add(au, AUDIT_DNSSEC_ALG_DEPRECATED, domain, "DNSKEY",
		    NULL, "algorithm %d", algorithm);
	else if (!has)
		audit_add(au, AUDIT_DNSSEC_ALG_UNSUPPORTED, domain, "DNSKEY",
		    NULL, "algorithm %d", algorithm);
	if (memchr(rsa, algorithm, sizeof(rsa)) && bits && bits < RSA_GOOD)
		audit_add(au, AUDIT_DNSSEC_RSA_SHORT, domain, "DNSKEY", NULL,
		    "key %u has %u bits", key_tag(key), bits);
}

/*	NSEC3PARAM = hash (1) flags (1) iterations (2) salt length (1) salt */
static void
check_nsec3(struct audit *au)
{
	const char *domain = au->r->ascii;
	struct dns_answer r;

	audit_ask(au, domain, DNS_NSEC3PARAM, &r);
	for (size_t i = 0; i < r.count; i++) {
		struct slice p = r.records[i].raw;

		if (get16(p, 2))
			audit_add(au, AUDIT_DNSSEC_NSEC3_ITERATIONS, domain,
			    "NSEC3PARAM", NULL, "%u", get16(p, 2));
		if (p.n > 4 && slice_at(p, 4))
			audit_add(au, AUDIT_DNSSEC_NSEC3_SALT, domain,
			    "NSEC3PARAM", NULL, "%d octets", slice_at(p, 4));
	}
}

/* What of a zone that is signed is looked at. */
struct signed_set {
	struct audit *au;
	struct dns_question q[SIGNED_MAX];
	size_t n;
};

static void
add(struct signed_set *s, const char *name, enum dns_type type)
{
	if (s->n < SIGNED_MAX && dns_name_under(name, s->au->r->ascii))
		s->q[s->n++] = (struct dns_question){ .name = name,
			.type = DNS_SIGS_OF(type) };
}

/* All records that the audit asks for, below the domain. */
static void
add_all(struct signed_set *s)
{
	static const enum dns_type apex[] = { DNS_SOA, DNS_NS, DNS_DNSKEY,
		DNS_MX, DNS_TXT, DNS_A, DNS_AAAA, DNS_CAA };
	static const char *const texts[] = { "_dmarc", "_mta-sts", "_smtp._tls",
		"default._bimi" };
	static const char *const services[] = { "_submission._tcp",
		"_submissions._tcp", "_imap._tcp", "_imaps._tcp", "_pop3._tcp",
		"_pop3s._tcp", "_autodiscover._tcp" };
	const struct audit_report *r = s->au->r;
	struct arena *a = s->au->a;

	for (size_t i = 0; i < COUNT_OF(apex); i++)
		add(s, r->ascii, apex[i]);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		add(s, arena_fmt(a, "%s.%s", texts[i], r->ascii), DNS_TXT);
	for (size_t i = 0; i < COUNT_OF(services) && r->parts & AUDIT_PART_SRV;
	     i++)
		add(s, arena_fmt(a, "%s.%s", services[i], r->ascii), DNS_SRV);
	add(s, arena_fmt(a, "mta-sts.%s", r->ascii), DNS_A);
	add(s, arena_fmt(a, "mta-sts.%s", r->ascii), DNS_AAAA);
	for (size_t i = 0; i < r->key_count; i++)
		add(s, r->keys[i].owner, DNS_TXT);
	for (size_t i = 0; i < r->host_count; i++) {
		const char *host = r->hosts[i].name;

		add(s, host, DNS_A);
		add(s, host, DNS_AAAA);
		add(s, arena_fmt(a, "_25._tcp.%s", host), DNS_TLSA);
	}
}

/*	RRSIG = type (2) algorithm (1) labels (1) TTL (4) expiration (4) ...
 *
 * The one that ends last counts, in serial arithmetic (RFC 4034 section
 * 3.1.5): seconds left. */
static bool
seconds_left(const struct dns_answer *r, int64_t now, int32_t *left_r)
{
	bool some = false;

	for (size_t i = 0; i < r->count; i++) {
		struct slice sig = r->records[i].raw;
		int32_t left = (int32_t)(get32(sig, 8) - (uint32_t)now);

		if (sig.n < 18 || (some && left < *left_r))
			continue;
		*left_r = left;
		some = true;
	}
	return some;
}

/* Not every resolver hands signatures out: then nothing is said. */
static void
check_dates(struct audit *au)
{
	struct signed_set *s = arena_array(au->a, 1, sizeof(*s));

	s->au = au;
	add_all(s);
	if (dns_query_all(au->dns, s->q, s->n, au->a, au->e) < 0)
		return;
	for (size_t i = 0; i < s->n; i++) {
		const struct dns_question *q = &s->q[i];
		const char *type = dns_type_name(q->type);
		int32_t left;

		if (!seconds_left(&q->answer, au->want->now, &left))
			continue;
		if (left < 0)
			audit_add(au, AUDIT_DNSSEC_SIG_EXPIRED, q->name, type,
			    NULL, "%lld days ago", -(long long)left / 86400);
		else if (left < EXPIRING)
			audit_add(au, AUDIT_DNSSEC_SIG_EXPIRING, q->name, type,
			    NULL, "in %d hours", left / 3600);
	}
}

/* Somebody on the way says the answers are validated; nobody here trusts
 * him. */
static void
check_path(struct audit *au)
{
	struct dns_answer mx;

	audit_ask(au, au->r->ascii, DNS_MX, &mx);
	if (mx.marks & DNS_CLAIMED && !dns_is_trusted(au->dns))
		audit_add(au, AUDIT_DNSSEC_PATH_UNTRUSTED, au->r->ascii, "MX",
		    NULL, "%s", "");
}

void
audit_dnssec(struct audit *au)
{
	const char *domain = au->r->ascii;
	struct dns_answer keys;

	check_path(au);
	audit_ask(au, domain, DNS_DNSKEY, &keys);
	if (keys.count == 0)
		return;
	for (size_t i = 0; i < keys.count; i++)
		check_key(au, keys.records[i].raw);
	check_parent(au, &keys);
	check_nsec3(au);
	check_dates(au);
}
