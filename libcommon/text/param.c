/* Parameters of MIME header fields (see param.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/charset.h"
#include "text/encword.h"
#include "text/fold.h"
#include "text/param.h"
#include "text/token.h"
#include "text/utf8.h"

#define SECTION_NONE UINT32_MAX

/* One parameter as it stands: name*section*=value. */
struct part {
	struct slice name;
	uint32_t section; /* or SECTION_NONE */
	bool extended;    /* percent-encoded */
	bool quoted;
	struct slice value; /* the inside of a quoted-string is raw */
};

struct parts {
	struct part v[PARAM_PARTS_MAX];
	size_t n;
	bool flawed;
};

static void
skip_to_semicolon(struct slice *s)
{
	slice_take(s, slice_find(*s, ';'));
}

/* At ";" or the end, after blanks and comments. */
static bool
at_end(struct slice *s)
{
	if (token_skip_cfws(s) < 0)
		return false;
	return !s->n || slice_peek(*s) == ';';
}

/*	parameter-name  =  attribute [ "*" section ] [ "*" ] */
static bool
split_name(struct slice name, struct part *p)
{
	uint64_t section;

	p->section = SECTION_NONE;
	p->name = slice_take_until(&name, '*', &p->extended);
	if (slice_take_number(&name, PARAM_PARTS_MAX, &section)) {
		p->section = (uint32_t)section;
		p->extended = slice_take_prefix(&name, "*");
	}
	return p->name.n && !name.n;
}

/*	value  =  token / quoted-string
 *
 * What is neither, up to the ";", is taken as it stands: blanks and 8-bit
 * octets in file names are not rare. */
static bool
take_value(struct slice *s, struct part *p)
{
	struct slice rest = *s;

	if (token_value(&rest, &p->value, &p->quoted) > 0 && at_end(&rest)) {
		*s = rest;
		return true;
	}
	p->quoted = false;
	p->value = slice_trim(slice_sub(*s, 0, slice_find(*s, ';')));
	skip_to_semicolon(s);
	return false;
}

/* Reads what stands between two ";". */
static void
take_part(struct slice *s, struct parts *parts)
{
	struct part p = { 0 };
	struct slice name;

	if (at_end(s))
		return;
	if (token_token(s, &name) <= 0 || token_skip_cfws(s) < 0 ||
	    !slice_take_prefix(s, "=") || !split_name(name, &p) ||
	    parts->n == PARAM_PARTS_MAX) {
		parts->flawed = true;
		skip_to_semicolon(s);
		return;
	}
	if (token_skip_cfws(s) < 0 || !take_value(s, &p))
		parts->flawed = true;
	parts->v[parts->n++] = p;
}

static void
read_parts(struct slice s, struct parts *parts)
{
	parts->n = 0;
	parts->flawed = !at_end(&s);
	skip_to_semicolon(&s);
	while (slice_take_prefix(&s, ";")) {
		take_part(&s, parts);
		skip_to_semicolon(&s);
	}
}

/* Appends %XX decoded; what is broken stays. */
static void
unescape(struct slice s, struct buf *out)
{
	while (s.n) {
		int c = slice_get(&s);
		int high = ascii_hex(slice_peek(s));
		int low = ascii_hex(slice_at(s, 1));

		if (c == '%' && high >= 0 && low >= 0) {
			slice_take(&s, 2);
			c = high * 16 + low;
		}
		buf_char(out, c);
	}
}

/* Appends the octets of one part; the charset that the first extended part
 * begins with goes to *charset_r. */
static void
put_part(const struct part *p, struct slice *charset_r, struct buf *out)
{
	struct slice value = p->value;

	if (!p->extended) {
		if (p->quoted)
			token_unquote(value, out);
		else
			buf_slice(out, value);
		return;
	}
	if (p->section == SECTION_NONE || p->section == 0) {
		struct slice rest = value, label;
		bool first, second;

		label = slice_take_until(&rest, '\'', &first);
		slice_take_until(&rest, '\'', &second);
		if (first && second) {
			*charset_r = label;
			value = rest;
		}
	}
	unescape(value, out);
}

static const struct part *
find_part(const struct parts *parts, struct slice name, uint32_t section,
    bool extended)
{
	for (size_t i = 0; i < parts->n; i++) {
		const struct part *p = &parts->v[i];

		if (p->section == section &&
		    (section != SECTION_NONE || p->extended == extended) &&
		    slice_equal_nocase(p->name, name))
			return p;
	}
	return NULL;
}

/* Appends the octets of a whole value: continuations beat the extended form,
 * and that the plain one. True when RFC 2047 words may be in it. */
static bool
put_value(const struct parts *parts, struct slice name, struct slice *charset_r,
    struct buf *out)
{
	const struct part *p = find_part(parts, name, 0, false);

	if (p) {
		for (uint32_t i = 0; p; i++) {
			put_part(p, charset_r, out);
			p = find_part(parts, name, i + 1, false);
		}
		return false;
	}
	p = find_part(parts, name, SECTION_NONE, true);
	if (p) {
		put_part(p, charset_r, out);
		return false;
	}
	p = find_part(parts, name, SECTION_NONE, false);
	if (p)
		put_part(p, charset_r, out);
	return true;
}

/* A plain value in which nothing stands for something else. */
static bool
is_as_it_is(const struct parts *parts, const struct part *p)
{
	return p->section == SECTION_NONE && !p->extended &&
	       utf8_is_ascii(p->value) &&
	       slice_find(p->value, '\\') == SIZE_MAX &&
	       slice_find(p->value, '\n') == SIZE_MAX &&
	       slice_search(p->value, slice_str("=?")) == SIZE_MAX &&
	       p->value.n <= PARAM_VALUE_MAX && p->value.n &&
	       !find_part(parts, p->name, 0, false) &&
	       !find_part(parts, p->name, SECTION_NONE, true);
}

static struct slice
make_value(
    const struct parts *parts, struct slice name, struct arena *a, bool *flawed)
{
	struct slice charset = slice_str(""), value;
	struct buf raw, text;
	bool words;

	buf_init(&raw, PARAM_VALUE_MAX);
	buf_init(&text, PARAM_VALUE_MAX);
	words = put_value(parts, name, &charset, &raw);
	if (words)
		encword_decode(buf_view(&raw), &text);
	else
		charset_to_utf8(charset, buf_view(&raw), &text);
	*flawed |= buf_over(&raw) || buf_over(&text);
	value = slice_of(arena_copy(a, buf_view(&text)), text.n);
	buf_free(&raw);
	buf_free(&text);
	return value;
}

static const struct slice *
find_param(const struct param_list *list, struct slice name)
{
	for (size_t i = 0; i < list->n; i++)
		if (slice_equal_nocase(list->v[i].name, name))
			return &list->v[i].value;
	return NULL;
}

const struct slice *
param_get(const struct param_list *list, const char *name)
{
	return find_param(list, slice_str(name));
}

static bool
has_twin(const struct parts *parts, size_t i)
{
	const struct part *p = &parts->v[i];

	return find_part(parts, p->name, p->section, p->extended) != p;
}

void
param_parse(struct slice in, struct arena *a, struct param_list *list_r)
{
	NOT_ZEROED struct parts parts;

	memset(list_r, 0, sizeof(*list_r));
	read_parts(in, &parts);
	list_r->flawed = parts.flawed;
	list_r->v =
	    arena_array(a, size_min(parts.n, PARAM_MAX), sizeof(*list_r->v));
	for (size_t i = 0; i < parts.n; i++) {
		struct slice name = parts.v[i].name;

		list_r->duplicate |= has_twin(&parts, i);
		if (find_param(list_r, name))
			continue;
		if (list_r->n == PARAM_MAX) {
			list_r->flawed = true;
			return;
		}
		list_r->v[list_r->n++] = (struct param){ name,
			is_as_it_is(&parts, &parts.v[i])
			    ? parts.v[i].value
			    : make_value(&parts, name, a, &list_r->flawed) };
	}
}

/* RFC 2231 attribute-char: a token's octet, but "*", "'" and "%". */
static bool
is_attribute_char(int c)
{
	return token_is_ttext(c) && c != '*' && c != '\'' && c != '%';
}

static size_t
escaped_size(int c)
{
	return is_attribute_char(c) ? 1 : 3;
}

static void
escape(struct slice s, struct buf *out)
{
	int c;

	while ((c = slice_get(&s)) >= 0)
		if (is_attribute_char(c))
			buf_char(out, c);
		else
			buf_fmt(out, "%%%02X", (unsigned)c);
}

/* Appends ";", then text on this line or on the next. */
static void
put_text(struct slice text, size_t *column, struct buf *out)
{
	/* One more for the ";" that may follow. */
	if (*column + 3 + text.n > FOLD_WANT) {
		buf_text(out, ";\r\n ");
		*column = 1;
	} else {
		buf_text(out, "; ");
		*column += 2;
	}
	buf_slice(out, text);
	*column += text.n;
}

/* The plain form, where value is ASCII text that fits on a line. */
static bool
put_plain(const char *name, struct slice value, struct buf *out)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] < ' ' || value.p[i] > '~')
			return false;
	buf_fmt(out, "%s=", name);
	if (token_is_token(value))
		buf_slice(out, value);
	else
		token_quote(value, out);
	return out->n + 2 <= FOLD_WANT;
}

/* Takes what fits into room once escaped; whole characters or not, RFC 2231
 * puts octets together. */
static struct slice
take_fitting(struct slice *value, size_t room)
{
	size_t n = 0, used = 0;

	while (n < value->n) {
		used += escaped_size(slice_at(*value, n));
		if (used > room)
			break;
		n++;
	}
	return slice_take(value, n);
}

/* name*=UTF-8''... when that fits on a line, else name*0*=UTF-8''..., name*1*=
 * and so on. */
static void
put_extended(
    const char *name, struct slice value, size_t *column, struct buf *out)
{
	size_t room = FOLD_WANT - size_min(strlen(name) + 20, FOLD_WANT - 12);
	bool whole = true;
	struct buf line;

	buf_init(&line, 2 * FOLD_MAX);
	for (unsigned i = 0; value.n || !i; i++) {
		struct slice part = take_fitting(&value, room);

		buf_reset(&line);
		whole = whole && !i && !value.n;
		if (whole)
			buf_fmt(&line, "%s*=", name);
		else
			buf_fmt(&line, "%s*%u*=", name, i);
		if (!i)
			buf_text(&line, "UTF-8''");
		escape(part, &line);
		put_text(buf_view(&line), column, out);
	}
	buf_free(&line);
}

void
param_put(const char *name, struct slice value, size_t *column, struct buf *out)
{
	struct buf plain;

	buf_init(&plain, FOLD_MAX);
	if (put_plain(name, value, &plain) && !buf_over(&plain))
		put_text(buf_view(&plain), column, out);
	else
		put_extended(name, value, column, out);
	buf_free(&plain);
}
