/* Explaining signatures that do not match (see explain.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/dkimtry.h"
#include "auth/explainparts.h"

/* The key that could have made the signature; null: there is none. */
static int
find_key(const struct dkim_signature *s, const struct dkim_judge *j,
    struct arena *a, struct key_public **key_r, struct err *e)
{
	struct dkim_signature copy = *s;
	struct dkimkey_set set = { 0 };
	struct err ignored;

	*key_r = NULL;
	copy.code = DKIM_CODE_OK;
	if (dkimtry_look_up(&copy, 1, &set, j, a, e) < 0)
		return -1;
	for (size_t i = 0; i < set.count && !*key_r; i++)
		if (set.key[i].kind == s->kind && set.key[i].octets.n)
			dkimkey_open(&set.key[i], key_r, &ignored);
	return 0;
}

void
explain_add(struct explain *x, const struct explain_hit *hit)
{
	if (x->count < EXPLAIN_HITS)
		x->hit[x->count++] = *hit;
}

int
explain_signature(const struct dkim_letter *m, const struct dkim_judge *j,
    const struct dkim_signature *s, struct arena *a, struct explain *x_r,
    struct err *e)
{
	struct key_public *key = NULL;

	*x_r = (struct explain){ 0 };
	if (s->body == DKIM_BAD)
		x_r->body_open = !explain_body(m, s, a, x_r);
	if (s->header != DKIM_BAD)
		return 0;
	if (find_key(s, j, a, &key, e) < 0)
		return -1;
	x_r->header_open = !key || !explain_header(m, s, key, a, x_r);
	key_public_free(&key);
	return 0;
}
