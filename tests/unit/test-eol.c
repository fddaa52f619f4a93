/* Unit tests of text/eol.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "text/eol.h"

#include "tap.h"

static void
test_scan(void)
{
	static const struct {
		const char *in;
		int64_t crlf_size, lines, bare_lf, bare_cr, eight, longest,
		    longest_line;
		bool open, canonical;
	} rows[] = {
		{ "", 0, 0, 0, 0, 0, 0, 0, false, true },
		{ "a\r\n", 3, 1, 0, 0, 0, 1, 1, false, true },
		{ "a\nbcd\n", 8, 2, 2, 0, 0, 3, 2, false, false },
		{ "a\r\nb", 6, 2, 0, 0, 0, 1, 1, true, false },
		{ "a\r\nb\rc\r\n", 8, 2, 0, 2, 0, 3, 2, false, false },
		{ "a\r\r\n", 4, 1, 0, 1, 0, 2, 1, false, false },
		{ "\r", 3, 1, 0, 1, 0, 1, 1, true, false },
		{ "a\n\xc3\xa9\r\n\xff", 10, 3, 1, 0, 2, 2, 2, true, false },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct eol_facts f;

		eol_scan(slice_str(rows[i].in), &f);
		is_int((int64_t)f.size, (int64_t)strlen(rows[i].in),
		    "text %zu size", i);
		is_int((int64_t)f.crlf_size, rows[i].crlf_size, "canonical");
		is_int((int64_t)f.lines, rows[i].lines, "lines");
		is_int((int64_t)f.bare_lf, rows[i].bare_lf, "bare LF");
		is_int((int64_t)f.bare_cr_line, rows[i].bare_cr, "bare CR");
		is_int((int64_t)f.eight_bit_line, rows[i].eight, "8-bit");
		is_int((int64_t)f.longest, rows[i].longest, "longest");
		is_int((int64_t)f.longest_line, rows[i].longest_line, "where");
		is_int((int64_t)f.nul_line, 0, "no NUL");
		ok(f.open_end == rows[i].open, "open end");
		ok(eol_is_canonical(&f) == rows[i].canonical, "is canonical");
	}
}

/* One odd octet in a long text is found, with its line, wherever it stands. */
static void
test_places(void)
{
	char text[300];
	int wrong = 0;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = "123456789\n"[i % 10];
	for (size_t i = 0; i < sizeof(text); i++) {
		struct slice s = slice_of(text, sizeof(text));
		uint64_t line = i / 10 + 1;
		char was = text[i];
		struct eol_facts f;

		text[i] = '\0';
		eol_scan(s, &f);
		wrong += f.nul_line != line || f.eight_bit_line;
		text[i] = '\xe9';
		eol_scan(s, &f);
		wrong += f.eight_bit_line != line || f.nul_line;
		text[i] = '\r';
		eol_scan(s, &f);
		wrong += f.bare_cr_line != (i % 10 == 8 ? 0 : line);
		text[i] = was;
	}
	is_int(wrong, 0, "odd octets are found wherever they stand");
}

/* However a text is cut at the ends of lines, the facts are those of it whole.
 */
static void
test_pieces(void)
{
	const struct slice whole =
	    slice_str("a\nb\r\nc\rd\r\n\xc3\xa9\r\nlonger\n\r\n\xff\rx\nlast");
	struct eol_facts want;

	eol_scan(whole, &want);
	for (size_t about = 0; about < whole.n; about++) {
		struct eol_facts f = { 0 };
		struct slice rest = whole;

		while (rest.n)
			eol_scan_more(eol_take_lines(&rest, about), &f);
		ok(memcmp(&f, &want, sizeof(f)) == 0, "pieces of %zu", about);
	}
}

static void
test_long_line(void)
{
	char text[2 * EOL_LINE_MAX + 10];
	struct eol_facts f;

	memset(text, 'x', sizeof(text));
	memcpy(text + EOL_LINE_MAX, "\r\n", 2);
	text[sizeof(text) - 1] = '\n';
	eol_scan(slice_of(text, sizeof(text)), &f);
	is_int((int64_t)f.long_line, 2, "998 pass, 1007 do not");
	is_int((int64_t)f.longest, EOL_LINE_MAX + 7, "the longest");
}

/* The text in pieces of step octets, dots doubled or not. */
static void
walk(struct slice in, size_t step, bool dots, struct buf *out)
{
	struct eol_walk w = { .dots = dots };
	struct slice piece;

	while (in.n) {
		eol_feed(&w, slice_take(&in, step));
		while (eol_next(&w, &piece))
			buf_slice(out, piece);
	}
	buf_slice(out, eol_end(&w));
}

static void
test_walk(void)
{
	static const struct {
		const char *in, *plain, *dots;
	} rows[] = {
		{ "", "", "" },
		{ "a", "a\r\n", "a\r\n" },
		{ "a\nb\r\nc", "a\r\nb\r\nc\r\n", "a\r\nb\r\nc\r\n" },
		{ ".\n..\r\n.a.\n", ".\r\n..\r\n.a.\r\n",
		    "..\r\n...\r\n..a.\r\n" },
		{ "\n\n", "\r\n\r\n", "\r\n\r\n" },
		{ "a\rb\r\r\n.", "a\rb\r\r\n.\r\n", "a\rb\r\r\n..\r\n" },
		{ "a\r\n.\r\n", "a\r\n.\r\n", "a\r\n..\r\n" },
		{ "\n.\n", "\r\n.\r\n", "\r\n..\r\n" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t step = 1; step < 8; step++) {
			buf_reset(&b);
			walk(slice_str(rows[i].in), step, false, &b);
			is_slice(buf_view(&b), rows[i].plain, "walk %zu by %zu",
			    i, step);
			buf_reset(&b);
			walk(slice_str(rows[i].in), step, true, &b);
			is_slice(buf_view(&b), rows[i].dots, "with dots");
		}
	buf_reset(&b);
	eol_to_lf(slice_str("a\r\nb\nc\rd\r\ne"), &b);
	is_slice(buf_view(&b), "a\nb\nc\rd\ne", "to LF");
	buf_free(&b);
}

static void
test_no_copy(void)
{
	struct slice in = slice_str("a\r\n\r\nb .c\r\n"), piece;
	struct eol_walk w = { .dots = true };

	eol_feed(&w, in);
	ok(eol_next(&w, &piece) && piece.p == in.p && piece.n == in.n,
	    "a canonical text comes out as one piece of itself");
	ok(!eol_next(&w, &piece), "and no more");
}

static void
test_undot(void)
{
	static const struct {
		const char *in, *want;
		bool done;
		const char *rest;
		int64_t bare_cr, bare_lf;
	} rows[] = {
		{ ".\r\n", "", true, "", 0, 0 },
		{ "a\r\n.\r\nQUIT\r\n", "a\r\n", true, "QUIT\r\n", 0, 0 },
		{ "a\r\n..\r\n..b\r\n.\r\n", "a\r\n.\r\n.b\r\n", true, "", 0,
		    0 },
		{ ".b\r\n.\r\n", "b\r\n", true, "", 0, 0 },
		{ "a\r\nb", "a\r\nb", false, "", 0, 0 },
		{ "a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", true, "", 0, 1 },
		{ "a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", true, "", 0, 1 },
		{ "a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", true, "", 0, 2 },
		{ "a\r.\rb\r\n.\r\n", "a\r.\rb\r\n", true, "", 1, 0 },
		{ "a\r\n.\r.\r\n.\r\n", "a\r\n\r.\r\n", true, "", 2, 0 },
		{ "a\r\n.\r\r\nb\r\n.\r\n", "a\r\n\r\r\nb\r\n", true, "", 2,
		    0 },
		{ "a\r\r\n.\r\n", "a\r\r\n", true, "", 1, 0 },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t step = 1; step < 20; step++) {
			struct slice in = slice_str(rows[i].in), got, piece;
			struct eol_undot u = { 0 };

			buf_reset(&b);
			do {
				got = slice_take(&in, step);
				while (eol_undot(&u, &got, &piece))
					buf_slice(&b, piece);
			} while (!u.done && in.n);
			is_slice(buf_view(&b), rows[i].want, "undot %zu by %zu",
			    i, step);
			ok(u.done == rows[i].done, "done");
			in = slice_of(in.p - got.n, in.n + got.n);
			is_slice(in, rows[i].rest, "the rest");
			is_int((int64_t)u.bare_cr_line, rows[i].bare_cr,
			    "bare CR");
			is_int((int64_t)u.bare_lf_line, rows[i].bare_lf,
			    "bare LF");
		}
	buf_free(&b);
}

static void
test_first_long(void)
{
	static const struct {
		const char *in;
		size_t max;
		int64_t want;
	} rows[] = {
		{ "", 3, -1 },
		{ "abc", 3, -1 },
		{ "abcd", 3, 0 },
		{ "abc\nabcd", 3, 4 },
		{ "abc\nabc\n", 3, -1 },
		{ "\n\nabcd\nabcde", 3, 2 },
		{ "\n", 0, -1 },
		{ "\na", 0, 1 },
		{ "a\nb\nabcd\n", 3, 4 },
		{ "a\nbcde\nf\n", 3, 2 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		is_int((int64_t)eol_long_line(
			   slice_str(rows[i].in), rows[i].max, NULL),
		    rows[i].want, "first long line %zu", i);
}

int
main(void)
{
	test_scan();
	test_first_long();
	test_places();
	test_pieces();
	test_long_line();
	test_walk();
	test_no_copy();
	test_undot();
	return tap_done();
}
