/* A received letter judged whole: DKIM, SPF, DMARC, and the one answer.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_VERIFY_H
#define AUTH_VERIFY_H

#include "auth/arc.h"
#include "auth/dkim.h"
#include "auth/dkim2.h"
#include "auth/dmarc.h"
#include "auth/explain.h"
#include "auth/result.h"
#include "auth/spf.h"

struct verify_plan {
	struct dns *dns;
	bool dkim, spf, dmarc, arc, dkim2; /* what is wanted */
	struct ip ip;         /* of the client; n 0: not known, SPF is none */
	const char *helo;     /* or null */
	const char *mailfrom; /* envelope sender without "<>", or null */
	const char *const *recipients; /* of the envelope, for DKIM2 */
	size_t recipient_count;
	int64_t now; /* of reception */
	enum dkim_policy policy;
	bool tlsrpt;  /* see struct dkim_judge */
	bool explain; /* why signatures fail is wanted */
	const struct trace *trace;
};

/* The one answer: DMARC's where the author's domain has a policy, else
 * DKIM's, else SPF's, else ARC's, of those that were wanted. */
enum verify_answer {
	VERIFY_PASS,
	VERIFY_FAIL,
	VERIFY_NONE,   /* nobody vouches, nobody asks for it */
	VERIFY_POLICY, /* policy, permerror: vouched for wrongly */
	VERIFY_TEMP    /* ask again later */
};

struct verify {
	struct dkim_letter letter;
	struct slice *from; /* author domains as they stand, of From */
	size_t from_count;
	struct dkim_report dkim;
	struct spf_verdict spf;
	const char *spf_reason; /* why none, or null */
	struct dmarc_verdict dmarc;
	struct arc_report arc;
	struct dkim2_report dkim2;
	struct explain *explain; /* of each signature, or null */
	enum verify_answer answer;
	const char *by; /* "dmarc", "dkim", "spf", "arc": what gave it */
};

/* Judges a message, which lies in map or (null) elsewhere. The result's memory
 * is the arena's; views are into the message. -1 only where the machine fails.
 */
int verify_message(const struct verify_plan *p, struct slice message,
    const struct io_map *map, struct arena *a, struct verify *v_r,
    struct err *e);

/* "pass", "fail", "none", "policy", "temperror". */
const char *verify_answer_name(enum verify_answer a);

/* The findings as methods of an Authentication-Results field (RFC 8601 2.7).
 */
void verify_result(const struct verify_plan *p, const struct verify *v,
    const char *authserv_id, struct arena *a, struct result *r_r);

#endif
