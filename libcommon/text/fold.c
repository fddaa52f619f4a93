/* Folding of header fields (see fold.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/fold.h"

static bool
is_line_end(int c)
{
	return c == '\r' || c == '\n';
}

static bool
is_space(int c)
{
	return ascii_is_blank(c) || is_line_end(c);
}

static bool
is_text(int c)
{
	return !is_space(c);
}

/* Appends the blanks of space; line ends among them go, and leave one SP where
 * there was nothing else. */
static size_t
put_blanks(struct slice space, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < space.n; i++)
		if (!is_line_end(space.p[i])) {
			buf_char(out, space.p[i]);
			n++;
		}
	if (space.n && !n)
		buf_char(out, ' ');
	return space.n && !n ? 1 : n;
}

/* Appends blanks and word to a line of *column characters, on a new line where
 * that is needed and may be. */
static bool
put_word(struct slice space, struct slice word, bool first, size_t *column,
    struct buf *out)
{
	size_t want = *column + space.n + word.n;
	bool fits = space.n + word.n < FOLD_WANT;

	if (want > FOLD_WANT && (!first || fits || want > FOLD_MAX)) {
		buf_text(out, "\r\n");
		*column = 0;
	}
	*column += put_blanks(space, out) + word.n;
	buf_slice(out, word);
	return *column <= FOLD_MAX;
}

bool
fold_field(const char *name, struct slice value, struct buf *out)
{
	size_t start = out->n, column = strlen(name) + 1;
	struct slice space = slice_str(" "), rest = slice_trim(value);
	bool first = true;

	buf_fmt(out, "%s:", name);
	while (rest.n) {
		struct slice word = slice_take_while(&rest, is_text);

		if (!put_word(space, word, first, &column, out)) {
			buf_cut(out, start);
			return false;
		}
		space = slice_take_while(&rest, is_space);
		first = false;
	}
	buf_text(out, "\r\n");
	return true;
}

void
fold_unfold(struct slice value, struct buf *out)
{
	while (value.n) {
		struct slice line;

		if (slice_take_line(&value, &line, NULL))
			buf_slice(out, line);
	}
}

void
fold_flatten(struct slice value, struct buf *out)
{
	bool first = true;

	value = slice_trim(value);
	while (value.n) {
		if (!first)
			buf_char(out, ' ');
		buf_slice(out, slice_take_while(&value, is_text));
		slice_take_while(&value, is_space);
		first = false;
	}
}
