/* Values of a report's fields (see dsn.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/token.h"
#include "text/utf8.h"

#include "msg/header.h"

#include "report/dsn.h"

#define ESCAPE_DIGITS_MAX 6 /* of "\x{10FFFF}" */

/* An octet that xtext must escape. */
static bool
must_escape(int c)
{
	return c == '+' || c == '=' || c < 33 || c > 126;
}

/* hexchar = "+" 2(%d48-57 / %d65-70) */
static bool
take_hexchar(struct slice *s, struct buf *out)
{
	int high = ascii_hex(slice_at(*s, 1)), low = ascii_hex(slice_at(*s, 2));
	int c = high * 16 + low;

	if (slice_peek(*s) != '+' || high < 0 || low < 0 || !must_escape(c))
		return false;
	slice_take(s, 3);
	buf_char(out, c);
	return true;
}

/* EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}" */
static bool
take_embedded(struct slice *s, struct buf *out)
{
	struct slice rest = *s;
	int32_t c = 0;
	size_t n = 0;

	if (!slice_take_prefix(&rest, "\\x{"))
		return false;
	while (n < ESCAPE_DIGITS_MAX && ascii_hex(slice_peek(rest)) >= 0) {
		c = c * 16 + ascii_hex(slice_get(&rest));
		n++;
	}
	if (!n || slice_get(&rest) != '}')
		return false;
	utf8_put(out, c);
	*s = rest;
	return true;
}

static struct slice
unescape(struct slice in, bool utf8, struct arena *a)
{
	struct slice made;
	struct buf out;

	if (slice_find(in, '+') == SIZE_MAX && slice_find(in, '\\') == SIZE_MAX)
		return in;
	buf_init(&out, in.n + 8);
	while (in.n)
		if (!take_hexchar(&in, &out) &&
		    (!utf8 || !take_embedded(&in, &out)))
			buf_char(&out, slice_get(&in));
	made = slice_of(arena_copy(a, buf_view(&out)), out.n);
	buf_free(&out);
	return made;
}

/* "SMTP:a@b", "mailto:a@b", "rfc822;a@b", "a@b." */
static struct slice
without_more(struct slice s)
{
	static const char *const words[] = { "smtp:", "mailto:", "rfc822;" };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		slice_take_prefix_nocase(&s, words[i]);
	while (s.n && s.p[s.n - 1] == '.')
		s.n--;
	return slice_trim(s);
}

/* What stands between "<" and ">"; else the first word. Words that hold no
 * address, "undisclosed recipient", stay as they are. */
static struct slice
bare(struct slice s)
{
	size_t open = slice_find(s, '<'), close;
	struct slice inside;

	if (open != SIZE_MAX) {
		inside = slice_sub(s, open + 1, s.n);
		close = slice_find(inside, '>');
		if (close != SIZE_MAX && close > 0)
			return slice_trim(slice_sub(inside, 0, close));
	}
	s = slice_trim(s);
	if (slice_find(s, '@') == SIZE_MAX && slice_find(s, ' ') != SIZE_MAX)
		return s;
	if (slice_peek(s) != '"')
		s = slice_trim_end(slice_take_until(&s, ' ', NULL));
	slice_take_prefix(&s, "<");
	while (s.n && strchr(">,;", s.p[s.n - 1]))
		s.n--;
	return s;
}

/*	final-recipient-field = "Final-Recipient" ":" address-type ";"
 *	    generic-address */
void
dsn_address(struct slice value, struct arena *a, struct slice *address_r,
    struct slice *type_r)
{
	struct slice rest = value, type;
	bool utf8;

	*type_r = slice_of(NULL, 0);
	if (token_skip_cfws(&rest) > 0 && token_token(&rest, &type) > 0 &&
	    token_skip_cfws(&rest) > 0 && slice_peek(rest) == ';') {
		slice_get(&rest);
		*type_r = type;
	} else {
		rest = value;
	}
	utf8 = slice_is_nocase(*type_r, "utf-8");
	if (slice_search(rest, slice_str("=?")) != SIZE_MAX &&
	    slice_find(rest, '@') == SIZE_MAX)
		rest = header_decode(rest, a);
	*address_r = without_more(unescape(bare(rest), utf8, a));
}
