/* Fields and hashes of DKIM2 (see dkim2parts.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/dkim2parts.h"
#include "auth/letter.h"

static const char *
split_tags(struct dkim2_field *f, struct slice rest)
{
	while (rest.n) {
		struct slice tag = slice_take_until(&rest, ';', NULL), name;
		bool equals;

		if (!tag.n)
			continue;
		name = slice_take_until(&tag, '=', &equals);
		if (!equals || !name.n)
			return "a tag without name or value";
		for (size_t i = 0; i < f->count; i++)
			if (slice_equal_nocase(f->name[i], name))
				return "a tag stands there twice";
		if (f->count == DKIM2_TAGS_MAX)
			return "too many tags";
		f->name[f->count] = name;
		f->value[f->count++] = tag;
	}
	return NULL;
}

void
dkim2_read(struct slice field, struct arena *a, struct dkim2_field *f_r)
{
	char *text = arena_new(a, field.n + 1);
	size_t n = 0, colon = SIZE_MAX;

	*f_r = (struct dkim2_field){ .place = SIZE_MAX };
	for (size_t i = 0; i < field.n; i++) {
		int c = (unsigned char)field.p[i];

		if (c == ' ' || (c >= '\t' && c <= '\r'))
			continue;
		if (colon == SIZE_MAX)
			c = ascii_lower(c);
		if (c == ':' && colon == SIZE_MAX)
			colon = n;
		text[n++] = (char)c;
	}
	f_r->text = slice_of(text, n);
	f_r->bad = split_tags(f_r, slice_sub(f_r->text, colon + 1, n));
}

struct slice
dkim2_tag(const struct dkim2_field *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (slice_is_nocase(f->name[i], name))
			return f->value[i];
	return slice_of(NULL, 0);
}

/* Puts a field where its number says. */
static const char *
place(struct dkim2_field *to, size_t *count, const struct dkim2_field *f,
    const char *number)
{
	uint64_t i;

	if (f->bad)
		return f->bad;
	if (!slice_number(dkim2_tag(f, number), DKIM2_HOPS_MAX, &i) || !i)
		return "a field without a number of 1 to 50";
	if (to[i - 1].place != SIZE_MAX)
		return "two fields of one number";
	to[i - 1] = *f;
	*count = *count > i ? *count : (size_t)i;
	return NULL;
}

static const char *
gaps(const struct dkim2_field *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (f[i].place == SIZE_MAX)
			return "a number is missing in the chain";
	return NULL;
}

void
dkim2_collect(
    const struct dkim_letter *m, struct arena *a, struct dkim2_chain *c_r)
{
	struct dkim2_chain c = { 0 };

	c.instances = arena_array(a, DKIM2_HOPS_MAX, sizeof(*c.instances));
	c.hops = arena_array(a, DKIM2_HOPS_MAX, sizeof(*c.hops));
	for (size_t i = 0; i < DKIM2_HOPS_MAX; i++)
		c.instances[i].place = c.hops[i].place = SIZE_MAX;
	for (size_t i = 0; i < m->count && !c.bad; i++) {
		struct slice name = letter_field_name(m->fields[i]);
		bool hop = slice_is_nocase(name, "DKIM2-Signature");
		struct dkim2_field f;

		if (!hop && !slice_is_nocase(name, "Message-Instance"))
			continue;
		dkim2_read(m->fields[i], a, &f);
		f.place = i;
		c.bad = hop ? place(c.hops, &c.hop_count, &f, "i")
		            : place(c.instances, &c.instance_count, &f, "m");
	}
	if (!c.bad)
		c.bad = gaps(c.hops, c.hop_count);
	if (!c.bad)
		c.bad = gaps(c.instances, c.instance_count);
	*c_r = c;
}

static void
hash_field(struct digest *d, struct slice text)
{
	digest_add(d, text.p, text.n);
	digest_add(d, "\r\n", 2);
}

/* s= sel:alg:signature *( "," ... ): without the signatures. */
static struct slice
without_signatures(const struct dkim2_field *f, struct arena *a)
{
	struct slice s = dkim2_tag(f, "s");
	char *text = arena_new(a, f->text.n + 1);
	size_t n = (size_t)(s.p - f->text.p), colons = 0;

	if (!s.n)
		return f->text;
	memcpy(text, f->text.p, n);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ',')
			colons = 0;
		if (colons < 2)
			text[n++] = s.p[i];
		colons += s.p[i] == ':';
	}
	s = slice_sub(f->text, (size_t)(s.p + s.n - f->text.p), f->text.n);
	memcpy(text + n, s.p, s.n);
	return slice_of(text, n + s.n);
}

int
dkim2_hop_hash(const struct dkim2_chain *c, uint64_t m, size_t i,
    const struct dkim2_field *last, unsigned char sum[DIGEST_MAX],
    struct arena *a, struct err *e)
{
	struct digest d;

	if (digest_begin(&d, DIGEST_SHA256, e) < 0)
		return -1;
	for (size_t k = 0; k < m && k < c->instance_count; k++)
		hash_field(&d, c->instances[k].text);
	for (size_t k = 0; k + 1 < i; k++)
		hash_field(&d, c->hops[k].text);
	hash_field(&d, without_signatures(last, a));
	digest_end(&d, sum);
	return 0;
}

static bool
is_hashed(struct slice name)
{
	static const char *const passing[] = { "Received", "Return-Path",
		"DKIM-Signature", "Authentication-Results", "DKIM2-Signature",
		"Message-Instance" };

	if (slice_starts_nocase(name, "X-") ||
	    slice_starts_nocase(name, "ARC-"))
		return false;
	for (size_t i = 0; i < COUNT_OF(passing); i++)
		if (slice_is_nocase(name, passing[i]))
			return false;
	return true;
}

struct sorted {
	struct slice name, field;
	size_t place;
};

/* By name, then from the bottom up. */
static int
compare(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	size_t n = size_min(x->name.n, y->name.n);

	for (size_t i = 0; i < n; i++) {
		int d = ascii_lower((unsigned char)x->name.p[i]) -
		        ascii_lower((unsigned char)y->name.p[i]);

		if (d)
			return d;
	}
	if (x->name.n != y->name.n)
		return x->name.n < y->name.n ? -1 : 1;
	return x->place > y->place ? -1 : 1;
}

int
dkim2_message_hash(const struct dkim_letter *m,
    unsigned char header[DIGEST_MAX], unsigned char body[DIGEST_MAX],
    struct arena *a, struct err *e)
{
	struct sorted *s = arena_array(a, m->count, sizeof(*s));
	struct canon_hash h = { .mode = CANON_SIMPLE, .limit = CANON_ALL };
	struct digest d;
	struct buf b;
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++) {
		struct slice name = letter_field_name(m->fields[i]);

		if (is_hashed(name))
			s[n++] = (struct sorted){ name, m->fields[i], i };
	}
	if (n)
		qsort(s, n, sizeof(*s), compare);
	if (digest_begin(&d, DIGEST_SHA256, e) < 0)
		return -1;
	buf_init(&b, DKIM_CANON_MAX);
	for (size_t i = 0; i < n; i++) {
		buf_reset(&b);
		canon_field(CANON_RELAXED, s[i].field, &b);
		digest_add(&d, b.p, b.n);
	}
	buf_free(&b);
	digest_end(&d, header);
	if (canon_hash_body(m->map, m->body, &h, 1, e) < 0)
		return -1;
	memcpy(body, h.sum, DIGEST_MAX);
	return 0;
}
