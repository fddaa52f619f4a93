/* Unit tests of text/encword.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/encword.h"
#include "text/utf8.h"

#include "tap.h"

static void
test_encode(void)
{
	static const struct {
		enum encword_place place;
		const char *in, *want;
	} rows[] = {
		{ ENCWORD_TEXT, "Hello, World", "Hello, World" },
		{ ENCWORD_TEXT, "caf\xc3\xa9", "=?UTF-8?B?Y2Fmw6k=?=" },
		{ ENCWORD_TEXT, "The cr\xc3\xa8me-br\xc3\xbbl\x65\x65s are out",
		    "The =?UTF-8?B?Y3LDqG1lLWJyw7tsZWVz?= are out" },
		{ ENCWORD_TEXT, "\xc3\xa9 and so on and so on and \xc3\xa9_?",
		    "=?UTF-8?Q?=C3=A9_and_so_on_and_so_on_and_=C3=A9=5F=3F?=" },
		{ ENCWORD_TEXT, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
		    "=?UTF-8?B?5pel5pys6Kqe?=" },
		{ ENCWORD_TEXT, "not =?an?= word",
		    "not =?UTF-8?B?PT9hbj89?= word" },
		{ ENCWORD_TEXT, "tab\tstays", "tab\tstays" },
		{ ENCWORD_TEXT, "bell\x07", "=?UTF-8?Q?bell=07?=" },
		{ ENCWORD_TEXT, "bad \xff", "bad =?UTF-8?B?77+9?=" },
		{ ENCWORD_PHRASE, "Jos\xc3\xa9 Maria Lopezz (x)",
		    "=?UTF-8?Q?Jos=C3=A9_Maria_Lopezz_=28x=29?=" },
		{ ENCWORD_COMMENT, "\xc3\xa9(aaaaaaaaaaaaaaa",
		    "=?UTF-8?Q?=C3=A9=28aaaaaaaaaaaaaaa?=" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&b);
		encword_encode(slice_str(rows[i].in), rows[i].place, &b);
		is_slice(buf_view(&b), rows[i].want, "encode '%s'", rows[i].in);
	}
	buf_free(&b);
}

/* Words keep to their length, split no character, and read back. */
static void
test_long(void)
{
	static const char *const units[] = { "\xc3\xa9", "\xe6\x97\xa5",
		"\xf0\x9f\x98\x80", "abc \xc3\xa9 ",
		("\xc3\xa9"
		 "aaaaaaaa") };
	struct buf in, made, back;

	buf_init(&in, 4000);
	buf_init(&made, 20000);
	buf_init(&back, 4000);
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		struct slice rest, word;
		size_t longest = 0;
		int split = 0;

		buf_reset(&in);
		buf_reset(&made);
		buf_reset(&back);
		for (int n = 0; n < 100; n++)
			buf_text(&in, units[i]);
		encword_encode(buf_view(&in), ENCWORD_PHRASE, &made);
		for (rest = buf_view(&made); rest.n;) {
			word = slice_take_until(&rest, ' ', NULL);
			longest = word.n > longest ? word.n : longest;
			buf_reset(&back);
			encword_decode(word, &back);
			split += slice_search(buf_view(&back),
				     slice_str("\xef\xbf\xbd")) != SIZE_MAX;
		}
		ok(longest <= ENCWORD_MAX && longest > ENCWORD_MAX - 12,
		    "longest word of %zu: %zu", i, longest);
		ok(slice_find(buf_view(&made), ' ') <= 60, "first word");
		is_int(split, 0, "no character is split");
		buf_reset(&back);
		encword_decode(buf_view(&made), &back);
		ok(slice_equal(buf_view(&in), buf_view(&back)), "reads back");
	}
	buf_free(&in);
	buf_free(&made);
	buf_free(&back);
}

static void
test_phrase(void)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "", "" },
		{ "Jo Doe", "Jo Doe" },
		{ "Jo  Doe", "\"Jo  Doe\"" },
		{ "John Q. Public", "\"John Q. Public\"" },
		{ "say \"hi\"", "\"say \\\"hi\\\"\"" },
		{ "Zo\xc3\xab", "=?UTF-8?Q?Zo=C3=AB?=" },
		{ " x", "\" x\"" },
		{ "x ", "\"x \"" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&b);
		encword_phrase(slice_str(rows[i].in), &b);
		is_slice(buf_view(&b), rows[i].want, "phrase '%s'", rows[i].in);
	}
	buf_free(&b);
}

static void
test_decode(void)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "plain", "plain" },
		{ "=?iso-8859-1?q?a=E9_b?=", "a\xc3\xa9 b" },
		{ "=?UTF-8*en?B?w6k=?= x", "\xc3\xa9 x" },
		/* RFC 2047, section 8. */
		{ "=?ISO-8859-1?Q?a?= b", "a b" },
		{ "=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab" },
		{ "=?ISO-8859-1?Q?a?=  \r\n =?ISO-8859-1?Q?b?=", "ab" },
		{ "=?ISO-8859-1?Q?a_b?=", "a b" },
		{ "=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b" },
		/* A character split over two words. */
		{ "=?utf-8?Q?=E2=82?= =?UTF-8?B?rA==?=", "\xe2\x82\xac" },
		{ "=?utf-8?Q?=E2=82?= x", "\xef\xbf\xbd x" },
		{ "x=?utf-8?q?y?=z", "xyz" },
		{ "=?utf-8?q?y z?=", "y z" },
		{ "=?x-none?q?y?= =?x-none?q?z?=",
		    "=?x-none?q?y?= =?x-none?q?z?=" },
		{ "=?utf-8?x?y?=", "=?utf-8?x?y?=" },
		{ "=?utf-8?q?y", "=?utf-8?q?y" },
		{ "=?=?utf-8?q?y?=", "=?y" },
		{ "fold\r\n ed \xe9", "fold ed \xc3\xa9" },
		{ "=?utf-8?q?a=0D=0ABcc:_x=00?=", "a  Bcc: x " },
		{ "=?utf-8?q?=4?= =?utf-8?b?!!?=", "=4" },
		{ " =?utf-8?q?a?= ", " a " },
		{ "", "" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&b);
		encword_decode(slice_str(rows[i].in), &b);
		is_slice(buf_view(&b), rows[i].want, "decode '%s'", rows[i].in);
	}
	buf_free(&b);
}

int
main(void)
{
	test_encode();
	test_long();
	test_phrase();
	test_decode();
	return tap_done();
}
