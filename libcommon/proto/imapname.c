/* Mailbox names (see imapname.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/utf8.h"

#include "proto/imapname.h"

/* Base64 of RFC 3501 5.1.3: "," for "/", no padding. */
static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool
is_direct(int32_t c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* One 16-bit unit after the other makes code points. */
static bool
put_unit(uint32_t unit, uint32_t *high, struct buf *out)
{
	if (*high) {
		if (unit < 0xdc00 || unit > 0xdfff)
			return false;
		utf8_put(out, (int32_t)(0x10000 + ((*high - 0xd800) << 10) +
					unit - 0xdc00));
		*high = 0;
		return true;
	}
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return false;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		*high = unit;
		return true;
	}
	if (is_direct((int32_t)unit) || unit < 0x20 || unit == 0x7f)
		return false;
	utf8_put(out, (int32_t)unit);
	return true;
}

/* What stands between "&" and "-": UTF-16BE in base64. */
static bool
decode_shifted(struct slice s, struct buf *out)
{
	uint32_t bits = 0, high = 0;
	unsigned have = 0;

	while (s.n > 0) {
		const char *d = memchr(digits, slice_get(&s), 64);

		if (!d)
			return false;
		bits = bits << 6 | (uint32_t)(d - digits);
		have += 6;
		if (have < 16)
			continue;
		have -= 16;
		if (!put_unit(bits >> have & 0xffff, &high, out))
			return false;
		bits &= (1u << have) - 1;
	}
	return high == 0 && have < 6 && bits == 0;
}

bool
imapname_decode(struct slice wire, struct buf *out)
{
	if (wire.n > IMAPNAME_MAX)
		return false;
	while (wire.n > 0) {
		int c = slice_get(&wire);
		struct slice shifted;
		bool found;

		if (!is_direct(c))
			return false;
		if (c != '&') {
			buf_char(out, c);
			continue;
		}
		shifted = slice_take_until(&wire, '-', &found);
		if (!found)
			return false;
		if (shifted.n == 0)
			buf_char(out, '&');
		else if (!decode_shifted(shifted, out))
			return false;
	}
	return !buf_over(out);
}

struct shift {
	uint32_t bits;
	unsigned have;
	bool on;
};

static void
shift_unit(struct shift *s, uint32_t unit, struct buf *out)
{
	if (!s->on)
		buf_char(out, '&');
	s->on = true;
	s->bits = s->bits << 16 | unit;
	s->have += 16;
	while (s->have >= 6) {
		s->have -= 6;
		buf_char(out, digits[s->bits >> s->have & 63]);
		s->bits &= (1u << s->have) - 1;
	}
}

static void
shift_end(struct shift *s, struct buf *out)
{
	if (!s->on)
		return;
	if (s->have > 0)
		buf_char(out, digits[s->bits << (6 - s->have) & 63]);
	buf_char(out, '-');
	*s = (struct shift){ 0 };
}

bool
imapname_encode(struct slice utf8, struct buf *out)
{
	struct shift shift = { 0 };
	int32_t c;

	if (utf8.n > IMAPNAME_MAX)
		return false;
	while ((c = utf8_next(&utf8)) != UTF8_END) {
		if (c == UTF8_BAD || c < 0x20 || c == 0x7f)
			return false;
		if (is_direct(c)) {
			shift_end(&shift, out);
			buf_text(out, c == '&' ? "&-" : "");
			if (c != '&')
				buf_char(out, (int)c);
		} else if (c > 0xffff) {
			uint32_t v = (uint32_t)c - 0x10000;

			shift_unit(&shift, 0xd800 + (v >> 10), out);
			shift_unit(&shift, 0xdc00 + (v & 0x3ff), out);
		} else {
			shift_unit(&shift, (uint32_t)c, out);
		}
	}
	shift_end(&shift, out);
	return !buf_over(out);
}
