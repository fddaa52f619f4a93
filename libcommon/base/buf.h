/* Growing bytes with a maximum given at birth and a sticky overflow: write as
 * much as you like, ask once at the end with buf_over().
 *
 * Invariants: b->n <= b->max, and b->p[b->n] is NUL, so b->p is a string once
 * anything was written (before that buf_str() gives ""). What would go beyond
 * the maximum is dropped whole, and so is everything after it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/slice.h"

struct buf {
	char *p;    /* owned */
	size_t n;   /* octets */
	size_t cap; /* allocated, NUL included */
	size_t max; /* octets, at most */
	bool over;  /* something was dropped */
};

/* An empty buffer of at most max octets; allocates nothing yet. */
void buf_init(struct buf *b, size_t max);

/* Gives the memory back; the buffer may be used again as after buf_init(). */
void buf_free(struct buf *b);

/* As buf_free(), wiping the octets first: for secrets. */
void buf_wipe(struct buf *b);

/* Empties it, keeps the memory, forgets the overflow. */
void buf_reset(struct buf *b);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_text(struct buf *b, const char *s);
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vfmt(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/* Room for n more octets, to be filled in place and then counted in with
 * buf_grown(n'), n' <= n; null when it would go beyond the maximum. */
char *buf_make_room(struct buf *b, size_t n);

static inline char *
buf_room(struct buf *b, size_t n)
{
	return n < b->cap - b->n && !b->over ? b->p + b->n
	                                     : buf_make_room(b, n);
}

static inline void
buf_grown(struct buf *b, size_t n)
{
	b->n += n;
	b->p[b->n] = '\0';
}

static inline void
buf_char(struct buf *b, int c)
{
	char *room = buf_room(b, 1);

	if (!room)
		return;
	room[0] = (char)c;
	room[1] = '\0';
	b->n++;
}

/* Drops the first n octets (all of them when there are fewer). */
void buf_drop(struct buf *b, size_t n);

/* Cuts it to n octets when it is longer. */
void buf_cut(struct buf *b, size_t n);

static inline void
buf_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.n);
}

static inline bool
buf_over(const struct buf *b)
{
	return b->over;
}

static inline struct slice
buf_view(const struct buf *b)
{
	return slice_of(b->p, b->n);
}

static inline const char *
buf_str(const struct buf *b)
{
	return b->p ? b->p : "";
}

#endif
