/* Changes to a message that lies in memory (see edit.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/eol.h"
#include "text/qp.h"

#include "msg/edit.h"

/* Octets of a piece that is encoded at one time. */
#define CHUNK ((size_t)57 * 512)

void
edit_add(struct edits *s, const struct edit *one, struct arena *a)
{
	size_t at = s->n;

	s->v = arena_grow(a, s->v, s->n, s->n + 1, sizeof(*s->v), &s->cap);
	while (at > 0 && s->v[at - 1].from > one->from)
		at--;
	memmove(&s->v[at + 1], &s->v[at], (s->n - at) * sizeof(*s->v));
	s->v[at] = *one;
	s->n++;
}

static int
write_base64_piece(struct base64_encoder *enc, struct slice piece,
    struct buf *b, const struct writer *out, struct err *e)
{
	while (piece.n) {
		buf_reset(b);
		base64_add(enc, slice_take(&piece, CHUNK), b);
		if (writer_put(out, buf_view(b), e) < 0)
			return -1;
	}
	return 0;
}

static int
write_base64(const struct edit *one, struct buf *b, const struct writer *out,
    struct err *e)
{
	struct base64_encoder enc = { .lines = true };
	struct eol_walk w = { 0 };
	struct slice piece = one->bytes;

	if (one->way == EDIT_BASE64) {
		if (write_base64_piece(&enc, piece, b, out, e) < 0)
			return -1;
	} else {
		eol_feed(&w, one->bytes);
		while (eol_next(&w, &piece))
			if (write_base64_piece(&enc, piece, b, out, e) < 0)
				return -1;
	}
	buf_reset(b);
	base64_finish(&enc, b);
	return writer_put(out, buf_view(b), e);
}

static int
write_edit(const struct edit *one, const struct writer *out, struct err *e)
{
	struct buf b;
	int r;

	if (one->way == EDIT_BYTES || one->way == EDIT_BINARY)
		return writer_put(out, one->bytes, e);
	buf_init(&b, 4 * CHUNK);
	r = one->way == EDIT_QP ? qp_write(one->bytes, &b, out, e)
	                        : write_base64(one, &b, out, e);
	buf_free(&b);
	return r;
}

uint64_t
edit_wire_size(struct slice s)
{
	struct eol_facts f;

	eol_scan(s, &f);
	return f.size + f.bare_lf;
}

/* What an edit writes: how many octets on the wire, and the last of them. */
static uint64_t
measure(const struct edit *one, int *last_r)
{
	uint64_t n = 0;
	struct writer count = writer_to_count(&n);

	if (!one->bytes.n)
		return 0;
	*last_r = one->way == EDIT_BYTES || one->way == EDIT_QP
	              ? slice_at(one->bytes, one->bytes.n - 1)
	              : '\n';
	if (one->way == EDIT_BYTES)
		return edit_wire_size(one->bytes);
	write_edit(one, &count, NULL);
	return n;
}

uint64_t
edit_size(const struct edits *s, uint64_t bare)
{
	uint64_t size = s->message.n + bare;
	size_t at = 0;
	int last = '\n';

	for (size_t i = 0; i < s->n; i++) {
		const struct edit *one = &s->v[i];

		if (one->from > at)
			last = slice_at(s->message, one->from - 1);
		size -=
		    edit_wire_size(slice_sub(s->message, one->from, one->to));
		size += measure(one, &last);
		if (at < one->to)
			at = one->to;
	}
	if (at < s->message.n)
		last = slice_at(s->message, s->message.n - 1);
	return size + (last == '\n' ? 0 : 2);
}

/* Octets from..to-1 of the message, in pieces of whole lines. */
static int
write_kept(const struct edits *s, size_t from, size_t to,
    const struct writer *out, struct err *e)
{
	struct slice rest = slice_sub(s->message, from, to);

	while (rest.n) {
		struct slice piece = eol_take_lines(&rest, IO_STRIDE);

		if (writer_put(out, piece, e) < 0)
			return -1;
		if (rest.n || piece.n >= IO_STRIDE)
			io_map_done(s->map, piece);
	}
	return 0;
}

int
edit_write(const struct edits *s, const struct writer *out, struct err *e)
{
	size_t at = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct edit *one = &s->v[i];

		if (write_kept(s, at, one->from, out, e) < 0 ||
		    write_edit(one, out, e) < 0)
			return -1;
		if (at < one->to)
			at = one->to;
	}
	return write_kept(s, at, s->message.n, out, e);
}

/* A filter that makes line ends CRLF. */
struct wire {
	struct eol_walk walk;
	const struct writer *out;
};

static int
to_wire(void *to, struct slice s, struct err *e)
{
	struct wire *w = to;
	struct slice piece;

	eol_feed(&w->walk, s);
	while (eol_next(&w->walk, &piece))
		if (writer_put(w->out, piece, e) < 0)
			return -1;
	return 0;
}

int
edit_write_wire(const struct edits *s, const struct writer *out, struct err *e)
{
	struct wire wire = { .out = out };
	struct writer text = { to_wire, &wire };
	size_t at = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct edit *one = &s->v[i];
		bool binary = one->way == EDIT_BINARY;

		if (write_kept(s, at, one->from, &text, e) < 0 ||
		    write_edit(one, binary ? out : &text, e) < 0)
			return -1;
		if (binary)
			wire.walk = (struct eol_walk){ 0 };
		if (at < one->to)
			at = one->to;
	}
	if (write_kept(s, at, s->message.n, &text, e) < 0)
		return -1;
	return writer_put(out, eol_end(&wire.walk), e);
}

int
edit_kept(
    const struct edits *s, int (*view)(void *arg, struct slice kept), void *arg)
{
	size_t at = 0;
	int r = 0;

	for (size_t i = 0; i < s->n && r == 0; i++) {
		r = view(arg, slice_sub(s->message, at, s->v[i].from));
		if (at < s->v[i].to)
			at = s->v[i].to;
	}
	return r ? r : view(arg, slice_sub(s->message, at, s->message.n));
}
