/* Cuts an mbox into its messages (see mboxread.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/mboxread.h"

#define HEADER_LOOK 65536 /* octets in which Content-Length is looked for */

/* time-of-day: 2DIGIT ":" 2DIGIT */
static bool
has_time(struct slice s)
{
	for (size_t i = 1; i + 2 < s.n; i++)
		if (s.p[i] == ':' && ascii_is_digit(s.p[i - 1]) &&
		    ascii_is_digit(s.p[i + 1]) && ascii_is_digit(s.p[i + 2]))
			return true;
	return false;
}

bool
mboxread_is_from(struct slice line)
{
	return slice_take_prefix(&line, "From ") && has_time(line);
}

/* Not read on without end: the counts of many messages may lead to one line. */
static struct slice
first_line(struct slice s)
{
	struct slice line;

	s = slice_sub(s, 0, MBOXREAD_FROM_MAX);
	line = s;
	slice_take_line(&s, &line, NULL);
	return line;
}

bool
mboxread_is(struct slice text)
{
	return mboxread_is_from(first_line(text));
}

/* A From_ line starts here, or the text ends. */
static bool
is_boundary(struct slice s)
{
	return !s.n || (s.p[0] == 'F' && mboxread_is(s));
}

/* Where the line before the offset at starts with its end: 2 octets "\r\n", 1
 * octet "\n", 0 when that line is not empty. */
static size_t
empty_line_before(struct slice s, size_t at)
{
	if (at < 2 || s.p[at - 1] != '\n')
		return 0;
	if (s.p[at - 2] == '\n')
		return 1;
	return s.p[at - 2] == '\r' && at > 2 && s.p[at - 3] == '\n' ? 2 : 0;
}

/* ">"+ "From " */
static bool
is_quoted_line(struct slice s)
{
	size_t n = 0;

	while (slice_at(s, n) == '>')
		n++;
	return n && slice_starts(slice_sub(s, n, s.n), "From ");
}

/* The offset of the next From_ line behind an empty line, or the end; a line
 * starts at the offset at. */
static size_t
next_boundary(
    struct slice s, size_t at, const struct io_map *map, bool *quoted_r)
{
	size_t done = 0;

	while (at < s.n) {
		struct slice piece = slice_sub(s, at, done + IO_STRIDE + 1);
		size_t hit;

		if (s.p[at] == 'F' && empty_line_before(s, at) &&
		    mboxread_is(slice_sub(s, at, s.n)))
			return at;
		if (s.p[at] == '>' && !*quoted_r)
			*quoted_r = is_quoted_line(slice_sub(s, at, s.n));
		while ((hit = slice_find_pair(piece, '\n', 'F', '>')) ==
		       SIZE_MAX) {
			if (piece.p + piece.n == s.p + s.n)
				return s.n;
			io_map_done(map, slice_sub(s, done, done + IO_STRIDE));
			done += IO_STRIDE;
			piece = slice_sub(s, done, done + IO_STRIDE + 1);
		}
		at = (size_t)(piece.p - s.p) + hit + 1;
	}
	return s.n;
}

/* What is in the header of a message. */
struct look {
	size_t size;     /* with its empty line; 0: it is too long */
	uint64_t length; /* Content-Length */
	bool counted;    /* it has one */
	bool quoted;     /* lines of it are */
};

static void
look(struct slice s, struct look *l_r)
{
	struct slice rest = slice_sub(s, 0, HEADER_LOOK), line;

	*l_r = (struct look){ 0 };
	while (slice_take_line(&rest, &line, NULL)) {
		int c;

		if (!line.n) {
			l_r->size = (size_t)(rest.p - s.p);
			return;
		}
		c = line.p[0] | 0x20;
		if (c == 'c' &&
		    slice_take_prefix_nocase(&line, "Content-Length:"))
			l_r->counted = slice_number(
			    slice_trim(line), SIZE_MAX / 2, &l_r->length);
		else if (c == '>' && is_quoted_line(line))
			l_r->quoted = true;
	}
}

/* The end of the message by its Content-Length, when that leads to a boundary:
 * with or without an empty line between. */
static bool
counted_end(struct slice s, const struct look *l, size_t *end_r, size_t *next_r)
{
	size_t end;

	if (!l->size || !l->counted || !size_add(l->size, l->length, &end) ||
	    end > s.n)
		return false;
	*end_r = end;
	for (size_t i = 0; i < 3 && end + i <= s.n; i++) {
		if (is_boundary(slice_sub(s, end + i, s.n))) {
			*next_r = end + i;
			return i == 0 || s.p[end + i - 1] == '\n';
		}
		if (end + i < s.n && s.p[end + i] != '\r' &&
		    s.p[end + i] != '\n')
			return false;
	}
	return false;
}

bool
mboxread_take(
    struct slice *rest, const struct io_map *map, struct mboxread_message *m_r)
{
	size_t end, next;
	struct look l;

	*m_r = (struct mboxread_message){ 0 };
	if (!slice_take_line(rest, &m_r->from_, NULL))
		return false;
	look(*rest, &l);
	m_r->counted = counted_end(*rest, &l, &end, &next);
	if (!m_r->counted) {
		m_r->quoted = l.size && l.quoted;
		end = next = next_boundary(*rest, l.size, map, &m_r->quoted);
		end -= empty_line_before(*rest, end);
	}
	m_r->bytes = slice_sub(*rest, 0, end);
	slice_take(rest, next);
	return true;
}

/* The offset of the next quoted line, from the line start at on. */
static size_t
next_quoted(struct slice s, size_t at)
{
	while (at < s.n) {
		size_t hit;

		if (is_quoted_line(slice_sub(s, at, s.n)))
			return at;
		hit = slice_search(slice_sub(s, at, s.n), slice_str("\n>"));
		if (hit == SIZE_MAX)
			break;
		at += hit + 1;
	}
	return SIZE_MAX;
}

size_t
mboxread_unquote(struct slice bytes, char *out)
{
	size_t from = 0, n = 0, at = 0;

	while ((at = next_quoted(bytes, at)) != SIZE_MAX) {
		memcpy(out + n, bytes.p + from, at - from);
		n += at - from;
		from = at + 1;
		at = from;
		while (slice_at(bytes, at) == '>')
			at++;
	}
	if (from < bytes.n)
		memcpy(out + n, bytes.p + from, bytes.n - from);
	return n + bytes.n - from;
}
