/* Unit tests of text/param.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "text/param.h"

#include "tap.h"

static void
test_parse(void)
{
	static const struct {
		const char *in, *name, *want; /* null: not there */
		bool flawed, duplicate;
	} rows[] = {
		{ "", "a", NULL, false, false },
		{ "; charset=us-ascii (Plain text)", "CHARSET", "us-ascii",
		    false, false },
		{ " ; a = \"x;\\\"y\" ; b=2", "a", "x;\"y", false, false },
		{ "; a=1;; b=2;", "b", "2", false, false },
		{ ";a=1;A=2", "a", "1", false, true },
		/* RFC 2231, sections 3 and 4. */
		{ "; URL*0=\"ftp://\";\r\n URL*1=\"cs.utk.edu\"", "url",
		    "ftp://cs.utk.edu", false, false },
		{ "; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
		    "title", "This is ***fun***", false, false },
		{ "; title*0*=us-ascii'en'This%20is%20even%20more%20"
		  "; title*1*=%2A%2A%2Afun%2A%2A%2A%20"
		  "; title*2=\"isn't it!\"",
		    "title", "This is even more ***fun*** isn't it!", false,
		    false },
		{ "; t*1=b; t*0=a; t*3=d", "t", "ab", false, false },
		{ "; t*1=b", "t", "", false, false },
		{ "; f*=iso-8859-1''%E9; f=e", "f", "\xc3\xa9", false, false },
		{ "; f=e; f*=utf-8''%C3%A9", "f", "\xc3\xa9", false, false },
		{ "; f*=utf-8''100%; g=1", "f", "100%", false, false },
		{ "; f*=%C3%A9", "f", "\xc3\xa9", false, false },
		{ "; f*0*=utf-8''%C3; f*1*=%A9", "f", "\xc3\xa9", false,
		    false },
		/* What is seen and forbidden. */
		{ "; f=\"=?utf-8?q?=C3=A9?=.txt\"", "f", "\xc3\xa9.txt", false,
		    false },
		{ "; f=my file.pdf; g=1", "f", "my file.pdf", true, false },
		{ "; f=r\xe9sum\xe9.doc", "f", "r\xc3\xa9sum\xc3\xa9.doc", true,
		    false },
		{ "; f=\"open; g=1", "g", "1", true, false },
		{ "; =1; g=1", "g", "1", true, false },
		{ "; f; g=1", "g", "1", true, false },
		{ "; f=; g=1", "f", "", true, false },
		{ "; f*x*=1; g=1", "g", "1", true, false },
		{ "junk; g=1", "g", "1", true, false },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct param_list l;
		const struct slice *v;

		param_parse(slice_str(rows[i].in), &a, &l);
		v = param_get(&l, rows[i].name);
		ok(!v == !rows[i].want, "'%s' there", rows[i].in);
		if (v)
			is_slice(*v, rows[i].want, "its value");
		ok(l.flawed == rows[i].flawed, "flawed");
		ok(l.duplicate == rows[i].duplicate, "duplicate");
	}
	arena_free(&a);
}

static void
test_limit(void)
{
	struct arena a = { 0 };
	struct param_list l;
	struct buf b;

	buf_init(&b, 100000);
	for (int i = 0; i < 2 * PARAM_PARTS_MAX; i++)
		buf_fmt(&b, ";p%d=%d", i, i);
	param_parse(buf_view(&b), &a, &l);
	is_int((int64_t)l.n, PARAM_MAX, "so many parameters at most");
	ok(l.flawed, "said so");
	buf_free(&b);
	arena_free(&a);
}

static void
test_put(void)
{
	static const struct {
		const char *value, *want;
	} rows[] = {
		{ "a.txt", "; filename=a.txt" },
		{ "a b.txt", "; filename=\"a b.txt\"" },
		{ "a\"b", "; filename=\"a\\\"b\"" },
		{ "", "; filename=\"\"" },
		{ "\xc3\xa9.txt", "; filename*=UTF-8''%C3%A9.txt" },
		{ "it's %*", "; filename=\"it's %*\"" },
		{ "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwx.txt",
		    ";\r\n filename=abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"
		    "qrstuvwx.txt" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t column = 31; /* Content-Disposition: attachment */

		buf_reset(&b);
		param_put("filename", slice_str(rows[i].value), &column, &b);
		is_slice(buf_view(&b), rows[i].want, "put '%s'", rows[i].value);
	}
	buf_free(&b);
}

/* What is put is read back, on lines of at most 78. */
static void
test_round_trip(void)
{
	static const char *const units[] = { "a", "\xc3\xa9", " ", "\"", "%" };
	struct arena a = { 0 };
	struct buf in, made;

	buf_init(&in, 5000);
	buf_init(&made, 50000);
	for (size_t i = 0; i < COUNT_OF(units) * 40; i++) {
		struct slice rest, line;
		size_t longest = 0, column = 22;
		struct param_list l;

		buf_reset(&in);
		buf_reset(&made);
		for (size_t n = 0; n <= i; n++)
			buf_text(&in, units[i % COUNT_OF(units)]);
		buf_text(&made, "Content-Type: text/pla");
		param_put("name", buf_view(&in), &column, &made);
		rest = buf_view(&made);
		while (slice_take_line(&rest, &line, NULL))
			longest = line.n > longest ? line.n : longest;
		rest = slice_sub(buf_view(&made), 22, SIZE_MAX);
		param_parse(rest, &a, &l);
		ok(l.n == 1 && !l.flawed &&
			slice_equal(l.v[0].value, buf_view(&in)) &&
			longest <= 78,
		    "round trip %zu: %s", i, longest > 78 ? "long" : "");
	}
	buf_free(&in);
	buf_free(&made);
	arena_free(&a);
}

int
main(void)
{
	test_parse();
	test_limit();
	test_put();
	test_round_trip();
	return tap_done();
}
