/* Canonicalization (see canon.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/eol.h"

#include "auth/canon.h"

const char *
canon_name(enum canon_mode mode)
{
	return mode == CANON_SIMPLE ? "simple" : "relaxed";
}

/* Every line with CRLF; an open last one is ended. */
static void
simple_field(struct slice field, struct buf *out)
{
	struct slice line;

	while (slice_take_line(&field, &line, NULL)) {
		buf_slice(out, line);
		buf_add(out, "\r\n", 2);
	}
}

/* 3.4.2: unfolded, runs of WSP one SP, none at both ends of the value. What a
 * run becomes is held back until something follows it. */
static size_t
relax_value(struct slice v, char *to)
{
	size_t n = 0;
	bool space = false;

	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];

		if (c == '\n' || (c == '\r' && slice_at(v, i + 1) == '\n'))
			continue;
		if (c == ' ' || c == '\t') {
			space = n > 0;
			continue;
		}
		if (space)
			to[n++] = ' ';
		space = false;
		to[n++] = c;
	}
	return n;
}

static void
relaxed_field(struct slice field, struct buf *out)
{
	struct slice name = slice_trim_end(slice_take_until(&field, ':', NULL));
	char *room;

	for (size_t i = 0; i < name.n; i++)
		buf_char(out, ascii_lower((unsigned char)name.p[i]));
	buf_char(out, ':');
	room = buf_room(out, field.n);
	if (room)
		buf_grown(out, relax_value(field, room));
	buf_add(out, "\r\n", 2);
}

void
canon_field(enum canon_mode mode, struct slice field, struct buf *out)
{
	if (mode == CANON_SIMPLE)
		simple_field(field, out);
	else
		relaxed_field(field, out);
}

static void
flush(struct canon_body *c)
{
	if (c->n)
		c->put(c->to, c->block, c->n);
	c->n = 0;
}

static void
put(struct canon_body *c, const char *p, size_t n)
{
	if (!n)
		return;
	c->started = true;
	if (n > sizeof(c->block) - c->n)
		flush(c);
	if (n > sizeof(c->block)) {
		c->put(c->to, p, n);
		return;
	}
	memcpy(c->block + c->n, p, n);
	c->n += n;
}

static void
put_blank_lines(struct canon_body *c)
{
	for (; c->blank; c->blank--)
		put(c, "\r\n", 2);
}

static uint64_t
eight(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Two SP together, eight octets at a time, since every octet of large bodies
 * comes by here: an octet of x is 0 where both are SP, and "x - 1 and not x"
 * has its high bit set for an octet that is 0. */
static bool
has_double_space(struct slice line)
{
	const uint64_t ones = 0x0101010101010101u, spaces = ' ' * ones;
	size_t i = 0;

	for (; i + 9 <= line.n; i += 8) {
		uint64_t x = (eight(line.p + i) ^ spaces) |
		             (eight(line.p + i + 1) ^ spaces);

		if ((x - ones) & ~x & (ones << 7))
			return true;
	}
	for (; i + 1 < line.n; i++)
		if (line.p[i] == ' ' && line.p[i + 1] == ' ')
			return true;
	return false;
}

/* A line that relaxed would change: an HTAB, two SP together, one at the end.
 */
static bool
needs_relaxing(struct slice line)
{
	return line.n && (line.p[line.n - 1] == ' ' ||
			     memchr(line.p, '\t', line.n) != NULL ||
			     has_double_space(line));
}

/* A run of WSP becomes one SP (3.4.4 a); the run at the end is gone already. */
static void
put_line(struct canon_body *c, struct slice line, bool relax)
{
	if (!relax)
		put(c, line.p, line.n);
	while (relax && line.n) {
		size_t word = 0, run = 0;

		while (word < line.n && !ascii_is_blank(line.p[word]))
			word++;
		put(c, line.p, word);
		while (ascii_is_blank(slice_at(line, word + run)))
			run++;
		slice_take(&line, word + run);
		if (run)
			put(c, " ", 1);
	}
	put(c, "\r\n", 2);
}

static struct slice
without_blanks_at_end(struct slice line)
{
	while (line.n && ascii_is_blank(line.p[line.n - 1]))
		line.n--;
	return line;
}

/* Lines that are canonical as they stand are given on together, with the empty
 * ones between them: `span` is what waits so. */
void
canon_body_add(struct canon_body *c, struct slice piece)
{
	struct slice line, span = slice_of(piece.p, 0);
	size_t eol;

	for (;;) {
		const char *start = piece.p;
		bool relax, as_is;

		if (!slice_take_line(&piece, &line, &eol))
			break;
		relax = c->mode == CANON_RELAXED && needs_relaxing(line);
		as_is = eol == 2 && !relax;
		if (relax)
			line = without_blanks_at_end(line);
		if (!as_is) {
			put(c, span.p, span.n);
			span.n = 0;
		}
		if (!line.n) {
			c->blank++;
			continue;
		}
		if (!span.n) {
			put_blank_lines(c);
			span.p = start;
		}
		if (as_is) {
			c->blank = 0;
			span.n = (size_t)(piece.p - span.p);
		} else {
			put_line(c, line, relax);
		}
	}
	put(c, span.p, span.n);
}

/* Empty lines at the end do not count; simple keeps one CRLF of a body that
 * has nothing else (3.4.3). */
void
canon_body_end(struct canon_body *c)
{
	if (!c->started && c->mode == CANON_SIMPLE)
		put(c, "\r\n", 2);
	flush(c);
}

/* The hashes of one mode, fed by one canonicalizer. */
struct tap {
	struct canon_body body;
	struct canon_hash *h;
	size_t n;
	bool wanted;
};

static void
put_to_hashes(void *to, const char *p, size_t n)
{
	struct tap *t = to;

	for (size_t i = 0; i < t->n; i++) {
		struct canon_hash *h = &t->h[i];
		uint64_t left = h->limit > h->size ? h->limit - h->size : 0;

		if (h->mode != t->body.mode)
			continue;
		digest_add(&h->digest, p, left < n ? (size_t)left : n);
		h->size += n;
	}
}

int
canon_hash_body(const struct io_map *map, struct slice body,
    struct canon_hash *h, size_t n, struct err *e)
{
	struct tap tap[2] = { { .h = h, .n = n }, { .h = h, .n = n } };
	int r = 0;

	for (size_t i = 0; i < 2; i++) {
		tap[i].body.mode = i ? CANON_RELAXED : CANON_SIMPLE;
		tap[i].body.put = put_to_hashes;
		tap[i].body.to = &tap[i];
	}
	for (size_t i = 0; i < n; i++) {
		h[i].size = 0;
		tap[h[i].mode == CANON_RELAXED].wanted = true;
		if (digest_begin(&h[i].digest, h[i].kind, e) < 0)
			r = -1;
	}
	while (r == 0 && body.n) {
		struct slice piece = eol_take_lines(&body, IO_STRIDE);

		for (size_t i = 0; i < 2; i++)
			if (tap[i].wanted)
				canon_body_add(&tap[i].body, piece);
		io_map_done(map, piece);
	}
	for (size_t i = 0; r == 0 && i < 2; i++)
		if (tap[i].wanted)
			canon_body_end(&tap[i].body);
	for (size_t i = 0; i < n; i++)
		digest_end(&h[i].digest, h[i].sum);
	return r;
}
