/* HTML as plain text: words become lines (see htmltext.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/htmltext_private.h"
#include "text/utf8.h"

#define SIGN_MAX 16 /* octets of an item's sign */

/* The signs at the start of a line; the item's own on its first. */
static size_t
put_prefix(struct htmltext *t, unsigned depth)
{
	size_t column = 0;

	for (unsigned i = 0; i < depth; i++) {
		struct htmltext_level *l = &t->level[i];
		bool own = t->sign && i + 1 == t->depth && !l->quote;
		struct buf b;

		buf_init(&b, SIGN_MAX);
		if (l->quote)
			buf_text(&b, "> ");
		else if (own && l->numbered)
			buf_fmt(&b, "%u. ", l->number);
		else if (own)
			buf_text(&b, "- ");
		if (own)
			l->width = (unsigned)b.n;
		while (!l->quote && b.n < l->width)
			buf_char(&b, ' ');
		buf_slice(t->out, buf_view(&b));
		column += b.n;
		buf_free(&b);
	}
	t->sign = false;
	return column;
}

/* No blanks at the end of a line. */
static void
end_line(struct htmltext *t)
{
	while (t->out->n > t->start && t->out->p[t->out->n - 1] == ' ')
		buf_cut(t->out, t->out->n - 1);
	buf_char(t->out, '\n');
	t->column = 0;
}

static void
begin_line(struct htmltext *t)
{
	if (t->column)
		return;
	for (; t->wanted > 1 && t->out->n > t->start; t->wanted--) {
		bool sign = t->sign;

		t->sign = false;
		put_prefix(t, t->blank_depth);
		t->sign = sign;
		end_line(t);
	}
	t->wanted = 0;
	t->column = put_prefix(t, t->depth) + 1;
	t->space = false;
}

void
htmltext_put_word(struct htmltext *t)
{
	size_t width = utf8_width(buf_view(&t->word));

	if (!t->word.n)
		return;
	if (t->column && t->space && t->column + width > HTMLTEXT_WIDTH) {
		end_line(t);
		t->wanted = 0;
	}
	begin_line(t);
	if (t->space) {
		buf_char(t->out, ' ');
		t->column++;
	}
	buf_slice(t->out, buf_view(&t->word));
	t->column += width;
	t->space = false;
	buf_reset(&t->word);
}

void
htmltext_break(struct htmltext *t, unsigned n)
{
	htmltext_put_word(t);
	if (t->column)
		end_line(t);
	t->space = false;
	if (!t->wanted || t->blank_depth > t->depth)
		t->blank_depth = t->depth;
	if (t->sign) /* nothing is between it and the item */
		n = 1;
	if (t->wanted < n)
		t->wanted = n;
}

void
htmltext_line(struct htmltext *t, struct slice line)
{
	htmltext_break(t, 1);
	begin_line(t);
	buf_slice(t->out, line);
	end_line(t);
	t->wanted = 1;
}

void
htmltext_words(struct htmltext *t, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		int c = (unsigned char)text.p[i];

		if (t->in_link && t->link.n < 4096)
			buf_char(&t->link, c);
		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			htmltext_put_word(t);
			t->space = t->column > 0;
		} else {
			buf_char(&t->word, c);
		}
	}
}

/* Preformatted: line by line. */
static void
put_lines(struct htmltext *t, struct slice text)
{
	struct slice line;
	bool more;

	while (text.n) {
		line = slice_take_until(&text, '\n', &more);
		begin_line(t);
		buf_slice(t->out, slice_trim_end(line));
		t->column += line.n;
		if (more) {
			end_line(t);
			t->wanted = 1;
		}
	}
}

void
htmltext_plain(struct slice raw, struct buf *out)
{
	struct slice text;
	struct buf b;

	buf_init(&b, SIZE_MAX);
	html_decode(raw, &b);
	for (text = buf_view(&b); text.n;) {
		if (slice_take_prefix(&text, "\xC2\xAD") ||
		    slice_take_prefix(&text, "\xE2\x80\x8C"))
			continue;
		if (slice_take_prefix(&text, "\xC2\xA0"))
			buf_char(out, ' ');
		else
			buf_slice(out, slice_take(&text, 1));
	}
	buf_free(&b);
}

void
htmltext_text(struct htmltext *t, struct slice raw)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	htmltext_plain(raw, &b);
	if (t->pre)
		put_lines(t, buf_view(&b));
	else
		htmltext_words(t, buf_view(&b));
	buf_free(&b);
}

static bool
is_web(struct slice s)
{
	return slice_starts_nocase(s, "http://") ||
	       slice_starts_nocase(s, "https://") ||
	       slice_starts_nocase(s, "mailto:") ||
	       slice_starts_nocase(s, "tel:");
}

void
htmltext_address(struct slice href, struct slice text, struct buf *out)
{
	struct slice url, shown = slice_trim(text), bare;
	struct buf b;

	buf_init(&b, HTMLTEXT_WORD_MAX);
	html_decode(href, &b);
	url = bare = slice_trim(buf_view(&b));
	slice_take_prefix_nocase(&bare, "mailto:");
	slice_take_prefix_nocase(&bare, "tel:");
	slice_take_prefix_nocase(&bare, "http://");
	slice_take_prefix_nocase(&bare, "https://");
	if (is_web(url) && !slice_equal_nocase(shown, url) &&
	    !slice_equal_nocase(shown, bare) &&
	    slice_find(url, ' ') == SIZE_MAX &&
	    slice_find(url, '\n') == SIZE_MAX)
		buf_fmt(out, "<%.*s>", SLICE_ARG(url));
	buf_free(&b);
}
