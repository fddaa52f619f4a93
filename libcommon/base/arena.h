/* Memory that is freed together: one arena per message, reply or answer.
 * Parsed views and made text live until arena_free() or arena_release().
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

struct arena_block;

struct arena {
	struct arena_block *last; /* newest block; owned */
};

/* A position to go back to with arena_release(). */
struct arena_mark {
	struct arena_block *block;
	size_t used;
};

/* An arena needs no set-up but zero: struct arena a = { 0 }; */

/* n octets, zeroed, aligned for any type; never null. */
void *arena_new(struct arena *a, size_t n);

/* n elements of size octets, zeroed. */
void *arena_array(struct arena *a, size_t n, size_t size);

/* Room for n octets at once: worth its while before an arena_mark() that is
 * often gone back to, since what was made before the mark stays. */
void arena_reserve(struct arena *a, size_t n);

/* A copy with a NUL behind it. */
char *arena_copy(struct arena *a, struct slice s);
char *arena_string(struct arena *a, const char *s);

/* printf into the arena. */
char *arena_fmt(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Grows an array that lives in the arena: returns an array of at least need
 * elements that starts with the n old ones; *cap_r is its size. */
void *arena_grow(struct arena *a, void *old, size_t n, size_t need, size_t size,
    size_t *cap_r);

struct arena_mark arena_mark(const struct arena *a);

/* Frees all that was made since the mark. */
void arena_release(struct arena *a, struct arena_mark m);

/* Frees everything; the arena may be used again. The second wipes it first:
 * for secrets. */
void arena_free(struct arena *a);
void arena_wipe(struct arena *a);

#endif
