/* Memory that is freed together (see arena.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/mem.h"

#define ARENA_BLOCK 4000 /* octets in a block, unless one thing needs more */
#define ARENA_TEXT  256  /* octets of text that is made only once */

struct arena_block {
	struct arena_block *before;
	size_t cap, used;
	alignas(max_align_t) char bytes[];
};

static size_t
aligned(size_t n)
{
	size_t mask = alignof(max_align_t) - 1;

	return n > SIZE_MAX - mask ? SIZE_MAX : (n + mask) & ~mask;
}

static void
add_block(struct arena *a, size_t n)
{
	size_t cap = n > ARENA_BLOCK ? n : ARENA_BLOCK;
	size_t whole;
	struct arena_block *b;

	if (!size_add(cap, sizeof(*b), &whole))
		whole = SIZE_MAX;
	b = mem_new(whole);
	b->before = a->last;
	b->cap = cap;
	a->last = b;
}

void *
arena_new(struct arena *a, size_t n)
{
	struct arena_block *b = a->last;
	char *p;

	n = aligned(n ? n : 1);
	if (!b || n > b->cap - b->used) {
		add_block(a, n);
		b = a->last;
	}
	p = b->bytes + b->used;
	b->used += n;
	return p;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t whole;

	if (!size_mul(n, size, &whole))
		whole = SIZE_MAX;
	return arena_new(a, whole);
}

void
arena_reserve(struct arena *a, size_t n)
{
	add_block(a, n);
}

char *
arena_copy(struct arena *a, struct slice s)
{
	char *p = arena_new(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

char *
arena_string(struct arena *a, const char *s)
{
	return arena_copy(a, slice_str(s));
}

char *
arena_fmt(struct arena *a, const char *fmt, ...)
{
	char text[ARENA_TEXT], *p;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		return arena_new(a, 1);
	if ((size_t)n < sizeof(text))
		return arena_copy(a, slice_of(text, (size_t)n));
	p = arena_new(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void *
arena_grow(struct arena *a, void *old, size_t n, size_t need, size_t size,
    size_t *cap_r)
{
	void *p;

	if (need <= *cap_r)
		return old;
	if (need < 8)
		need = 8;
	if (need < 2 * n)
		need = 2 * n;
	p = arena_array(a, need, size);
	if (n)
		memcpy(p, old, n * size);
	*cap_r = need;
	return p;
}

struct arena_mark
arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->last, a->last ? a->last->used : 0 };
}

void
arena_release(struct arena *a, struct arena_mark m)
{
	while (a->last != m.block) {
		struct arena_block *b = a->last;

		a->last = b->before;
		mem_free(b);
	}
	if (!a->last)
		return;
	memset(a->last->bytes + m.used, 0, a->last->used - m.used);
	a->last->used = m.used;
}

void
arena_free(struct arena *a)
{
	arena_release(a, (struct arena_mark){ NULL, 0 });
}

void
arena_wipe(struct arena *a)
{
	for (struct arena_block *b = a->last; b; b = b->before)
		explicit_bzero(b->bytes, b->used);
	arena_free(a);
}
