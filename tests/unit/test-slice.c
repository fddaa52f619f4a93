/* Unit tests of base/slice.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/eight.h"
#include "base/octets.h"
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

static void
test_take(void)
{
	struct slice s = slice_str("key=value");
	bool found;

	is_slice(slice_take_until(&s, '=', &found), "key", "before");
	ok(found, "found");
	is_slice(slice_take_until(&s, '=', &found), "value", "to the end");
	ok(!found && !s.n, "not found");
	is_int(slice_get(&s), -1, "get at the end");
	s = slice_str("Subject: x");
	ok(!slice_take_prefix(&s, "subject"), "prefix: case counts");
	ok(slice_take_prefix_nocase(&s, "subject"), "unless it does not");
	is_slice(s, ": x", "taken");
	is_slice(slice_take(&s, 99), ": x", "no more than there is");
	s = slice_str("12ab");
	is_slice(slice_take_while(&s, ascii_is_digit), "12", "while");
	is_int((int64_t)slice_find_last(slice_str("a.b.c"), '.'), 3, "last");
	ok(slice_find(slice_str(""), 'x') == SIZE_MAX, "nothing in nothing");
	ok(slice_search(slice_str("x"), slice_str("")) == 0, "empty needle");
}

static void
test_compare(void)
{
	static const struct {
		const char *a, *b;
		int bytes, nocase; /* sign */
	} rows[] = {
		{ "", "", 0, 0 },
		{ "a", "", 1, 1 },
		{ "a", "ab", -1, -1 },
		{ "b", "ab", 1, 1 },
		{ "A", "a", -1, 0 },
		{ "\xff", "a", 1, 1 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice a = slice_str(rows[i].a);
		struct slice b = slice_str(rows[i].b);
		int c = slice_compare(a, b), n = slice_compare_nocase(a, b);

		is_int((c > 0) - (c < 0), rows[i].bytes, "compare %zu", i);
		is_int((n > 0) - (n < 0), rows[i].nocase, "without case");
		ok(slice_equal(a, b) == !rows[i].bytes, "equal");
		ok(slice_equal_nocase(a, b) == !rows[i].nocase, "so too");
	}
}

static void
test_utf8(void)
{
	static const struct {
		const char *name, *in;
		size_t width;
		uint32_t want;
	} rows[] = {
		{ "nothing", "", 0, 0 },
		{ "ASCII", "a", 1, 'a' },
		{ "two octets", "\xc2\x80", 2, 0x80 },
		{ "three", "\xe2\x82\xac", 3, 0x20ac },
		{ "four", "\xf0\x9f\x98\x80", 4, 0x1f600 },
		{ "the last", "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "beyond the last", "\xf4\x90\x80\x80", 0, 0 },
		{ "a tail", "\x80", 0, 0 },
		{ "overlong of two", "\xc1\xbf", 0, 0 },
		{ "overlong of three", "\xe0\x9f\xbf", 0, 0 },
		{ "overlong of four", "\xf0\x8f\xbf\xbf", 0, 0 },
		{ "surrogate", "\xed\xa0\x80", 0, 0 },
		{ "cut", "\xe2\x82", 0, 0 },
		{ "bad tail", "\xe2\x82x", 0, 0 },
		{ "never", "\xff", 0, 0 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint32_t c = 0;

		is_int((int64_t)slice_peek_utf8(slice_str(rows[i].in), &c),
		    (int64_t)rows[i].width, "UTF-8: %s", rows[i].name);
		is_int(c, rows[i].want, "its code point");
	}
}

/* The first place, by looking at each. */
static size_t
place_of(struct slice s, struct slice needle)
{
	for (size_t i = 0; i + needle.n <= s.n; i++)
		if (memcmp(s.p + i, needle.p, needle.n) == 0)
			return i;
	return SIZE_MAX;
}

/* Answers about eight octets, against one at a time. */
static void
test_eight(void)
{
	unsigned wrong = 0;
	char text[8];

	for (unsigned n = 0; n < 256 * 8; n++) {
		int c = (int)(n / 8);
		uint64_t v, bit = (uint64_t)0x80 << n % 8 * 8;

		memcpy(text,
		    "a \xff"
		    "b:~\x80"
		    "A",
		    8);
		text[n % 8] = (char)c;
		v = eight_load(text, 8);
		wrong += !(eight_are(v, c & 0x7f) & bit) == (c < 128);
		wrong += !(eight_are(v, ':') & bit) == (c == ':');
		wrong += ((eight_small(v) >> n % 8 * 8) & 0xff) !=
		         (unsigned)ascii_lower(c);
	}
	is_int(wrong, 0, "octets of all kinds at all places");
	is_int((int64_t)eight_first(eight_are(eight_load("xyz", 3), 'z')), 2,
	    "the first");
}

/* The same about sixteen. */
static void
test_octets(void)
{
	static const struct {
		const char *in, *name;
		bool blank, flat;
	} flat[] = { { "a b c d e f g h ", "flat", false, true },
		{ "a  c d e f g h i", "two blanks", false, false },
		{ " b c d e f g h i", "a second one", true, false },
		{ " b c d e f g h i", "a first one", false, true },
		{ "a b c d e f g\t h", "a control octet", false, false },
		{ "a b c d e f g \xc3h", "no ASCII", false, false } };
	unsigned wrong = 0;
	char text[OCTETS];

	for (unsigned n = 0; n < 256 * OCTETS; n++) {
		int c = (int)(n / OCTETS);
		unsigned at = n % OCTETS;
		bool alnum = ascii_is_alpha(c) || ascii_is_digit(c);
		octets v;

		memcpy(text, "a \xff~:B\x80z a{@[`/9", OCTETS);
		text[at] = (char)c;
		v = octets_load(text);
		wrong += (octets_mask(octets_alnum(v)) >> at & 1) != alnum;
		wrong +=
		    (octets_mask(octets_are(v, ':')) >> at & 1) != (c == ':');
		wrong += (octets_mask(octets_between(v, ' ', '~')) >> at & 1) !=
		         (c >= ' ' && c <= '~');
		wrong += octets_any(octets_are(v, c)) != true;
		octets_store(text, octets_small(v));
		wrong += (unsigned char)text[at] != ascii_lower(c);
	}
	is_int(wrong, 0, "octets of all kinds at all of sixteen places");
	for (size_t i = 0; i < COUNT_OF(flat); i++)
		ok(octets_flat(octets_load(flat[i].in), flat[i].blank) ==
			flat[i].flat,
		    "sixteen: %s", flat[i].name);
}

static void
test_find_pair(void)
{
	unsigned wrong = 0;
	char text[100];

	for (size_t n = 0; n < sizeof(text); n++)
		for (size_t at = 0; at < sizeof(text); at++) {
			size_t want = at + 1 < n ? at : SIZE_MAX;

			memset(text, '\n', n);
			text[at] = '\n';
			if (at + 1 < sizeof(text))
				text[at + 1] = at % 2 ? 'F' : '>';
			wrong += slice_find_pair(
				     slice_of(text, n), '\n', 'F', '>') != want;
			memset(text, 'x', sizeof(text));
		}
	is_int(wrong, 0, "pairs at all places of texts of all lengths");
}

/* Every text of 8 octets of three kinds. */
static void
test_search_all(void)
{
	static const char *const needles[] = { "F", "aF", "\nF", "FF", "aFa",
		"\nFaF", "aaF", "FaaFaaFaa", "aaaaaaaaF", "ab", "\na>" };
	unsigned wrong = 0;

	for (unsigned n = 0; n < 6561; n++) {
		char text[8];

		for (unsigned i = 0, left = n; i < 8; i++, left /= 3)
			text[i] = "aF\n"[left % 3];
		for (size_t k = 0; k < COUNT_OF(needles); k++)
			for (size_t from = 0; from < 3; from++) {
				struct slice s =
				    slice_of(text + from, 8 - from);
				struct slice needle = slice_str(needles[k]);

				wrong += slice_search(s, needle) !=
				         place_of(s, needle);
			}
	}
	is_int(wrong, 0, "a needle is found where it is");
}

static void
test_unhex(void)
{
	static const char *const wrong[] = { "", "00f", "00fF1", "00fF10a",
		"00fF1g", "0 fF10", "00:F10" };
	unsigned char out[3] = { 1, 1, 1 };

	ok(slice_unhex(slice_str("00fF1a"), out, sizeof(out)) &&
		memcmp(out, "\0\xff\x1a", 3) == 0,
	    "octets in hexadecimal");
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		ok(!slice_unhex(slice_str(wrong[i]), out, sizeof(out)),
		    "'%s' is not three of them", wrong[i]);
}

int
main(void)
{
	test_search();
	test_search_all();
	test_unhex();
	test_eight();
	test_octets();
	test_find_pair();
	test_take();
	test_compare();
	test_utf8();
	test_lines();
	test_numbers();
	return tap_done();
}
