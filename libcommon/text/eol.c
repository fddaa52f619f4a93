/* Line ends (see eol.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/eol.h"

#define BLOCK       64 /* octets looked at together: the compiler makes it wide */
#define SCAN_STRIDE 65536 /* octets looked at twice while they are near */

/* What the octets are, wherever lines end. */
struct census {
	uint64_t cr;
	size_t nul;       /* offset of the first, or SIZE_MAX */
	size_t eight_bit; /* likewise */
};

static void
look_at_octet(struct slice s, size_t i, struct census *c)
{
	unsigned char octet = (unsigned char)s.p[i];

	c->cr += octet == '\r';
	if (!octet && c->nul == SIZE_MAX)
		c->nul = i;
	if (octet > 127 && c->eight_bit == SIZE_MAX)
		c->eight_bit = i;
}

static void
take_census(struct slice s, struct census *c)
{
	size_t i = 0;

	for (; i + BLOCK <= s.n; i += BLOCK) {
		unsigned char any = 0, nul = 0, cr = 0;

		for (size_t k = i; k < i + BLOCK; k++) {
			unsigned char octet = (unsigned char)s.p[k];

			any |= octet;
			nul |= octet == 0;
			cr = (unsigned char)(cr + (octet == '\r'));
		}
		if ((any > 127 && c->eight_bit == SIZE_MAX) ||
		    (nul && c->nul == SIZE_MAX)) {
			for (size_t k = i; k < i + BLOCK; k++)
				look_at_octet(s, k, c);
			continue;
		}
		c->cr += cr;
	}
	for (; i < s.n; i++)
		look_at_octet(s, i, c);
}

static uint64_t
line_of(struct slice s, size_t at)
{
	uint64_t line = 1;
	struct slice before = slice_sub(s, 0, at);
	bool found;

	for (;;) {
		slice_take_until(&before, '\n', &found);
		if (!found)
			return line;
		line++;
	}
}

/* The number of the line in which the octet at stands, of the whole text. */
static void
note_line_of(
    struct slice s, size_t at, const struct eol_facts *f, uint64_t *line)
{
	if (at != SIZE_MAX && !*line)
		*line = f->lines + line_of(s, at);
}

static size_t
bare_cr(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		size_t at = slice_find(slice_sub(s, i, s.n), '\r');

		if (at == SIZE_MAX)
			break;
		i += at;
		if (slice_at(s, i + 1) != '\n')
			return i;
	}
	return SIZE_MAX;
}

static void
count_line(struct eol_facts *f, size_t n)
{
	f->lines++;
	if (n > f->longest) {
		f->longest = n;
		f->longest_line = f->lines;
	}
	if (n > EOL_LINE_MAX && !f->long_line)
		f->long_line = f->lines;
}

void
eol_scan_more(struct slice s, struct eol_facts *f)
{
	struct census c = { 0, SIZE_MAX, SIZE_MAX };
	const struct eol_facts before = *f;
	struct slice rest = s, line;
	uint64_t crlf = 0;
	size_t eol;

	take_census(s, &c);
	while (slice_take_line(&rest, &line, &eol)) {
		count_line(f, line.n);
		crlf += eol == 2;
		f->bare_lf += eol == 1;
		f->open_end = eol == 0;
	}
	f->size += s.n;
	f->crlf_size = f->size + f->bare_lf + (f->open_end ? 2 : 0);
	note_line_of(s, c.nul, &before, &f->nul_line);
	note_line_of(s, c.eight_bit, &before, &f->eight_bit_line);
	if (c.cr != crlf)
		note_line_of(s, bare_cr(s), &before, &f->bare_cr_line);
}

struct slice
eol_take_lines(struct slice *s, size_t about)
{
	struct slice rest = slice_sub(*s, about, s->n);
	size_t more = slice_find(rest, '\n');

	return slice_take(s, more == SIZE_MAX ? s->n : about + more + 1);
}

void
eol_scan(struct slice s, struct eol_facts *f_r)
{
	memset(f_r, 0, sizeof(*f_r));
	while (s.n)
		eol_scan_more(eol_take_lines(&s, SCAN_STRIDE), f_r);
}

void
eol_scan_map(struct slice s, const struct io_map *map, struct eol_facts *f_r)
{
	memset(f_r, 0, sizeof(*f_r));
	while (s.n) {
		struct slice piece = eol_take_lines(&s, IO_STRIDE),
			     seen = piece;

		while (piece.n)
			eol_scan_more(eol_take_lines(&piece, SCAN_STRIDE), f_r);
		io_map_done(map, seen);
	}
}

/* From the start of a line, the last line end within max leads to the next,
 * and jumps over no line that is longer. */
size_t
eol_long_line(struct slice s, size_t max, const struct io_map *map)
{
	size_t at = 0;

	while (s.n - at > max) {
		struct slice piece = slice_sub(s, at, at + max + 1);
		size_t end = slice_find_last(piece, '\n');

		io_map_done(map, piece);
		if (end == SIZE_MAX)
			return at;
		at += end + 1;
	}
	return SIZE_MAX;
}

bool
eol_is_canonical(const struct eol_facts *f)
{
	return !f->bare_lf && !f->bare_cr_line && !f->open_end;
}

void
eol_feed(struct eol_walk *w, struct slice text)
{
	w->rest = text;
}

static bool
give(struct eol_walk *w, struct slice piece, bool inside, struct slice *piece_r)
{
	w->inside = inside;
	w->cr = piece.n && piece.p[piece.n - 1] == '\r';
	w->dot_done = false;
	*piece_r = piece;
	return true;
}

/* The octet before rest's octet i is a CR. */
static bool
after_cr(const struct eol_walk *w, size_t i)
{
	return i ? w->rest.p[i - 1] == '\r' : w->cr;
}

bool
eol_next(struct eol_walk *w, struct slice *piece_r)
{
	struct slice *rest = &w->rest;
	size_t i = 0;

	if (!rest->n)
		return false;
	if (w->dots && !w->inside && !w->dot_done && rest->p[0] == '.') {
		w->dot_done = true;
		*piece_r = slice_str(".");
		return true;
	}
	while (i < rest->n) {
		size_t at = slice_find(slice_sub(*rest, i, rest->n), '\n');

		if (at == SIZE_MAX)
			return give(
			    w, slice_take(rest, rest->n), true, piece_r);
		i += at;
		if (!after_cr(w, i)) {
			if (i)
				return give(
				    w, slice_take(rest, i), true, piece_r);
			slice_take(rest, 1);
			return give(w, slice_str("\r\n"), false, piece_r);
		}
		i++;
		if (w->dots && slice_at(*rest, i) == '.')
			break;
	}
	return give(w, slice_take(rest, i), false, piece_r);
}

struct slice
eol_end(struct eol_walk *w)
{
	struct slice end = slice_str(w->inside ? "\r\n" : "");

	*w = (struct eol_walk){ .dots = w->dots };
	return end;
}

void
eol_to_crlf(struct slice s, struct buf *out)
{
	struct eol_walk w = { 0 };
	struct slice piece;

	eol_feed(&w, s);
	while (eol_next(&w, &piece))
		buf_slice(out, piece);
	buf_slice(out, eol_end(&w));
}

void
eol_to_lf(struct slice s, struct buf *out)
{
	struct slice line;
	size_t eol;

	while (slice_take_line(&s, &line, &eol)) {
		buf_slice(out, line);
		if (eol)
			buf_char(out, '\n');
	}
}

/* Where eol_undot() stands between two octets. */
enum { LINE_START, INSIDE, AFTER_CR, AFTER_DOT, AFTER_DOT_CR };

static void
note_bare_cr(struct eol_undot *u)
{
	if (!u->bare_cr_line)
		u->bare_cr_line = u->line + 1;
}

/* Reads s up to its first LF, which is at eol (s.n: there is none), and notes
 * every CR in it but the one right before. */
static void
note_line(struct eol_undot *u, struct slice s, size_t eol)
{
	struct slice line = slice_sub(s, 0, eol);
	size_t cr;

	if (u->state == AFTER_CR && eol)
		note_bare_cr(u);
	cr = slice_find(line, '\r');
	if (cr != SIZE_MAX && cr + 1 < line.n)
		note_bare_cr(u);
}

/* Octets of in that are text as they stand: up to a line that starts with a
 * dot, or the end. */
static size_t
text_run(struct eol_undot *u, struct slice in)
{
	size_t i = 0;

	while (i < in.n) {
		struct slice rest = slice_sub(in, i, in.n);
		size_t eol = size_min(slice_find(rest, '\n'), rest.n);
		bool crlf =
		    eol ? rest.p[eol - 1] == '\r' : u->state == AFTER_CR;

		if (!u->no_dots && u->state == LINE_START && rest.p[0] == '.')
			break;
		note_line(u, rest, eol);
		if (eol == rest.n) {
			u->state = crlf ? AFTER_CR : INSIDE;
			return in.n;
		}
		if (!crlf && !u->bare_lf_line)
			u->bare_lf_line = u->line + 1;
		u->state = crlf ? LINE_START : INSIDE;
		u->line++;
		i += eol + 1;
	}
	return i;
}

bool
eol_undot(struct eol_undot *u, struct slice *in, struct slice *piece_r)
{
	while (in->n && !u->done) {
		bool lf = in->p[0] == '\n';

		if (!u->no_dots && u->state == LINE_START && in->p[0] == '.') {
			slice_take(in, 1);
			u->state = AFTER_DOT;
		} else if (u->state == AFTER_DOT && in->p[0] == '\r') {
			slice_take(in, 1);
			u->state = AFTER_DOT_CR;
		} else if (u->state == AFTER_DOT_CR && lf) {
			slice_take(in, 1);
			u->done = true;
		} else if (u->state == AFTER_DOT_CR) {
			note_bare_cr(u);
			u->state = INSIDE;
			*piece_r = slice_str("\r");
			return true;
		} else {
			if (u->state == AFTER_DOT)
				u->state = INSIDE;
			*piece_r = slice_take(in, text_run(u, *in));
			return true;
		}
	}
	return false;
}

bool
eol_undot_end(struct eol_undot *u)
{
	bool open = u->state != LINE_START;

	if (u->state == AFTER_CR)
		note_bare_cr(u);
	u->state = LINE_START;
	return open;
}
