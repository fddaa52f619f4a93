/* HTML to text (see striphtml.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/utf8.h"

#include "report/striphtml.h"

static const struct {
	const char *name, *text;
} entities[] = { { "&nbsp;", " " }, { "&lt;", "<" }, { "&gt;", ">" },
	{ "&amp;", "&" }, { "&quot;", "\"" }, { "&#39;", "'" },
	{ "&apos;", "'" }, { "&#64;", "@" }, { "&#160;", " " } };

static const char *const blocks[] = { "<br", "<p", "</p", "<div", "</div",
	"<tr", "</tr", "<li", "<td", "<h", "</h", "<table", "</table", "<b>",
	"<pre" };

static bool
take_entity(struct slice *s, struct buf *out)
{
	for (size_t i = 0; i < COUNT_OF(entities); i++)
		if (slice_take_prefix_nocase(s, entities[i].name)) {
			buf_text(out, entities[i].text);
			return true;
		}
	return false;
}

/* Over what is between <style> and </style>. */
static void
skip_element(struct slice *s, const char *name, const char *end)
{
	size_t at;

	if (!slice_starts_nocase(*s, name))
		return;
	at = slice_search_nocase(*s, slice_str(end));
	slice_take(s, at); /* all of it where it never ends */
}

static void
take_tag(struct slice *s, struct buf *out)
{
	size_t end;

	/* "<a@b>" in a careless page is an address */
	end = slice_find(slice_sub(*s, 0, 400), '>');
	if (end != SIZE_MAX &&
	    slice_find(slice_sub(*s, 0, end), ' ') == SIZE_MAX &&
	    slice_find(slice_sub(*s, 0, end), '@') != SIZE_MAX) {
		buf_slice(out, slice_take(s, end + 1));
		return;
	}
	for (size_t i = 0; i < COUNT_OF(blocks); i++)
		if (slice_starts_nocase(*s, blocks[i])) {
			buf_char(out, slice_starts_nocase(*s, "<td") ||
					      slice_starts_nocase(*s, "<b>")
					  ? ' '
					  : '\n');
			break;
		}
	skip_element(s, "<style", "</style");
	skip_element(s, "<script", "</script");
	skip_element(s, "<title", "</title");
	slice_take_until(s, '>', NULL);
}

void
striphtml(struct buf *b)
{
	struct slice s = buf_view(b);
	struct buf out;

	buf_init(&out, b->max);
	while (s.n) {
		size_t n = 0;

		while (n < s.n && s.p[n] != '<' && s.p[n] != '&')
			n++;
		buf_slice(&out, slice_take(&s, n));
		if (slice_peek(s) == '<' &&
		    (ascii_is_alpha(slice_at(s, 1)) || slice_at(s, 1) == '/' ||
			slice_at(s, 1) == '!'))
			take_tag(&s, &out);
		else if (s.n && !take_entity(&s, &out))
			buf_char(&out, slice_get(&s));
	}
	buf_free(b);
	*b = out;
}

static int
base64_value(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* "+" *base64 ["-"] with UTF-16 inside. */
static void
take_shifted(struct slice *s, struct buf *out)
{
	uint32_t bits = 0, high = 0;
	unsigned n = 0;

	if (slice_peek(*s) == '-') {
		slice_get(s);
		buf_char(out, '+');
		return;
	}
	while (base64_value(slice_peek(*s)) >= 0) {
		bits = (bits << 6) | (uint32_t)base64_value(slice_get(s));
		n += 6;
		if (n >= 16) {
			uint32_t u = (bits >> (n - 16)) & 0xffff;

			n -= 16;
			if (u >= 0xd800 && u < 0xdc00) {
				high = u;
				continue;
			}
			if (u >= 0xdc00 && u < 0xe000 && high)
				u = 0x10000 + ((high - 0xd800) << 10) +
				    (u - 0xdc00);
			high = 0;
			utf8_put(out, (int32_t)u);
		}
	}
	if (slice_peek(*s) == '-')
		slice_get(s);
}

void
striphtml_utf7(struct buf *b)
{
	struct slice s = buf_view(b);
	struct buf out;

	buf_init(&out, b->max);
	while (s.n) {
		bool shift;

		buf_slice(&out, slice_take_until(&s, '+', &shift));
		if (shift)
			take_shifted(&s, &out);
	}
	buf_free(b);
	*b = out;
}
