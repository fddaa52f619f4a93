/* DANE: certificates vouched for by DNSSEC (RFC 6698, 7671), and as SMTP has
 * it (RFC 7672). The records are read, found and chosen here, and compared
 * with a chain; nothing is connected to.
 *
 *	dane_find(dns, "mx1.example.org", 25, true, &arena, &set, e);
 *	if (set.state == DANE_USABLE)
 *		dane_verify(&set, &check, &verdict);
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_DANE_H
#define AUTH_DANE_H

#include "crypt/cert.h"

#include "net/dns.h"

#define DANE_RECORDS_MAX 64 /* TLSA records of one name looked at */
#define DANE_WHY_MAX     ERR_TEXT_MAX

enum dane_usage { DANE_PKIX_TA, DANE_PKIX_EE, DANE_TA, DANE_EE };

struct dane_record {
	unsigned usage, selector, matching;
	struct slice data;
};

/*	record  =  usage SP selector SP matching SP 1*(hex [SP])
 *
 * The presentation form of RFC 6698 section 2.2. ERR_DATA says what is
 * wrong; a number that is not assigned is none of it. */
int dane_read(
    struct slice text, struct arena *a, struct dane_record *r_r, struct err *e);

/* Why a record cannot be used, or null: parameters nobody knows, a digest of
 * another length; for SMTP also PKIX-TA and PKIX-EE (RFC 7672, 3.1.3). */
const char *dane_fault(const struct dane_record *r, bool smtp);

enum dane_state {
	DANE_ABSENT,   /* no TLSA, or not secure: as if there were no DANE */
	DANE_USABLE,   /* the peer must match */
	DANE_UNUSABLE, /* TLSA, but none to be used: TLS is a must, whoever it
	                * is (RFC 7672, 2.2) */
	DANE_DEFER     /* could not be asked: deliver later (2.1.2) */
};

/* The records of one server. */
struct dane_set {
	enum dane_state state;
	const char *base; /* TLSA base domain: a name to look for (7671, 7) */
	enum dns_status status; /* of the lookup that decided */
	struct dane_record *records;
	size_t count;
};

/* Looks up _port._tcp.host: addresses first, which must be secure (7672,
 * 2.2), then TLSA at the end of a secure CNAME chain, then at its start. That
 * the MX records were secure is for the caller to know. */
int dane_find(struct dns *d, const char *host, unsigned port, bool smtp,
    struct arena *a, struct dane_set *set_r, struct err *e);

/* A set of records at hand; copies nothing. */
void dane_set_of(const struct dane_record *records, size_t n, bool smtp,
    struct dane_set *set_r);

enum dane_outcome {
	DANE_VERIFIED,
	DANE_NO_RECORD, /* no usable record */
	DANE_NO_MATCH,  /* no record matches the chain */
	DANE_UNTRUSTED, /* one does, but the path or a date is bad */
	DANE_WRONG_NAME /* one does, but the certificate is another's */
};

struct dane_check {
	const struct cert *const *chain; /* leaf first */
	size_t chain_n;
	const char *const *names; /* any of them is good: base domain, host,
	                           * next-hop domain (7672, 3.2.2) */
	size_t name_count;        /* 0: names are not looked at */
	bool ee_names;            /* DANE-EE too: no (7671, 5.1), unless the
	                           * application says otherwise */
	bool smtp;                /* PKIX usages are unusable */
	const struct cert_roots *roots; /* for PKIX; null: nobody is trusted */
	int64_t at;                     /* when, seconds since 1970 */
};

struct dane_verdict {
	enum dane_outcome outcome;
	size_t record; /* index that matched, or SIZE_MAX */
	int depth;     /* of the certificate that matched: 0 the leaf, -1
	                * none; of a bare key: of what it signed */
	char why[DANE_WHY_MAX]; /* "" when verified */
};

/* Compares: of records that differ in the digest only, the strongest counts
 * (7671, 9). */
void dane_verify(const struct dane_set *set, const struct dane_check *c,
    struct dane_verdict *v_r);

/* "verified", "no-record", "no-match", "untrusted", "wrong-name" */
const char *dane_outcome_name(enum dane_outcome o);

/* "PKIX-TA", "PKIX-EE", "DANE-TA", "DANE-EE" (RFC 7218), or "?". */
const char *dane_usage_name(unsigned usage);

#endif
