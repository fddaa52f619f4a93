/* DKIM signatures, made and judged (RFC 6376; RFC 8301: no SHA-1, no short
 * RSA; RFC 8463: Ed25519; RFC 8616: other alphabets).
 *
 * A letter is given as views of its fields and its body; nothing is copied
 * but what goes into an arena. However many signatures there are, the body is
 * read once.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_DKIM_H
#define AUTH_DKIM_H

#include "base/given.h"

#include "auth/canon.h"
#include "auth/dkimkey.h"

#define DKIM_JUDGED_MAX  10           /* signatures judged, from the top */
#define DKIM_LISTED_MAX  100          /* and listed: the rest as not judged */
#define DKIM_NAMES_MAX   100          /* names in one h= */
#define DKIM_FIELD_MAX   (64u << 10)  /* octets of a signature field */
#define DKIM_CANON_MAX   (256u << 20) /* octets of a field in canonical form */
#define DKIM_BITS_MIN    1024         /* RSA, to verify (RFC 8301 3.2) */
#define DKIM_BITS_SIGN   2048         /* RSA, to sign */
#define DKIM_SKEW        300          /* s that t= may lie in the future */
#define DKIM_SIGNERS_MAX 8            /* signatures made at once */

struct dkim_letter {
	const struct slice *fields; /* whole: "Name: value" and line end */
	size_t count;               /* from the top */
	struct slice body;
	struct slice broken; /* a line that is no field and ended the header,
	                      * or nothing */
	const struct io_map *map; /* that it lies in, or null */
};

enum dkim_result {
	DKIM_NONE,
	DKIM_PASS,
	DKIM_FAIL,
	DKIM_POLICY,
	DKIM_NEUTRAL,
	DKIM_TEMPERROR,
	DKIM_PERMERROR
};

/* What decided. Each belongs to one result. */
enum dkim_code {
	DKIM_CODE_OK,
	DKIM_CODE_BODY_HASH,  /* fail: the body is not what was signed */
	DKIM_CODE_SIGNATURE,  /* fail: the fields are not */
	DKIM_CODE_PARTIAL,    /* policy: l= leaves all octets unsigned */
	DKIM_CODE_ADDED,      /* policy: a field stands beside a signed one */
	DKIM_CODE_NOT_JUDGED, /* policy: more than DKIM_JUDGED_MAX */
	DKIM_CODE_SYNTAX,     /* permerror from here on */
	DKIM_CODE_MISSING_TAG,
	DKIM_CODE_VERSION,
	DKIM_CODE_ALGORITHM,
	DKIM_CODE_CANON,
	DKIM_CODE_DOMAIN,
	DKIM_CODE_IDENTITY,
	DKIM_CODE_HEADER_LIST,
	DKIM_CODE_FROM_UNSIGNED,
	DKIM_CODE_QUERY,
	DKIM_CODE_TIME,
	DKIM_CODE_FUTURE,
	DKIM_CODE_EXPIRED,
	DKIM_CODE_LENGTH,
	DKIM_CODE_SHA1,
	DKIM_CODE_KEY_SHORT,
	DKIM_CODE_KEY_MISSING,
	DKIM_CODE_KEY_SYNTAX,
	DKIM_CODE_KEY_REVOKED,
	DKIM_CODE_KEY_MISMATCH, /* k=, h= or s= does not allow this use */
	DKIM_CODE_KEY_STRICT,   /* t=s, and i= is in a subdomain */
	DKIM_CODE_KEY_UNKNOWN   /* temperror: the DNS did not answer */
};

/* "pass", "body-hash": the words of RFC 8601 2.7.1, and ours. */
const char *dkim_result_name(enum dkim_result r);
const char *dkim_code_name(enum dkim_code c);
enum dkim_result dkim_code_result(enum dkim_code c);

enum dkim_state {
	DKIM_UNKNOWN, /* it did not come to that */
	DKIM_GOOD,
	DKIM_BAD
};

/* One DKIM-Signature field. Slices are views into it, as they stand there,
 * empty where the tag is absent. */
struct dkim_signature {
	size_t field; /* its place among the letter's fields */
	struct slice a, b, bh, c, d, h, i, l, q, s, t, x;
	const char *domain;   /* d= in A-labels, or null: none */
	const char *key_name; /* where its key stands, or null */
	enum key_kind kind;
	enum digest_kind digest;
	enum canon_mode header_mode, body_mode;
	uint64_t limit;       /* l=, or CANON_ALL */
	int64_t made, expiry; /* t=, x=; -1 absent, INT64_MAX far away */
	struct slice *names;  /* h= */
	size_t name_count;
	struct slice identity; /* i= without its dkim-quoted-printable */
	bool draft; /* v= is missing, or 0.5: only legacy passes it */
	struct slice signature;             /* b= decoded */
	unsigned char body_sum[DIGEST_MAX]; /* of the body as it is */
	bool body_known;                    /* body_sum is filled in */
	unsigned bits;                      /* of the key, 0: none was found */
	bool testing;                       /* t=y in its record */
	bool secure;                        /* its answer was validated */
	bool other_key; /* no RSA key there made it, of whatever fields */
	enum dkim_state header, body;
	uint64_t unsigned_octets; /* canonical octets beyond l= */
	enum dkim_code code;
	enum dkim_result result;
	const char *reason; /* a person's words; "" for a plain pass */
};

struct dkim_report {
	struct dkim_signature *sig; /* in field order */
	size_t count;
	size_t beyond; /* more fields, neither judged nor listed */
};

/* What a signature that matches is refused for. */
enum dkim_policy {
	DKIM_POLICY_STRICT, /* SHA-1, short keys, drafts (permerror); l=0, a
	                     * field added (policy) */
	DKIM_POLICY_RFC,    /* SHA-1, short keys, drafts only */
	DKIM_POLICY_LEGACY  /* l=0, a field added. g= of keys counts (RFC
	                     * 4871), and rsa-sha512 is an algorithm */
};

struct dkim_judge {
	struct dns *dns;
	int64_t now; /* seconds since 1970; the time of reception */
	enum dkim_policy policy;
	bool tlsrpt; /* as a receiver of TLS reports: keys for those, and all
	              * of the body counts, whatever l= is (RFC 8460 3) */
	const struct trace *trace; /* may be null */
};

/* Judges a letter's signatures. The report's memory is the arena's. -1 only
 * where the machine fails: every finding about the letter is in the report. */
int dkim_verify(const struct dkim_letter *m, const struct dkim_judge *j,
    struct arena *a, struct dkim_report *r_r, struct err *e);

/* The one result that stands for all: pass if any passes, then temperror,
 * fail, policy, permerror; none when there is no signature. */
enum dkim_result dkim_overall(const struct dkim_report *r);

/* One signature to make. */
struct dkim_signer {
	const char *selector;
	const struct key *key;
};

struct dkim_plan {
	const char *domain; /* d=, A-labels */
	const struct dkim_signer *signers;
	size_t signer_count; /* at most DKIM_SIGNERS_MAX */
	enum canon_mode header_mode, body_mode;
	const char *names; /* "from:to:subject", or null: dkim's own choice */
	bool plain;        /* no oversigning: only the fields there are */
	const char *auid;  /* i=, or null */
	int64_t made;      /* t= */
	int64_t lifetime;  /* s, for x=; 0: none */
	const unsigned char *body_sum; /* SHA-256 of the canonical body where
	                                * it is known; the letter's is unused */
	bool short_keys;               /* RSA down to DKIM_BITS_MIN may sign */
};

/* Appends one DKIM-Signature field for each signer, in their order, folded,
 * lines ending in eol ("\r\n" or "\n"). What RFC 6376 forbids is refused. */
int dkim_sign(const struct dkim_letter *m, const struct dkim_plan *p,
    const char *eol, struct buf *out, struct err *e);

#endif
