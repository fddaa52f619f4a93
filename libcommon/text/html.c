/* HTML cut into tags and text (see html.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/html.h"

static bool
is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

static bool
is_name(int c)
{
	return !is_space(c) && c != '/' && c != '>';
}

static bool
is_attr_name(int c)
{
	return is_name(c) && c != '=';
}

static bool
is_bare_value(int c)
{
	return !is_space(c) && c != '>';
}

/* Behind the end of a tag, quotes minded. */
static size_t
tag_end(struct slice s)
{
	bool value = false;
	int quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		int c = s.p[i];

		if (quote) {
			if (c == quote)
				quote = 0;
		} else if (c == '>') {
			return i + 1;
		} else if (value && (c == '"' || c == '\'')) {
			quote = c;
			value = false;
		} else if (!is_space(c)) {
			value = c == '=';
		}
	}
	return s.n;
}

/* "<!-- -->", "<!x>", "<?x>" */
static bool
skip_other(struct slice *rest)
{
	size_t end;

	if (slice_starts(*rest, "<!--")) {
		end = slice_search(slice_sub(*rest, 4, rest->n),
		    (struct slice)SLICE_LIT("-->"));
		slice_take(rest, end == SIZE_MAX ? rest->n : end + 7);
		return true;
	}
	if (!slice_starts(*rest, "<!") && !slice_starts(*rest, "<?"))
		return false;
	slice_take_until(rest, '>', NULL);
	return true;
}

/* What no reader shows as text; up to its closing tag. */
static void
skip_content(struct slice *rest, struct slice name)
{
	static const char *const kinds[] = { "script", "style", "title",
		"template", "noframes", "textarea", "iframe" };
	struct slice close;

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (!slice_is_nocase(name, kinds[i]))
			continue;
		for (struct slice s = *rest;;) {
			size_t at =
			    slice_search(s, (struct slice)SLICE_LIT("</"));

			if (at == SIZE_MAX)
				break;
			close = slice_sub(s, at, s.n);
			slice_take(&s, at + 2);
			if (slice_starts_nocase(s, kinds[i])) {
				*rest = close;
				return;
			}
		}
		*rest = slice_sub(*rest, rest->n, rest->n);
	}
}

static bool
starts_tag(struct slice s)
{
	int c = slice_at(s, 1);

	return slice_at(s, 0) == '<' &&
	       (ascii_is_alpha(c) ||
		   (c == '/' && ascii_is_alpha(slice_at(s, 2))));
}

static void
take_tag(struct slice *rest, struct html_token *t)
{
	struct slice tag = slice_take(rest, tag_end(*rest));

	t->raw = tag;
	slice_take(&tag, 1);
	t->kind = slice_take_prefix(&tag, "/") ? HTML_CLOSE : HTML_OPEN;
	if (tag.n && tag.p[tag.n - 1] == '>')
		tag.n--;
	t->name = slice_take_while(&tag, is_name);
	t->attrs = tag;
	if (t->kind == HTML_OPEN)
		skip_content(rest, t->name);
}

bool
html_next(struct slice *rest, struct html_token *t_r)
{
	size_t n;

	*t_r = (struct html_token){ .kind = HTML_TEXT };
	while (skip_other(rest))
		;
	if (!rest->n)
		return false;
	if (starts_tag(*rest)) {
		take_tag(rest, t_r);
		return true;
	}
	for (n = 1; n < rest->n; n++) {
		struct slice here = slice_sub(*rest, n, rest->n);

		if (here.p[0] == '<' &&
		    (starts_tag(here) || slice_at(here, 1) == '!' ||
			slice_at(here, 1) == '?'))
			break;
	}
	t_r->raw = slice_take(rest, n);
	return true;
}

bool
html_attr(struct slice *attrs, struct slice *name_r, struct slice *value_r)
{
	struct slice s;
	int quote;

	while (attrs->n && (is_space(slice_peek(*attrs)) || attrs->p[0] == '/'))
		slice_take(attrs, 1);
	if (!attrs->n)
		return false;
	*name_r = slice_take_while(attrs, is_attr_name);
	if (!name_r->n)
		*name_r = slice_take(attrs, 1);
	*value_r = slice_sub(*attrs, 0, 0);
	s = *attrs;
	while (is_space(slice_peek(s)))
		slice_take(&s, 1);
	if (!slice_take_prefix(&s, "="))
		return true;
	while (is_space(slice_peek(s)))
		slice_take(&s, 1);
	quote = slice_peek(s);
	if (quote == '"' || quote == '\'') {
		slice_take(&s, 1);
		*value_r = slice_take_until(&s, quote, NULL);
	} else {
		*value_r = slice_take_while(&s, is_bare_value);
	}
	*attrs = s;
	return true;
}

struct slice
html_attr_get(struct slice attrs, const char *name)
{
	struct slice found, value;

	while (html_attr(&attrs, &found, &value))
		if (slice_is_nocase(found, name))
			return value.p ? value : slice_of("", 0);
	return slice_of(NULL, 0);
}
