/* The two halves of explaining (see explain.h).
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_EXPLAINPARTS_H
#define AUTH_EXPLAINPARTS_H

#include "auth/explain.h"

void explain_add(struct explain *x, const struct explain_hit *hit);

/* True with what was found added when guesses undo what happened. */
bool explain_body(const struct dkim_letter *m, const struct dkim_signature *s,
    struct arena *a, struct explain *x);
bool explain_header(const struct dkim_letter *m, const struct dkim_signature *s,
    const struct key_public *key, struct arena *a, struct explain *x);

/* explainmime.c: the same for a body of parts; want is its hash. */
bool explain_mime(const struct dkim_letter *m, const struct dkim_signature *s,
    struct slice want, struct arena *a, struct explain *x);

#define EXPLAIN_GUESSES 300 /* rewritten Subjects and Froms, each */

/* What is at hand while a header is guessed at. */
struct explain_head {
	const struct dkim_letter *m;
	const struct dkim_signature *s;
	const struct key_public *key;
	struct arena *a;
	struct explain *x;
	struct slice *field_names; /* of the letter */
	size_t pick[DKIM_NAMES_MAX];
	struct slice piece[DKIM_NAMES_MAX]; /* canonical, by place in h= */
	struct slice last;                  /* the signature's own */
	unsigned tries, most;
	size_t octets; /* hashed so far */
	size_t header; /* of all that is signed of the header */
	bool known;    /* the digest that was signed */
	unsigned char digest[DIGEST_MAX];
};

/* explainhead.c: a field in canonical form; whether there may be one more try,
 * of so many octets; whether that is what was signed. */
struct slice explain_canonical(struct explain_head *g, struct slice field);
bool explain_may_try(struct explain_head *g, size_t octets);
bool explain_verifies(struct explain_head *g, const unsigned char *sum);

/* explainmany.c: several fields changed at once; quick: the likeliest forms of
 * each only. */
bool explain_many(struct explain_head *g, bool quick);

/* explainname.c: the field in place at of h=; a field's value; a field of name
 * and value. */
struct slice explain_at(struct explain_head *g, size_t at);
struct slice explain_value(struct slice field);
struct slice explain_made(
    struct explain_head *g, const char *name, struct slice value);

/* Other forms of the field in place at, at most EXPLAIN_GUESSES; none where
 * at is SIZE_MAX. */
size_t explain_subjects(struct explain_head *g, size_t at, struct slice *r);
size_t explain_authors(struct explain_head *g, size_t at, struct slice *r);

#endif
