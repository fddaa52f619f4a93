/* What judging and making DKIM2 chains share: fields without white space, their
 * tags, and what is hashed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_DKIM2PARTS_H
#define AUTH_DKIM2PARTS_H

#include "auth/dkim2.h"

/* One field: "name:" in lower case and the value without any white space, as
 * it is hashed, and its tags (views into it; names compare without case). */
struct dkim2_field {
	size_t place; /* among the letter's, SIZE_MAX: none */
	struct slice text;
	struct slice name[DKIM2_TAGS_MAX], value[DKIM2_TAGS_MAX];
	size_t count;
	const char *bad; /* why it cannot be read, or null */
};

struct dkim2_chain {
	struct dkim2_field *instances; /* m = 1, 2, ... */
	struct dkim2_field *hops;      /* i = 1, 2, ... */
	size_t instance_count, hop_count;
	const char *bad; /* why it is no chain, or null */
};

void dkim2_read(struct slice field, struct arena *a, struct dkim2_field *f_r);

/* The value of a tag, or empty. */
struct slice dkim2_tag(const struct dkim2_field *f, const char *name);

/* Sorts a letter's fields into a chain. */
void dkim2_collect(
    const struct dkim_letter *m, struct arena *a, struct dkim2_chain *c_r);

/* The digest that hop i signs: instances 1 to m, hops 1 to i - 1, and last, the
 * field with the signatures in its s= taken out. */
int dkim2_hop_hash(const struct dkim2_chain *c, uint64_t m, size_t i,
    const struct dkim2_field *last, unsigned char sum[DIGEST_MAX],
    struct arena *a, struct err *e);

/* The header's hash: all fields but those that change on the way, by name,
 * those of one name from the bottom up, relaxed; and the body's, simple. */
int dkim2_message_hash(const struct dkim_letter *m,
    unsigned char header[DIGEST_MAX], unsigned char body[DIGEST_MAX],
    struct arena *a, struct err *e);

#endif
