/* Text as format=flowed (see flowed.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/flowed.h"
#include "text/utf8.h"

/* Quote signs, and the blank that keeps text apart from them or stuffs. */
static void
put_start(size_t depth, struct slice text, struct buf *out)
{
	for (size_t i = 0; i < depth; i++)
		buf_char(out, '>');
	if (depth || slice_starts(text, " ") || slice_starts(text, ">") ||
	    slice_starts(text, "From "))
		buf_char(out, ' ');
}

/* The words that fit into a line, the blank behind the last included; all
 * of it when it fits. */
static struct slice
take_line(struct slice *text, size_t width)
{
	size_t end = 0;

	if (utf8_width(*text) <= width)
		return slice_take(text, text->n);
	for (size_t i = 0; i < text->n; i++) {
		if (text->p[i] != ' ' || slice_at(*text, i + 1) == ' ')
			continue;
		if (end && utf8_width(slice_sub(*text, 0, i + 1)) > width)
			break;
		if (slice_trim(slice_sub(*text, 0, i)).n)
			end = i + 1;
		if (i > 4 * width && end)
			break;
	}
	return slice_take(text, end ? end : text->n);
}

/*	quoted = 1*">" [SP] text; "> > text" is read as ">> text" */
static size_t
take_quotes(struct slice *line)
{
	struct slice s = *line;
	size_t depth = 0;

	while (slice_take_prefix(&s, ">")) {
		depth++;
		*line = s;
		slice_take_prefix(&s, " ");
		if (!slice_starts(s, ">"))
			break;
	}
	if (depth)
		slice_take_prefix(line, " ");
	return depth;
}

static void
put_line(struct slice line, struct buf *out)
{
	size_t depth = take_quotes(&line);
	size_t room = FLOWED_WIDTH - size_min(depth + 1, FLOWED_WIDTH / 2);

	if (!slice_is(line, "-- "))
		line = slice_trim_end(line);
	do {
		struct slice piece;

		piece = take_line(&line, room);
		put_start(depth, piece, out);
		buf_slice(out, piece);
		buf_char(out, '\n');
	} while (line.n);
}

void
flowed_encode(struct slice text, struct buf *out)
{
	struct slice line;

	while (slice_take_line(&text, &line, NULL))
		put_line(line, out);
}
