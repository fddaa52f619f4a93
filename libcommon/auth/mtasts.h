/* MTA-STS: mail only over TLS to hosts that a policy names (RFC 8461). The
 * record in DNS, the policy file, and the comparison; net/https fetches.
 *
 *	mtasts_find(dns, "example.org", &arena, &found, e);
 *	if (found.state == MTASTS_FOUND)
 *		... https_get(mtasts_url("example.org", &arena)) ...
 *		mtasts_policy_read(body, &policy);
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_MTASTS_H
#define AUTH_MTASTS_H

#include "net/dns.h"

#include "auth/txtfields.h"

#define MTASTS_VERSION    "v=STSv1"
#define MTASTS_POLICY_MAX 65536    /* octets of a policy (3.3) */
#define MTASTS_MX_MAX     128      /* patterns of a policy */
#define MTASTS_LINES_MAX  1024     /* lines of a policy */
#define MTASTS_AGE_MAX    31557600 /* seconds (3.2) */
#define MTASTS_ID_MAX     32       /* octets (3.1) */
#define MTASTS_FAULTS_MAX 32       /* of a policy that are told */

struct mtasts_record {
	struct txtfields fields;
	struct slice id; /* a view into the text */
};

/* Reads the text of one TXT record at _mta-sts.DOMAIN: 1 good, 0 it is no
 * MTA-STS record, -1 a broken one, which counts as none (3.1). */
int mtasts_record_read(struct slice text, struct mtasts_record *r);

enum mtasts_state {
	MTASTS_ABSENT,
	MTASTS_FOUND,
	MTASTS_BROKEN, /* several, or one that does not parse: as if absent */
	MTASTS_UNKNOWN /* could not be asked */
};

struct mtasts_found {
	enum mtasts_state state;
	enum dns_status status;
	bool outside;   /* see struct dns_answer */
	const char *id; /* changes whenever the policy does */
};

/* The record of a domain. */
int mtasts_find(struct dns *d, const char *domain, struct arena *a,
    struct mtasts_found *r, struct err *e);

/* "https://mta-sts.DOMAIN/.well-known/mta-sts.txt" */
const char *mtasts_url(const char *domain, struct arena *a);

enum mtasts_mode {
	MTASTS_MODE_UNSET,
	MTASTS_NONE,
	MTASTS_TESTING,
	MTASTS_ENFORCE
};

enum mtasts_wrong {
	MTASTS_WRONG_LINE,    /* not "key: value" */
	MTASTS_WRONG_VERSION, /* missing, or not STSv1 */
	MTASTS_WRONG_MODE,    /* missing, or none of the three */
	MTASTS_WRONG_AGE,     /* missing, no number, too large */
	MTASTS_WRONG_MX,      /* a pattern that is none */
	MTASTS_WRONG_NO_MX,   /* none at all, in enforce or testing */
	MTASTS_WRONG_TWICE,   /* a key but mx again: the first counts */
	MTASTS_WRONG_UNKNOWN  /* an extension: no fault */
};

struct mtasts_fault {
	enum mtasts_wrong wrong;
	size_t span[2]; /* octets of the policy: first, one behind */
};

struct mtasts_policy {
	enum mtasts_mode mode;
	int64_t max_age;                /* seconds, -1 unset */
	struct slice mx[MTASTS_MX_MAX]; /* views into the text */
	size_t mx_count;
	struct mtasts_fault fault[MTASTS_FAULTS_MAX];
	size_t fault_count;
};

/* Reads a policy file (3.2): 0, or -1 when it may not be used. What is wrong,
 * also with one that may, is in fault[]. */
int mtasts_policy_read(struct slice body, struct mtasts_policy *p);

/* A pattern: a host name, or "*." and one. */
bool mtasts_pattern_ok(struct slice pattern);

/* "*." stands for exactly one label (4.1). */
bool mtasts_pattern_match(struct slice pattern, const char *host);

/* One of the policy's patterns matches. */
bool mtasts_match(const struct mtasts_policy *p, const char *host);

/* "unset", "none", "testing", "enforce" */
const char *mtasts_mode_name(enum mtasts_mode m);

#endif
