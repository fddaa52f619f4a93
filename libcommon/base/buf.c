/* Growing bytes (see buf.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define BUF_FIRST 128 /* octets of the first allocation */

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max < SIZE_MAX / 2 ? max : SIZE_MAX / 2;
}

void
buf_free(struct buf *b)
{
	mem_free(b->p);
	buf_init(b, b->max);
}

void
buf_wipe(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->cap);
	buf_free(b);
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->over = false;
	if (b->p)
		b->p[0] = '\0';
}

/* Grows by doubling. Old memory is not wiped: a secret's buffer is given its
 * full size by one buf_room() first. */
static void
grow(struct buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap : BUF_FIRST;

	while (cap < need)
		cap *= 2;
	if (cap > b->max + 1)
		cap = b->max + 1;
	b->p = mem_resize(b->p, cap);
	b->p[b->n] = '\0';
	b->cap = cap;
}

char *
buf_make_room(struct buf *b, size_t n)
{
	if (b->over || n > b->max - b->n) {
		b->over = true;
		return NULL;
	}
	if (!b->p || b->n + n + 1 > b->cap)
		grow(b, b->n + n + 1);
	return b->p + b->n;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	char *room = buf_room(b, n);

	if (!room)
		return;
	if (n)
		memcpy(room, p, n);
	buf_grown(b, n);
}

void
buf_text(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *room;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	room = n < 0 ? NULL : buf_room(b, (size_t)n);
	if (room) {
		vsnprintf(room, (size_t)n + 1, fmt, again);
		buf_grown(b, (size_t)n);
	}
	va_end(again);
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(b, fmt, ap);
	va_end(ap);
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n >= b->n) {
		buf_cut(b, 0);
		return;
	}
	memmove(b->p, b->p + n, b->n - n + 1);
	b->n -= n;
}

void
buf_cut(struct buf *b, size_t n)
{
	if (n >= b->n)
		return;
	b->n = n;
	b->p[n] = '\0';
}
