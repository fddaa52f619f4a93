/* SPF: may this client send for this domain? check_host() of RFC 7208, whole:
 * the record's syntax first, then its terms; 10 terms that look up and 2 void
 * lookups over all records together.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_SPF_H
#define AUTH_SPF_H

#include "net/dns.h"

#define SPF_LOOKUPS_MAX 10 /* terms that look something up (4.6.4) */
#define SPF_VOIDS_MAX   2  /* lookups without an answer (4.6.4) */
#define SPF_MX_MAX      10 /* hosts of one "mx" (4.6.4) */
#define SPF_PTR_MAX     10 /* names of one "ptr" or %{p} (4.6.4) */

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR
};

/* One term on the way to a verdict, told as it is decided. */
struct spf_step {
	unsigned depth;    /* 0: the domain's own record, or its redirect's */
	const char *at;    /* whose record */
	struct slice term; /* as it stands there */
	size_t span[2];
	const char *target; /* its domain, macros expanded; null: none */
	const char *said;   /* "match", "no match", "temperror", "permerror" */
	unsigned lookups, voids; /* so far */
};

struct spf_query {
	struct ip ip;         /* of the client; IPv4-mapped counts as IPv4 */
	const char *helo;     /* HELO or EHLO name, or null */
	const char *mailfrom; /* envelope sender without "<>"; "" or null is
	                       * postmaster@helo (2.4) */
	const char *receiver; /* our host name for %{r}, null: "unknown" */
	int64_t now;          /* for %{t} */
	/* Called for each term, may be null. */
	void (*step)(const struct spf_step *step, void *arg);
	/* Asks in place of the DNS, may be null; a name that is none does not
	 * exist. False: the answer is not there yet, see spf_check(). */
	bool (*ask)(void *arg, const char *name, enum dns_type type,
	    struct dns_answer *r);
	void *arg;
};

struct spf_verdict {
	enum spf_result result;
	const char *identity;    /* "mailfrom", or "helo" where it was empty */
	const char *domain;      /* that was checked */
	const char *explanation; /* on fail, from exp=; null: none */
	/* What decided: the term as it stands in the record of the domain
	 * `at`, octets span[0]..span[1]-1 of it. Of an include that matched it
	 * is the "include:" term of the outer record. Empty when no term did.
	 */
	struct slice term;
	size_t span[2];
	const char *at;
	struct slice record; /* of `at`, or empty */
	const char *problem; /* why none, temperror or permerror; else null */
	unsigned lookups;    /* terms that looked something up */
	unsigned voids;      /* lookups without an answer */
};

/* The verdict's memory is the arena's. -1 only where the machine fails. 1 when
 * an answer was not there yet: there is no verdict, and once all that ask()
 * was asked are known, it is called anew; it asks the same in the same order,
 * and then goes on. */
int spf_check(struct dns *d, const struct spf_query *q, struct arena *a,
    struct spf_verdict *v_r, struct err *e);

/* "none", "neutral", "pass", ... as in RFC 8601 section 2.7.2. */
const char *spf_result_name(enum spf_result r);

#endif
