/* UTF-8 (see utf8.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/utf8.h"

#define BLOCK 64 /* octets looked at together: the compiler makes it wide */

/* Octets of s up to the first block that has one over 127. */
static size_t
ascii_blocks(struct slice s)
{
	size_t n = 0;

	for (; n + BLOCK <= s.n; n += BLOCK) {
		unsigned char any = 0;

		for (size_t i = 0; i < BLOCK; i++)
			any |= (unsigned char)s.p[n + i];
		if (any > 127)
			break;
	}
	return n;
}

/* Octets of s before the first over 127. */
static size_t
ascii_run(struct slice s)
{
	size_t n = ascii_blocks(s);

	while (n < s.n && (unsigned char)s.p[n] <= 127)
		n++;
	return n;
}

bool
utf8_is_ascii(struct slice s)
{
	return ascii_run(s) == s.n;
}

bool
utf8_valid(struct slice s)
{
	for (;;) {
		int32_t c;

		slice_take(&s, ascii_run(s));
		c = utf8_next(&s);
		if (c < 0)
			return c == UTF8_END;
	}
}

/* The second octet's range by the first one (Unicode, table 3-7), and how many
 * follow the first. */
static int
lead(int c, int *low, int *high)
{
	*low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	*high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	if (c >= 0xc2 && c <= 0xdf)
		return 1;
	if (c >= 0xe0 && c <= 0xef)
		return 2;
	return c >= 0xf0 && c <= 0xf4 ? 3 : 0;
}

int32_t
utf8_next(struct slice *s)
{
	int c = slice_get(s), low, high, more;
	int32_t r;

	if (c < 0)
		return UTF8_END;
	if (c <= 127)
		return c;
	more = lead(c, &low, &high);
	if (!more)
		return UTF8_BAD;
	r = c & (0x3f >> more);
	for (; more; more--, low = 0x80, high = 0xbf) {
		c = slice_peek(*s);
		if (c < low || c > high)
			return UTF8_BAD;
		slice_take(s, 1);
		r = r << 6 | (c & 0x3f);
	}
	return r;
}

void
utf8_put(struct buf *out, int32_t c)
{
	if (c < 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = UTF8_REPLACEMENT;
	if (c < 0x80) {
		buf_char(out, c);
		return;
	}
	if (c < 0x800) {
		buf_char(out, 0xc0 | c >> 6);
	} else if (c < 0x10000) {
		buf_char(out, 0xe0 | c >> 12);
		buf_char(out, 0x80 | (c >> 6 & 0x3f));
	} else {
		buf_char(out, 0xf0 | c >> 18);
		buf_char(out, 0x80 | (c >> 12 & 0x3f));
		buf_char(out, 0x80 | (c >> 6 & 0x3f));
	}
	buf_char(out, 0x80 | (c & 0x3f));
}

void
utf8_sanitise(struct slice s, struct buf *out)
{
	while (s.n) {
		struct slice good = s;
		int32_t c;

		do {
			slice_take(&s, ascii_run(s));
			good.n = (size_t)(s.p - good.p);
			c = utf8_next(&s);
		} while (c >= 0);
		buf_slice(out, good);
		if (c == UTF8_BAD)
			utf8_put(out, UTF8_REPLACEMENT);
	}
}

struct slice
utf8_cut(struct slice s, size_t max)
{
	size_t n = max;

	if (s.n <= max)
		return s;
	/* A character has at most three octets behind its first. */
	while (n > 0 && max - n < 3 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	if (((unsigned char)s.p[n] & 0xc0) == 0x80)
		n = max; /* no character at all */
	return slice_sub(s, 0, n);
}

struct range {
	int32_t from, to;
};

/* Marks that take no column (Mn, Me, Cf, and the like) of the scripts that
 * names and subjects are written in. */
static const struct range zero_wide[] = {
	{ 0x0300, 0x036f },
	{ 0x0483, 0x0489 },
	{ 0x0591, 0x05bd },
	{ 0x05bf, 0x05bf },
	{ 0x05c1, 0x05c2 },
	{ 0x05c4, 0x05c5 },
	{ 0x0610, 0x061a },
	{ 0x064b, 0x065f },
	{ 0x0670, 0x0670 },
	{ 0x06d6, 0x06dc },
	{ 0x06df, 0x06e4 },
	{ 0x06e7, 0x06e8 },
	{ 0x06ea, 0x06ed },
	{ 0x0900, 0x0902 },
	{ 0x093a, 0x093a },
	{ 0x093c, 0x093c },
	{ 0x0941, 0x0948 },
	{ 0x094d, 0x094d },
	{ 0x0951, 0x0957 },
	{ 0x0e31, 0x0e31 },
	{ 0x0e34, 0x0e3a },
	{ 0x0e47, 0x0e4e },
	{ 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff },
	{ 0x200b, 0x200f },
	{ 0x202a, 0x202e },
	{ 0x2060, 0x2064 },
	{ 0x20d0, 0x20f0 },
	{ 0x302a, 0x302d },
	{ 0x3099, 0x309a },
	{ 0xfe00, 0xfe0f },
	{ 0xfe20, 0xfe2f },
	{ 0xfeff, 0xfeff },
	{ 0xe0100, 0xe01ef },
};

/* East Asian wide and full width (UAX #11), emoji. */
static const struct range two_wide[] = {
	{ 0x1100, 0x115f },
	{ 0x231a, 0x231b },
	{ 0x23e9, 0x23ec },
	{ 0x25fd, 0x25fe },
	{ 0x2614, 0x2615 },
	{ 0x2648, 0x2653 },
	{ 0x26a1, 0x26a1 },
	{ 0x26bd, 0x26be },
	{ 0x2705, 0x2705 },
	{ 0x2728, 0x2728 },
	{ 0x274c, 0x274c },
	{ 0x2753, 0x2755 },
	{ 0x2795, 0x2797 },
	{ 0x2e80, 0x303e },
	{ 0x3041, 0x33ff },
	{ 0x3400, 0x4dbf },
	{ 0x4e00, 0x9fff },
	{ 0xa000, 0xa4cf },
	{ 0xa960, 0xa97f },
	{ 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6f },
	{ 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1f64f },
	{ 0x1f680, 0x1f6ff },
	{ 0x1f900, 0x1f9ff },
	{ 0x20000, 0x3fffd },
};

static bool
is_in(int32_t c, const struct range *v, size_t n)
{
	for (size_t i = 0; i < n && v[i].from <= c; i++)
		if (c <= v[i].to)
			return true;
	return false;
}

size_t
utf8_width(struct slice s)
{
	size_t width = 0;
	int32_t c;

	while ((c = utf8_next(&s)) != UTF8_END) {
		if (is_in(c, zero_wide, COUNT_OF(zero_wide)))
			continue;
		width += is_in(c, two_wide, COUNT_OF(two_wide)) ? 2 : 1;
	}
	return width;
}
