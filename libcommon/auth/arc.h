/* ARC chains judged (RFC 8617). Historic by now, but big receivers still stamp
 * it: what it says is shown, never relied on.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_ARC_H
#define AUTH_ARC_H

#include "auth/dkim.h"

#define ARC_SETS_MAX 50 /* instances of a chain (4.2.1) */

enum arc_cv { ARC_NONE, ARC_PASS, ARC_FAIL, ARC_UNKNOWN };

/* One instance: places of its fields among the letter's, SIZE_MAX: missing. */
struct arc_set {
	size_t results, message, seal;
	struct slice cv; /* of the seal, as it stands */
	struct dkim_signature seal_sig;
};

struct arc_report {
	enum arc_cv cv;
	const char *reason;   /* of a fail; "" otherwise */
	bool temporary;       /* it failed for want of a key just now */
	struct arc_set *sets; /* set i is sets[i - 1] */
	size_t count;         /* of a chain whose structure is whole */
	struct dkim_signature message_sig; /* of the newest set */
};

/* "none", "pass", "fail". */
const char *arc_cv_name(enum arc_cv cv);

/* Judges the letter's chain (5.2): structure, then the newest
 * ARC-Message-Signature, then every seal from the newest down. The report's
 * memory is the arena's. -1 only where the machine fails. */
int arc_verify(const struct dkim_letter *m, const struct dkim_judge *j,
    struct arena *a, struct arc_report *r_r, struct err *e);

/* Finds the sets and checks their structure: 1 a chain, 0 none, -1 broken
 * (cv is fail, with the reason). For arc_seal() too, which needs no keys. */
int arc_collect(
    const struct dkim_letter *m, struct arena *a, struct arc_report *r_r);

/* The digest that seal i signs: the fields of sets 1 to i in order, relaxed,
 * the last seal with its b= empty (5.1.1). `last` replaces the field of seal
 * i, and results and message of set i where they are not null. */
struct arc_cover {
	const struct dkim_letter *m;
	const struct arc_set *sets;
	size_t count; /* sets before the last field's */
	bool alone;   /* only the last set: on a chain that failed (5.1.2) */
	struct slice results, message, last; /* of the last set */
};

int arc_seal_hash(const struct arc_cover *c, enum digest_kind kind,
    unsigned char sum[DIGEST_MAX], struct err *e);

/* One set to add. */
struct arc_plan {
	const char
	    *authserv_id;      /* whose Authentication-Results are taken over */
	struct dkim_plan sign; /* one signer; domain, names, made, modes */
	enum arc_cv cv; /* of the chain that is there; ARC_UNKNOWN: what the
	                 * Authentication-Results say, none without a chain */
};

/* Appends the three fields of the next instance, the seal first, lines ending
 * in eol. A chain whose newest seal says cv=fail gets none: 0 octets.
 * ERR_DATA: broken, or there and not judged. */
int arc_seal(const struct dkim_letter *m, const struct arc_plan *p,
    const char *eol, struct buf *out, struct err *e);

#endif
