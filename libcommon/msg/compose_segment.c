/* The pieces of a composed message, and their writing.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"

#include "text/base64.h"
#include "text/eol.h"
#include "text/qp.h"

#include "msg/compose_private.h"

/* Whole lines of base64, and of text, that one piece is made from. */
#define BASE64_CHUNK (57 * 840)

static int
write_7bit(struct slice text, const struct writer *out, struct err *e)
{
	struct eol_walk w = { 0 };
	struct slice piece;

	eol_feed(&w, text);
	while (eol_next(&w, &piece))
		while (piece.n)
			if (writer_put(out,
				slice_take(&piece, COMPOSE_PIECE_MAX), e) < 0)
				return -1;
	return 0;
}

static int
write_base64(
    struct slice bytes, struct buf *b, const struct writer *out, struct err *e)
{
	while (bytes.n) {
		buf_reset(b);
		base64_encode_lines(slice_take(&bytes, BASE64_CHUNK), b);
		if (writer_put(out, buf_view(b), e) < 0)
			return -1;
	}
	return 0;
}

/* Reads n octets at offset at, whole; fewer are an error: the size was
 * promised. */
static int
read_at(const struct compose_content *f, char *p, size_t n, uint64_t at,
    struct err *e)
{
	while (n) {
		ssize_t got = pread(f->fd, p, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(e, ERR_IO, "cannot read '%s'", f->path);
		if (!got)
			return err_set(e, ERR_IO,
			    "'%s' became shorter while it was read", f->path);
		p += got;
		n -= (size_t)got;
		at += (uint64_t)got;
	}
	return 0;
}

static int
write_file(const struct compose_content *f, struct buf *b,
    const struct writer *out, struct err *e)
{
	char *chunk = mem_new(BASE64_CHUNK);
	uint64_t at = 0;
	int r = 0;

	while (at < f->octets && r == 0) {
		size_t n = BASE64_CHUNK;

		if (n > f->octets - at)
			n = (size_t)(f->octets - at);
		r = read_at(f, chunk, n, at, e);
		if (r == 0)
			r = write_base64(slice_of(chunk, n), b, out, e);
		at += n;
	}
	mem_free(chunk);
	return r;
}

int
compose_write_segment(const struct compose_segment *s, struct buf *b,
    const struct writer *out, struct err *e)
{
	if (s->file)
		return write_file(s->file, b, out, e);
	switch (s->way) {
	case COMPOSE_7BIT:
		return write_7bit(s->bytes, out, e);
	case COMPOSE_QP:
		return qp_write(s->bytes, b, out, e);
	case COMPOSE_BASE64:
		return write_base64(s->bytes, b, out, e);
	default:
		return writer_put(out, s->bytes, e);
	}
}

/* Octets that a segment becomes. */
static uint64_t
measure(const struct compose_segment *s)
{
	struct writer count;
	uint64_t n = 0;
	struct buf b;

	if (s->file)
		return base64_size_lines(s->file->octets);
	if (s->way == COMPOSE_AS_IT_IS)
		return s->bytes.n;
	if (s->way == COMPOSE_BASE64)
		return base64_size_lines(s->bytes.n);
	count = writer_to_count(&n);
	buf_init(&b, COMPOSE_PIECE_MAX);
	compose_write_segment(s, &b, &count, NULL);
	buf_free(&b);
	return n;
}

static void
append(struct compose *c, struct compose_segment s)
{
	c->segments = arena_grow(&c->arena, c->segments, c->n_segments,
	    c->n_segments + 1, sizeof(s), &c->cap_segments);
	s.size = measure(&s);
	c->size += s.size;
	c->segments[c->n_segments++] = s;
}

void
compose_end_made(struct compose *c)
{
	struct compose_segment s = { 0 };

	c->over |= buf_over(&c->made);
	if (!c->made.n)
		return;
	s.bytes =
	    slice_of(arena_copy(&c->arena, buf_view(&c->made)), c->made.n);
	buf_reset(&c->made);
	append(c, s);
}

void
compose_add(struct compose *c, enum compose_way way,
    const struct compose_content *content)
{
	struct compose_segment s = { .way = way };

	compose_end_made(c);
	s.bytes = content->bytes;
	if (content->fd >= 0)
		s.file = content;
	append(c, s);
}
