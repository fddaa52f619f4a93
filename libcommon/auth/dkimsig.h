/* The parts that signing, judging and explaining share: reading one
 * DKIM-Signature field, and the hash over the fields it names (RFC 6376
 * sections 3.5, 3.7 and 5.4.2).
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_DKIMSIG_H
#define AUTH_DKIMSIG_H

#include "auth/dkim.h"

/* Sets code, the result that belongs to it, and the reason; always -1. */
int dkimsig_set(struct dkim_signature *s, enum dkim_code code, struct arena *a,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Which field it is: their tags differ. */
enum dkimsig_kind {
	DKIMSIG_DKIM, /* DKIM-Signature */
	DKIMSIG_ARC,  /* ARC-Message-Signature: no v=, i= is a number, From need
	               * not be signed (RFC 8617 4.1.2) */
	DKIMSIG_ARC_SEAL /* ARC-Seal: no body, no h= (4.1.3) */
};

/* Fills in all that the field itself says. -1 with code, result and reason
 * set when it is not a signature that can be verified; what could be read
 * stands in s nevertheless. */
int dkimsig_read(enum dkimsig_kind kind, struct slice field, struct arena *a,
    struct dkim_signature *s);

/* The place of the i-th of names among the letter's fields: instances from
 * the bottom up, as often as the name came before (5.4.2); field `own` is
 * passed over. SIZE_MAX: there is none. field_names are the letter's
 * letter_field_name()s. */
size_t dkimsig_pick(const struct slice *field_names, size_t field_count,
    size_t own, const struct slice *names, size_t i);

/* A signature field with the value of its b= cut out (3.7), in the arena. */
struct slice dkimsig_without_b(struct slice field, struct arena *a);

/* What is hashed. */
struct dkimsig_cover {
	const struct dkim_letter *m;
	const struct slice *field_names; /* of m's fields */
	const struct slice *names;       /* h= */
	size_t name_count;
	size_t own;             /* m's field that is the signature, SIZE_MAX */
	struct slice signature; /* the field, its b= empty */
	enum canon_mode mode;
};

/* The digest of the named fields and the signature field (3.7). */
int dkimsig_hash(const struct dkimsig_cover *c, enum digest_kind kind,
    unsigned char sum[DIGEST_MAX], struct err *e);

/* Compares the body's hash with bh=, once header is known: body_sum, body,
 * unsigned_octets, and the code where it does not match. */
void dkimsig_body(
    struct dkim_signature *s, const struct canon_hash *h, struct arena *a);

/* Which fields a plan signs in this letter, as h= names them; refuses a letter
 * that has not exactly one From, and a plan whose keys or identity cannot
 * sign. The array is the arena's. */
int dkimsig_names(const struct dkim_letter *m, const struct dkim_plan *p,
    struct arena *a, struct slice **names_r, size_t *count_r, struct err *e);

#endif
