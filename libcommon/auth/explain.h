/* Why a DKIM signature does not match: what happened to the message since it
 * was signed, proven. Each guess is undone and the result hashed: where the
 * hash (or the signature over it) then matches, this is what happened, and not
 * a likely story. What no guess undoes is left unexplained.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_EXPLAIN_H
#define AUTH_EXPLAIN_H

#include "auth/dkim.h"

#define EXPLAIN_OCTETS (12u << 20) /* octets hashed for one signature */
#define EXPLAIN_SLOW   400         /* Ed25519 signatures tried */
#define EXPLAIN_SLOWER 75          /* RSA over KEY_OPEN_BITS */
#define EXPLAIN_QUICK  150         /* of them for what is likely */
#define EXPLAIN_LINES  200000      /* lines of a body that is looked into */
#define EXPLAIN_HITS   12          /* things told of one signature */
#define EXPLAIN_HASHES 15000 /* headers hashed, where RSA tells what for */
#define EXPLAIN_HEADER (10u << 20) /* octets of them */
#define EXPLAIN_BLOCK  12          /* lines in a row taken out of the middle */

/* One thing that happened. */
struct explain_hit {
	const char *what;    /* "lines-appended", "subject-tag", ... */
	const char *text;    /* the same for a person */
	bool header;         /* in the header, or else the body */
	size_t line, count;  /* of the body, from 1; 0: not there */
	size_t octets;       /* added, in canonical form */
	struct slice name;   /* of the field */
	struct slice before; /* the field or line as it was signed, or empty */
};

struct explain {
	struct explain_hit hit[EXPLAIN_HITS];
	size_t count;
	bool body_open, header_open; /* altered, and no guess undoes it */
	struct slice inner; /* private: the header of the part that was the
	                     * body */
	bool wrapped;       /* private: there is one */
	bool hurried;       /* private: all but a little of every limit is used
	                     * up (for a fuzzer) */
};

/* For a signature that dkim_verify() judged: explains DKIM_BAD of its body and
 * of its header. Memory is the arena's. -1 only where the machine fails. */
int explain_signature(const struct dkim_letter *m, const struct dkim_judge *j,
    const struct dkim_signature *s, struct arena *a, struct explain *x_r,
    struct err *e);

#endif
