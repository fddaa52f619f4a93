/* Unit tests of text/charset.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/charset.h"

#include "tap.h"

static void
test_convert(void)
{
	static const struct {
		const char *label, *in;
		bool ret;
		const char *want;
	} rows[] = {
		{ "utf-8", "\xc3\xa9", true, "\xc3\xa9" },
		{ "UTF8", "\xe9", true, "\xef\xbf\xbd" },
		{ "us-ascii", "a\xc3\xa9", true, "a\xc3\xa9" },
		{ "us-ascii", "a\xe9\x80", true, "a\xc3\xa9\xe2\x82\xac" },
		{ " ISO-8859-1 ", "\xe9\x80\x81", true,
		    "\xc3\xa9\xe2\x82\xac\xc2\x81" },
		{ "windows-1252", "\x93q\x94", true,
		    "\xe2\x80\x9cq\xe2\x80\x9d" },
		{ "iso-8859-15", "\xa4", true, "\xe2\x82\xac" },
		{ "koi8-r", "\xf0\xd2", true, "\xd0\x9f\xd1\x80" },
		{ "gb2312", "\xc4\xe3", true, "\xe4\xbd\xa0" },
		{ "Shift_JIS", "\x93\xfa", true, "\xe6\x97\xa5" },
		{ "iso-2022-jp", "\x1b$BF|\x1b(B.", true, "\xe6\x97\xa5." },
		{ "euc-kr", "\xc7\xd1", true, "\xed\x95\x9c" },
		{ "big5", "\xa4\xa4", true, "\xe4\xb8\xad" },
		/* Not convertible, and cut off. */
		{ "euc-kr",
		    "a\xff"
		    "b",
		    true,
		    "a\xef\xbf\xbd"
		    "b" },
		{ "gb2312", "a\xc4", true, "a\xef\xbf\xbd" },
		{ "", "a\xe9", true, "a\xc3\xa9" },
		{ "", "a\xc3\xa9", true, "a\xc3\xa9" },
		{ "x-unknown", "a\xe9", false, "a\xc3\xa9" },
		{ "utf-8//TRANSLIT", "a", false, "a" },
		{ "iso-2022-cn-ext", "a", false, "a" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice label = slice_str(rows[i].label);

		buf_reset(&b);
		ok(charset_to_utf8(label, slice_str(rows[i].in), &b) ==
			rows[i].ret,
		    "from '%s'", rows[i].label);
		is_slice(buf_view(&b), rows[i].want, "its text");
		ok(charset_known(label) == (rows[i].ret && label.n), "known");
	}
	buf_free(&b);
}

/* More than one step of the converter. */
static void
test_long(void)
{
	char in[20001];
	struct buf b;

	memset(in, '\xd0', sizeof(in));
	buf_init(&b, 100000);
	ok(charset_to_utf8(slice_str("koi8-r"), slice_of(in, sizeof(in)), &b),
	    "long text");
	is_int((int64_t)b.n, 2 * (int64_t)sizeof(in), "whole");
	buf_free(&b);
	buf_init(&b, 1000);
	charset_to_utf8(slice_str("koi8-r"), slice_of(in, sizeof(in)), &b);
	ok(buf_over(&b), "the maximum holds");
	buf_free(&b);
}

int
main(void)
{
	test_convert();
	test_long();
	return tap_done();
}
