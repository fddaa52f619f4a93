/* Unit tests of text/utf8.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/utf8.h"

#include "tap.h"

static void
test_text(void)
{
	static const struct {
		const char *in;
		bool ascii, valid;
		const char *sane;
		int64_t width;
	} rows[] = {
		{ "", true, true, "", 0 },
		{ "abc", true, true, "abc", 3 },
		{ "h\xc3\xa9!", false, true, "h\xc3\xa9!", 3 },
		{ "e\xcc\x81", false, true, "e\xcc\x81", 1 },
		{ "\xe4\xb8\xad\xe6\x96\x87", false, true,
		    "\xe4\xb8\xad\xe6\x96\x87", 4 },
		{ "\xf0\x9f\x98\x80", false, true, "\xf0\x9f\x98\x80", 2 },
		{ "\xff", false, false, "\xef\xbf\xbd", 1 },
		{ "a\x80z", false, false, "a\xef\xbf\xbdz", 3 },
		{ "\xc0\xaf", false, false, "\xef\xbf\xbd\xef\xbf\xbd", 2 },
		{ "\xed\xa0\x80", false, false,
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3 },
		{ "\xf4\x90\x80\x80", false, false,
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 4 },
		/* The maximal subpart is one U+FFFD (Unicode, table 3-8). */
		{ "a\xf1\x80\x80\xe1\x80\xc2z", false, false,
		    "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz", 5 },
		{ "cut\xe2\x82", false, false, "cut\xef\xbf\xbd", 4 },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice s = slice_str(rows[i].in);

		ok(utf8_is_ascii(s) == rows[i].ascii, "text %zu ascii", i);
		ok(utf8_valid(s) == rows[i].valid, "valid");
		is_int((int64_t)utf8_width(s), rows[i].width, "width");
		buf_reset(&b);
		utf8_sanitise(s, &b);
		is_slice(buf_view(&b), rows[i].sane, "sane");
	}
	buf_free(&b);
}

/* Every place in a text longer than the blocks that are looked at. */
static void
test_places(void)
{
	char text[200];
	int wrong = 0;

	memset(text, 'x', sizeof(text));
	ok(utf8_is_ascii(slice_of(text, sizeof(text))), "long ascii");
	for (size_t i = 0; i < sizeof(text); i++) {
		text[i] = '\x80';
		wrong += utf8_is_ascii(slice_of(text, sizeof(text)));
		wrong += utf8_valid(slice_of(text, sizeof(text)));
		text[i] = 'x';
	}
	is_int(wrong, 0, "one octet is found wherever it stands");
}

/* Every code point reads back as itself. */
static void
test_round_trip(void)
{
	int wrong = 0;
	struct buf b;

	buf_init(&b, 8);
	for (int32_t c = 0; c <= 0x110000; c++) {
		bool good = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
		struct slice s;

		buf_reset(&b);
		utf8_put(&b, c);
		s = buf_view(&b);
		wrong += !utf8_valid(s);
		wrong += utf8_next(&s) != (good ? c : UTF8_REPLACEMENT);
		wrong += s.n != 0;
	}
	buf_free(&b);
	is_int(wrong, 0, "every code point");
}

static void
test_cut(void)
{
	struct slice s = slice_str("a\xe2\x82\xac"
				   "b");
	static const int64_t want[] = { 0, 1, 1, 1, 4, 5, 5 };

	for (size_t i = 0; i < COUNT_OF(want); i++)
		is_int((int64_t)utf8_cut(s, i).n, want[i], "cut at %zu", i);
	is_int((int64_t)utf8_cut(slice_str("\x80\x80\x80\x80\x80\x80"), 4).n, 4,
	    "no characters at all");
}

int
main(void)
{
	test_text();
	test_places();
	test_round_trip();
	test_cut();
	return tap_done();
}
