/* HTML as plain text: paragraphs, lists, links (see htmltext.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/htmltext_private.h"
#include "text/utf8.h"

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
		htmltext_put_word(t);
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

	htmltext_put_word(t);
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
	htmltext_put_word(t);
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
