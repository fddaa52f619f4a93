/* DKIM2 chains, judged and made (draft-ietf-dkim-dkim2-spec, as drafts 02 to 04
 * have it). A moving draft: this room is an experiment, and may change with it.
 *
 * Every hop adds a DKIM2-Signature over the envelope it sent with, and the
 * hashes of the message stand in Message-Instance fields, one more for each
 * hop that changed it. By the recipes of the hops (r=) their changes are undone
 * one after the other, and every message that comes of it has to have the
 * hashes of its instance.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_DKIM2_H
#define AUTH_DKIM2_H

#include "auth/dkim.h"

#define DKIM2_DRAFT     "draft-ietf-dkim-dkim2-spec-04"
#define DKIM2_HOPS_MAX  50           /* signatures, and instances, of a chain */
#define DKIM2_SIGS_MAX  8            /* signatures in one s= */
#define DKIM2_NONCE_MAX 64           /* characters of n= */
#define DKIM2_LIFETIME  (14 * 86400) /* s after t= */
#define DKIM2_TAGS_MAX  32           /* tags of a field */

struct dkim2_hop {
	size_t field;       /* its place among the letter's fields */
	uint64_t m;         /* the instance it signed */
	int64_t made;       /* t= */
	const char *domain; /* d= in A-labels, or null */
	bool good;          /* every signature of it verified */
};

struct dkim2_report {
	enum dkim_result result;
	const char *reason;     /* "" for pass and none */
	struct dkim2_hop *hops; /* hop i is hops[i - 1] */
	size_t count;
	size_t instances;
	size_t restored; /* the oldest instance whose message is known: from
	                  * there on nothing says what was changed */
};

/* The envelope as this server saw it: paths as they are given, without or with
 * "<>"; a null sender and no recipients are not compared. */
struct dkim2_envelope {
	const char *sender;
	const char *const *recipients;
	size_t recipient_count;
};

/* Judges the letter's chain: every signature, the newest instance's hashes,
 * those of the older ones as far as recipes lead back to them, and the envelope
 * of the newest signature. The policy legacy lets mf= and rt= be without "<>",
 * as the first drafts had it. -1 only where the machine fails. */
int dkim2_verify(const struct dkim_letter *m, const struct dkim_judge *j,
    const struct dkim2_envelope *env, struct arena *a, struct dkim2_report *r_r,
    struct err *e);

/* Appends the fields of one more hop: a Message-Instance when there is none
 * yet, and a DKIM2-Signature by the signers of the plan (domain, made). A
 * message that was changed since its newest instance is ERR_DATA: recipes are
 * not made. */
int dkim2_sign(const struct dkim_letter *m, const struct dkim_plan *p,
    const struct dkim2_envelope *env, const char *eol, struct buf *out,
    struct err *e);

#endif
