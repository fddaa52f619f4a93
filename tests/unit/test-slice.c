/* Unit tests of base/slice.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/slice.h"

#include "tap.h"

static void
test_lines(void)
{
	struct slice s = slice_str("a\r\nb\n\r\nlast"), line;
	static const struct {
		const char *line;
		size_t eol;
	} want[] = { { "a", 2 }, { "b", 1 }, { "", 2 }, { "last", 0 } };
	size_t eol;

	for (size_t i = 0; i < COUNT_OF(want); i++) {
		ok(slice_take_line(&s, &line, &eol), "line %zu is there", i);
		is_slice(line, want[i].line, "line %zu", i);
		is_int((int64_t)eol, (int64_t)want[i].eol, "its end");
	}
	ok(!slice_take_line(&s, &line, &eol), "then the end");
}

static void
test_numbers(void)
{
	static const struct {
		const char *in;
		uint64_t max;
		bool ret;
		uint64_t want;
	} rows[] = {
		{ "0", 9, true, 0 },
		{ "10", 9, false, 0 },
		{ "9", 9, true, 9 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "99999999999999999999999", UINT64_MAX, false, 0 },
		{ "", 9, false, 0 },
		{ "1x", 9, false, 0 },
		{ "-1", 9, false, 0 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint64_t v = 0;

		ok(slice_number(slice_str(rows[i].in), rows[i].max, &v) ==
			rows[i].ret,
		    "number '%s'", rows[i].in);
		ok(v == rows[i].want, "its value");
	}
}

static void
test_search(void)
{
	struct slice s = slice_str("Content-Type: text/plain");

	is_int((int64_t)slice_search(s, slice_str("text")), 14, "search");
	ok(slice_search(s, slice_str("TEXT")) == SIZE_MAX, "case counts");
	is_int((int64_t)slice_search_nocase(s, slice_str("TEXT")), 14,
	    "case ignored");
	ok(slice_starts_nocase(s, "content-type"), "starts");
	ok(slice_ends_nocase(s, "PLAIN"), "ends");
	ok(!slice_ends_nocase(slice_str("x"), "long"), "shorter than suffix");
	is_slice(slice_trim(slice_str(" \t a b\r\n")), "a b", "trim");
	is_int(slice_peek(slice_str("")), -1, "peek at the end");
	is_slice(slice_sub(s, 14, SIZE_MAX), "text/plain", "sub is cut");
	is_slice(slice_sub(s, 99, 3), "", "sub beyond the end");
}

int
main(void)
{
	test_lines();
	test_numbers();
	test_search();
	return tap_done();
}
