/* JSON straight into a buffer (see jsonline.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/jsonline.h"
#include "base/octets.h"

static bool
plain(int c)
{
	return c >= 32 && c < 127 && c != '"' && c != '\\';
}

static bool
all_plain(octets v)
{
	octets no = ~octets_between(v, ' ', '~') | octets_are(v, '"') |
	            octets_are(v, '\\');

	return !octets_any(no);
}

/* How many octets of the front stand for themselves. */
static size_t
plain_run(struct slice s)
{
	size_t n = 0;

	while (n + OCTETS <= s.n && all_plain(octets_load(s.p + n)))
		n += OCTETS;
	while (n < s.n && plain((unsigned char)s.p[n]))
		n++;
	return n;
}

/* The same, to a blank that another one is behind. */
static size_t
flat_run(struct slice s)
{
	size_t n = 0;

	for (; n + OCTETS <= s.n; n += OCTETS) {
		octets v = octets_load(s.p + n);

		if (!all_plain(v) || !octets_flat(v, n && s.p[n - 1] == ' '))
			break;
	}
	if (n && s.p[n - 1] == ' ')
		n--;
	while (n < s.n && plain((unsigned char)s.p[n]) &&
	       !(s.p[n] == ' ' && slice_at(s, n + 1) <= 32))
		n++;
	return n;
}

static void
put_special(struct buf *out, struct slice *s)
{
	static const char hex[] = "0123456789abcdef";
	int c = slice_peek(*s);
	uint32_t code;
	size_t n;

	if (c == '"' || c == '\\') {
		buf_char(out, '\\');
		buf_char(out, slice_get(s));
	} else if (c == '\n' || c == '\t' || c == '\r') {
		buf_char(out, '\\');
		buf_char(out, c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
		slice_get(s);
	} else if (c < 32) {
		buf_text(out, "\\u00");
		buf_char(out, hex[c >> 4]);
		buf_char(out, hex[c & 15]);
		slice_get(s);
	} else if ((n = slice_peek_utf8(*s, &code)) > 0) {
		buf_slice(out, slice_take(s, n));
	} else {
		buf_text(out, "\xef\xbf\xbd");
		slice_get(s);
	}
}

static void
put_string(struct buf *out, struct slice s)
{
	size_t n = plain_run(s);
	char *room = buf_room(out, n + 2);

	if (!room)
		return;
	room[0] = '"';
	if (n)
		memcpy(room + 1, s.p, n);
	room[n + 1] = '"';
	slice_take(&s, n);
	if (!s.n) {
		buf_grown(out, n + 2);
		return;
	}
	buf_grown(out, n + 1);
	while (s.n) {
		put_special(out, &s);
		buf_slice(out, slice_take(&s, plain_run(s)));
	}
	buf_char(out, '"');
}

static void
put_comma(struct buf *out)
{
	char c = out->n ? out->p[out->n - 1] : '{';

	if (c != '{' && c != '[')
		buf_char(out, ',');
}

/* Keys are ours: nothing in them needs an escape. */
static void
put_key(struct buf *out, const char *key)
{
	size_t n = strlen(key);
	char *room;

	put_comma(out);
	room = buf_room(out, n + 3);
	if (!room)
		return;
	room[0] = '"';
	memcpy(room + 1, key, n);
	room[n + 1] = '"';
	room[n + 2] = ':';
	buf_grown(out, n + 3);
}

void
jsonline_begin(struct buf *out)
{
	buf_char(out, '{');
}

void
jsonline_end(struct buf *out)
{
	buf_add(out, "}\n", 2);
}

void
jsonline_slice(struct buf *out, const char *key, struct slice s)
{
	put_key(out, key);
	put_string(out, s);
}

void
jsonline_null(struct buf *out, const char *key)
{
	put_key(out, key);
	buf_add(out, "null", 4);
}

static bool
is_blank(int c)
{
	return c >= 0 && c <= 32;
}

void
jsonline_flat(struct buf *out, const char *key, struct slice s)
{
	put_key(out, key);
	buf_char(out, '"');
	s = slice_trim(s);
	while (s.n) {
		buf_slice(out, slice_take(&s, flat_run(s)));
		if (is_blank(slice_peek(s))) {
			slice_take_while(&s, is_blank);
			if (s.n)
				buf_char(out, ' ');
		} else if (s.n) {
			put_special(out, &s);
		}
	}
	buf_char(out, '"');
}

void
jsonline_text(struct buf *out, const char *key, const char *text)
{
	jsonline_slice(out, key, slice_str(text));
}

void
jsonline_maybe(struct buf *out, const char *key, const char *text)
{
	if (text)
		jsonline_text(out, key, text);
	else
		jsonline_null(out, key);
}

static void
put_number(struct buf *out, int64_t v)
{
	char digits[24];
	size_t n = sizeof(digits);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		digits[--n] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		digits[--n] = '-';
	buf_add(out, digits + n, sizeof(digits) - n);
}

void
jsonline_number(struct buf *out, const char *key, int64_t v)
{
	put_key(out, key);
	put_number(out, v);
}

void
jsonline_bool(struct buf *out, const char *key, bool v)
{
	put_key(out, key);
	buf_text(out, v ? "true" : "false");
}

void
jsonline_array(struct buf *out, const char *key)
{
	put_key(out, key);
	buf_char(out, '[');
}

void
jsonline_element(struct buf *out, struct slice s)
{
	put_comma(out);
	put_string(out, s);
}

void
jsonline_element_number(struct buf *out, int64_t v)
{
	put_comma(out);
	put_number(out, v);
}

void
jsonline_member(struct buf *out, const char *key)
{
	put_key(out, key);
	buf_char(out, '{');
}

void
jsonline_array_end(struct buf *out)
{
	buf_char(out, ']');
}

void
jsonline_object(struct buf *out)
{
	put_comma(out);
	buf_char(out, '{');
}

void
jsonline_object_end(struct buf *out)
{
	buf_char(out, '}');
}
