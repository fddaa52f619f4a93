/* HTML as plain text: paragraphs, lists, links (see htmltext.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/htmltext_private.h"
#include "text/utf8.h"

#define SIGN_MAX 16 /* octets of an item's sign */

/* What an element does to the lines around it. */
enum effect {
	NOTHING,
	LINE,      /* stands on lines of its own */
	PARAGRAPH, /* with empty lines around */
	HEADING,
	LIST,
	NUMBERED,
	ITEM,
	QUOTE,
	PREFORMATTED,
	BREAK,
	RULE,
	IMAGE,
	LINK,
	TABLE
};

static const struct {
	char name[12];
	enum effect effect;
} elements[] = {
	{ "a", LINK },
	{ "address", LINE },
	{ "article", PARAGRAPH },
	{ "aside", PARAGRAPH },
	{ "blockquote", QUOTE },
	{ "br", BREAK },
	{ "caption", PARAGRAPH },
	{ "center", LINE },
	{ "dd", LINE },
	{ "div", LINE },
	{ "dl", PARAGRAPH },
	{ "dt", LINE },
	{ "fieldset", PARAGRAPH },
	{ "figcaption", LINE },
	{ "figure", PARAGRAPH },
	{ "footer", PARAGRAPH },
	{ "form", PARAGRAPH },
	{ "h1", HEADING },
	{ "h2", HEADING },
	{ "h3", PARAGRAPH },
	{ "h4", PARAGRAPH },
	{ "h5", PARAGRAPH },
	{ "h6", PARAGRAPH },
	{ "header", PARAGRAPH },
	{ "hr", RULE },
	{ "img", IMAGE },
	{ "li", ITEM },
	{ "main", PARAGRAPH },
	{ "menu", LIST },
	{ "nav", PARAGRAPH },
	{ "ol", NUMBERED },
	{ "p", PARAGRAPH },
	{ "pre", PREFORMATTED },
	{ "section", PARAGRAPH },
	{ "table", TABLE },
	{ "td", LINE },
	{ "th", LINE },
	{ "tr", LINE },
	{ "ul", LIST },
};

static enum effect
effect_of(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(elements); i++)
		if (slice_is_nocase(name, elements[i].name))
			return elements[i].effect;
	return NOTHING;
}

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

static void
put_word(struct htmltext *t)
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
	put_word(t);
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
			put_word(t);
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

static void
end_link(struct htmltext *t)
{
	struct buf b;

	if (!t->in_link)
		return;
	t->in_link = false;
	buf_init(&b, HTMLTEXT_WORD_MAX);
	htmltext_address(t->href, buf_view(&t->link), &b);
	if (b.n) {
		put_word(t);
		t->space = t->column > 0;
		htmltext_words(t, buf_view(&b));
	}
	buf_free(&b);
}

static void
underline(struct htmltext *t, struct slice name)
{
	size_t n;
	struct buf b;

	put_word(t);
	n = t->column;
	if (n < 2)
		return;
	buf_init(&b, HTMLTEXT_WORD_MAX);
	for (size_t i = 1; i < n && i < HTMLTEXT_WIDTH; i++)
		buf_char(&b, slice_is_nocase(name, "h1") ? '=' : '-');
	htmltext_line(t, buf_view(&b));
	buf_free(&b);
}

static void
enter(struct htmltext *t, bool quote, bool numbered)
{
	htmltext_break(t, t->depth && !quote ? 1 : 2);
	if (t->depth == HTMLTEXT_DEPTH) {
		t->deeper++;
		return;
	}
	t->level[t->depth++] =
	    (struct htmltext_level){ .quote = quote, .numbered = numbered };
}

static void
leave(struct htmltext *t, bool quote)
{
	htmltext_break(t, 1);
	t->sign = false;
	if (t->deeper)
		t->deeper--;
	else if (t->depth && t->level[t->depth - 1].quote == quote)
		t->depth--;
	htmltext_break(t, t->depth && !quote ? 1 : 2);
}

static void
begin_item(struct htmltext *t)
{
	htmltext_break(t, 1);
	if (!t->depth || t->level[t->depth - 1].quote)
		return;
	t->level[t->depth - 1].number++;
	t->sign = true;
}

static void
put_image(struct htmltext *t, const struct html_token *tag)
{
	struct slice alt = html_attr_get(tag->attrs, "alt");

	if (!slice_trim(alt).n)
		return;
	htmltext_words(t, slice_str("["));
	htmltext_text(t, slice_trim(alt));
	htmltext_words(t, slice_str("]"));
}

static void
begin_link(struct htmltext *t, const struct html_token *tag)
{
	end_link(t);
	t->href = html_attr_get(tag->attrs, "href");
	t->in_link = t->href.p != NULL;
	buf_reset(&t->link);
}

static void
put_break(struct htmltext *t)
{
	put_word(t);
	if (t->column)
		htmltext_break(t, 1);
	else if (t->wanted < 2 && t->out->n > t->start)
		t->wanted++;
}

static void
open_tag(struct htmltext *t, const struct html_token *tag, struct slice *rest)
{
	switch (effect_of(tag->name)) {
	case LINE:
		htmltext_break(t, 1);
		break;
	case PREFORMATTED:
		htmltext_break(t, 2);
		t->pre++;
		slice_take_prefix(rest, "\r");
		slice_take_prefix(rest, "\n");
		break;
	case PARAGRAPH:
	case HEADING:
		htmltext_break(t, 2);
		break;
	case LIST:
	case NUMBERED:
		enter(t, false, slice_is_nocase(tag->name, "ol"));
		break;
	case QUOTE:
		enter(t, true, false);
		break;
	case ITEM:
		begin_item(t);
		break;
	case BREAK:
		put_break(t);
		break;
	case RULE:
		htmltext_break(t, 2);
		htmltext_line(t, slice_str("----"));
		htmltext_break(t, 2);
		break;
	case IMAGE:
		put_image(t, tag);
		break;
	case LINK:
		begin_link(t, tag);
		break;
	case TABLE:
		htmltext_break(t, 2);
		htmltext_table(t, rest);
		break;
	case NOTHING:
		break;
	}
}

static void
close_tag(struct htmltext *t, const struct html_token *tag)
{
	switch (effect_of(tag->name)) {
	case LINE:
	case ITEM:
		htmltext_break(t, 1);
		break;
	case PREFORMATTED:
		htmltext_break(t, 2);
		t->pre -= t->pre > 0;
		break;
	case HEADING:
		underline(t, tag->name);
		htmltext_break(t, 2);
		break;
	case PARAGRAPH:
	case TABLE:
		htmltext_break(t, 2);
		break;
	case LIST:
	case NUMBERED:
		leave(t, false);
		break;
	case QUOTE:
		leave(t, true);
		break;
	case LINK:
		end_link(t);
		break;
	case NOTHING:
	case BREAK:
	case RULE:
	case IMAGE:
		break;
	}
}

/* "display: none", and the hidden attribute. */
static bool
is_hidden(const struct html_token *tag)
{
	struct slice style = html_attr_get(tag->attrs, "style");
	size_t at =
	    slice_search_nocase(style, (struct slice)SLICE_LIT("display"));

	if (html_attr_get(tag->attrs, "hidden").p)
		return true;
	if (at == SIZE_MAX)
		return false;
	style = slice_trim_start(slice_sub(style, at + 7, style.n));
	return slice_take_prefix(&style, ":") &&
	       slice_starts_nocase(slice_trim_start(style), "none");
}

static bool
is_empty_element(struct slice name)
{
	enum effect e = effect_of(name);

	return e == BREAK || e == RULE || e == IMAGE ||
	       slice_is_nocase(name, "input") ||
	       slice_is_nocase(name, "meta") || slice_is_nocase(name, "link");
}

/* Up to the end of the element that began. */
static void
skip_element(struct slice *rest, struct slice name)
{
	struct html_token t;
	unsigned depth = 1;

	while (depth && html_next(rest, &t))
		if (t.kind != HTML_TEXT && slice_equal_nocase(t.name, name))
			depth += t.kind == HTML_OPEN ? 1 : -1u;
}

void
htmltext(struct slice html, struct buf *out)
{
	struct htmltext t = { .out = out, .start = out->n };
	struct html_token token;

	buf_init(&t.word, HTMLTEXT_WORD_MAX);
	buf_init(&t.link, HTMLTEXT_WORD_MAX);
	while (html_next(&html, &token)) {
		if (token.kind == HTML_TEXT)
			htmltext_text(&t, token.raw);
		else if (token.kind == HTML_CLOSE)
			close_tag(&t, &token);
		else if (!is_hidden(&token))
			open_tag(&t, &token, &html);
		else if (!is_empty_element(token.name))
			skip_element(&html, token.name);
	}
	end_link(&t);
	htmltext_break(&t, 1);
	buf_free(&t.word);
	buf_free(&t.link);
}
