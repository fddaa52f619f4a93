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

/* Where the needle stands from the offset at on, looked for a stride at a time;
 * SIZE_MAX when it does not. */
static size_t
search(struct slice s, size_t at, const char *needle, const struct io_map *map)
{
	const size_t n = strlen(needle);

	for (; at + n <= s.n; at += IO_STRIDE) {
		struct slice piece = slice_sub(s, at, at + IO_STRIDE + n - 1);
		size_t hit = slice_search(piece, slice_of(needle, n));

		if (hit != SIZE_MAX)
			return at + hit;
		if (piece.n >= IO_STRIDE)
			io_map_done(map, piece);
	}
	return SIZE_MAX;
}

/* The offset of the next From_ line behind an empty line, or the end. */
static size_t
next_boundary(struct slice s, const struct io_map *map)
{
	size_t at = 0;

	for (;;) {
		at = search(s, at, "\nFrom ", map);
		if (at == SIZE_MAX)
			return s.n;
		at++;
		if (empty_line_before(s, at) &&
		    mboxread_is(slice_sub(s, at, s.n)))
			return at;
	}
}

/* The length of the header with its empty line, and the Content-Length in
 * it; false when it has none. */
static bool
content_length(struct slice s, size_t *header_r, uint64_t *length_r)
{
	struct slice rest = slice_sub(s, 0, HEADER_LOOK), line;
	bool found = false;

	while (slice_take_line(&rest, &line, NULL)) {
		if (!line.n) {
			*header_r = (size_t)(rest.p - s.p);
			return found;
		}
		if ((line.p[0] | 0x20) == 'c' &&
		    slice_take_prefix_nocase(&line, "Content-Length:"))
			found = slice_number(
			    slice_trim(line), SIZE_MAX / 2, length_r);
	}
	return false;
}

/* The end of the message by its Content-Length, when that leads to a boundary:
 * with or without an empty line between. */
static bool
counted_end(struct slice s, size_t *end_r, size_t *next_r)
{
	size_t header = 0, end;
	uint64_t length = 0;

	if (!content_length(s, &header, &length) ||
	    !size_add(header, length, &end) || end > s.n)
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

	*m_r = (struct mboxread_message){ 0 };
	if (!slice_take_line(rest, &m_r->from_, NULL))
		return false;
	m_r->counted = counted_end(*rest, &end, &next);
	if (!m_r->counted) {
		end = next = next_boundary(*rest, map);
		end -= empty_line_before(*rest, end);
	}
	m_r->bytes = slice_sub(*rest, 0, end);
	slice_take(rest, next);
	return true;
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

/* The offset of the next quoted line, from the line start at on. */
static size_t
next_quoted(struct slice s, size_t at, const struct io_map *map)
{
	while (at < s.n) {
		if (is_quoted_line(slice_sub(s, at, s.n)))
			return at;
		at = search(s, at, "\n>", map);
		if (at == SIZE_MAX)
			break;
		at++;
	}
	return SIZE_MAX;
}

bool
mboxread_is_quoted(struct slice bytes, const struct io_map *map)
{
	return next_quoted(bytes, 0, map) != SIZE_MAX;
}

size_t
mboxread_unquote(struct slice bytes, char *out)
{
	size_t from = 0, n = 0, at = 0;

	while ((at = next_quoted(bytes, at, NULL)) != SIZE_MAX) {
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
