/* HTML as plain text: small tables in columns (see htmltext.h). Those that
 * hold blocks or other tables are there for the layout, and their cells are
 * read one after the other.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/arena.h"

#include "text/htmltext_private.h"
#include "text/utf8.h"

#define CELLS_MAX 4096

struct cell {
	struct slice text;
	size_t row, column;
	bool head;
};

struct table {
	struct arena arena;
	struct cell *v;
	size_t n, cap;
	size_t rows, columns;
	size_t width[HTMLTEXT_TABLE_COLUMNS];
};

static bool
is_block(struct slice name)
{
	static const char *const kinds[] = { "table", "ul", "ol", "p", "div",
		"pre", "blockquote", "h1", "h2", "h3", "h4", "hr", "dl" };

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (slice_is_nocase(name, kinds[i]))
			return true;
	return false;
}

/* The text of a cell on one line; rest is moved behind it. False: a block is
 * in it. */
static bool
read_cell(struct slice *rest, struct buf *out)
{
	struct htmltext flat = { .out = out, .start = out->n };
	struct slice before = *rest, href = slice_of(NULL, 0);
	struct html_token t;
	struct buf text;
	size_t from = 0;

	buf_init(&text, HTMLTEXT_WORD_MAX);
	for (; html_next(rest, &t); before = *rest) {
		if (t.kind == HTML_TEXT) {
			htmltext_plain(t.raw, &text);
		} else if (slice_is_nocase(t.name, "td") ||
			   slice_is_nocase(t.name, "th") ||
			   slice_is_nocase(t.name, "tr") ||
			   slice_is_nocase(t.name, "table")) {
			break;
		} else if (t.kind == HTML_OPEN &&
			   slice_is_nocase(t.name, "a")) {
			href = html_attr_get(t.attrs, "href");
			from = text.n;
		} else if (slice_is_nocase(t.name, "a")) {
			buf_char(&text, ' ');
			htmltext_address(href,
			    slice_sub(buf_view(&text), from, text.n), &text);
		} else if (slice_is_nocase(t.name, "br")) {
			buf_char(&text, ' ');
		} else if (t.kind == HTML_OPEN && is_block(t.name)) {
			buf_free(&text);
			return false;
		}
	}
	*rest = before;
	for (size_t i = 0; i < text.n; i++) {
		int c = (unsigned char)text.p[i];
		bool blank = c <= ' ';

		if (!blank)
			buf_char(out, c);
		else if (out->n > flat.start && out->p[out->n - 1] != ' ')
			buf_char(out, ' ');
	}
	buf_free(&text);
	return true;
}

static bool
add_cell(struct table *t, struct slice *rest, size_t column, bool head)
{
	struct slice text;
	struct buf b;
	bool good;

	if (t->n == CELLS_MAX || column >= HTMLTEXT_TABLE_COLUMNS || !t->rows)
		return false;
	buf_init(&b, HTMLTEXT_WORD_MAX);
	good = read_cell(rest, &b);
	text = slice_trim(buf_view(&b));
	t->v =
	    arena_grow(&t->arena, t->v, t->n, t->n + 1, sizeof(*t->v), &t->cap);
	t->v[t->n++] =
	    (struct cell){ slice_of(arena_copy(&t->arena, text), text.n),
		    t->rows - 1, column, head };
	t->width[column] = t->width[column] > utf8_width(text)
	                       ? t->width[column]
	                       : utf8_width(text);
	if (t->columns <= column)
		t->columns = column + 1;
	buf_free(&b);
	return good;
}

/* Behind "</table>"; false: this is no table of columns. */
static bool
read_table(struct table *t, struct slice *rest)
{
	struct html_token token;
	size_t column = 0, width = 0;

	while (html_next(rest, &token)) {
		if (token.kind == HTML_CLOSE &&
		    slice_is_nocase(token.name, "table"))
			break;
		if (token.kind == HTML_TEXT && slice_trim(token.raw).n)
			return false;
		if (token.kind != HTML_OPEN)
			continue;
		if (slice_is_nocase(token.name, "tr")) {
			t->rows++;
			column = 0;
		} else if (slice_is_nocase(token.name, "td") ||
			   slice_is_nocase(token.name, "th")) {
			if (!add_cell(t, rest, column++,
				slice_is_nocase(token.name, "th")))
				return false;
		} else if (is_block(token.name) ||
			   slice_is_nocase(token.name, "caption")) {
			return false;
		}
	}
	for (size_t i = 0; i < t->columns; i++)
		width += t->width[i] + 2;
	return t->columns > 1 && width <= HTMLTEXT_WIDTH + 2;
}

/* Right-aligned when it is a figure. */
static bool
is_figure(struct slice s)
{
	bool digit = false;

	for (size_t i = 0; i < s.n; i++) {
		if (ascii_is_alpha(s.p[i]))
			return false;
		digit |= ascii_is_digit(s.p[i]);
	}
	return digit;
}

static void
put_blanks(struct buf *b, size_t n, int c)
{
	while (n--)
		buf_char(b, c);
}

static size_t
put_row(struct htmltext *out, const struct table *t, size_t i)
{
	size_t row = t->v[i].row, at = 0;
	bool head = true;
	struct buf b;

	buf_init(&b, HTMLTEXT_WORD_MAX);
	for (; i < t->n && t->v[i].row == row; i++) {
		const struct cell *c = &t->v[i];
		size_t pad = t->width[c->column] - utf8_width(c->text);
		bool right = !c->head && is_figure(c->text);

		put_blanks(&b, at ? 2 : 0, ' ');
		put_blanks(&b, right ? pad : 0, ' ');
		buf_slice(&b, c->text);
		put_blanks(&b, right ? 0 : pad, ' ');
		head = head && c->head;
		at++;
	}
	htmltext_line(out, buf_view(&b));
	buf_reset(&b);
	for (size_t k = 0; head && k < t->columns; k++) {
		put_blanks(&b, k ? 2 : 0, ' ');
		put_blanks(&b, t->width[k], '-');
	}
	if (b.n)
		htmltext_line(out, buf_view(&b));
	buf_free(&b);
	return i;
}

bool
htmltext_table(struct htmltext *t, struct slice *rest)
{
	struct slice after = *rest;
	struct table table = { .n = 0 };
	bool good = read_table(&table, &after);

	for (size_t i = 0; good && i < table.n;)
		i = put_row(t, &table, i);
	if (good) {
		htmltext_break(t, 2);
		*rest = after;
	}
	arena_free(&table.arena);
	return good;
}
