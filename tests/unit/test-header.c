/* Unit tests of msg/header.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/buf.h"

#include "msg/header.h"

#include "tap.h"

static const struct {
	const char *name, *in;
	size_t count;
	const char *body, *block, *broken, *from_;
} rows[] = {
	{ "CRLF", "A: 1\r\nB: 2\r\n\r\nbody\r\n", 2, "body\r\n",
	    "A: 1\r\nB: 2\r\n", "", "" },
	{ "LF", "A: 1\nB: 2\n\nbody", 2, "body", "A: 1\nB: 2\n", "", "" },
	{ "mixed", "A: 1\r\n b\nB: 2\n\r\nx", 2, "x", "A: 1\r\n b\nB: 2\n", "",
	    "" },
	{ "no body", "A: 1\r\n", 1, "", "A: 1\r\n", "", "" },
	{ "no line end", "A: 1", 1, "", "A: 1", "", "" },
	{ "empty", "", 0, "", "", "", "" },
	{ "empty header", "\r\nbody", 0, "body", "", "", "" },
	{ "mbox line", "From a@b Thu\nA: 1\n\nx", 1, "x", "A: 1\n", "",
	    "From a@b Thu" },
	{ "no field ends it", "A: 1\nno field here\nB: 2\n", 1,
	    "no field here\nB: 2\n", "A: 1\n", "no field here", "" },
	{ "fold of blanks alone", "A: 1\r\n \r\n x\r\n\r\nb", 1, "b",
	    "A: 1\r\n \r\n x\r\n", "", "" },
	{ "a name missing", ": 1\n", 0, ": 1\n", "", ": 1", "" },
};

static void
test_read(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena a = { 0 };
		struct header h;
		struct err e;

		is_int(header_read(slice_str(rows[i].in), &a, &h, &e), 0, "%s",
		    rows[i].name);
		is_int((int64_t)h.count, (int64_t)rows[i].count, "%s: count",
		    rows[i].name);
		is_slice(h.body, rows[i].body, "%s: body", rows[i].name);
		is_slice(h.block, rows[i].block, "%s: block", rows[i].name);
		is_slice(h.broken, rows[i].broken, "%s: broken", rows[i].name);
		is_slice(h.from_, rows[i].from_, "%s: From_", rows[i].name);
		arena_free(&a);
	}
}

static void
test_fields(void)
{
	struct slice in =
	    slice_str("Subject : one\r\n\ttwo \r\nX: =?utf-8?q?=C3=A9?=\"\r\n"
		      "subject:three\r\n\r\n");
	struct arena a = { 0 };
	struct header h;
	struct err e;

	header_read(in, &a, &h, &e);
	is_slice(h.fields[0].name, "Subject", "name, blank before the colon");
	is_slice(h.fields[0].value, " one\r\n\ttwo ", "value with its fold");
	is_slice(
	    h.fields[0].raw, "Subject : one\r\n\ttwo \r\n", "the whole field");
	is_slice(header_value(&h, "subject", &a), "one\ttwo", "unfolded");
	is_int((int64_t)header_count(&h, "SUBJECT"), 2, "two of them");
	is_slice(header_nth(&h, "Subject", 1)->value, "three", "the second");
	ok(!header_nth(&h, "Subject", 2), "no third");
	is_slice(header_nth_last(&h, slice_str("SUBJECT"), 0)->value, "three",
	    "from the bottom");
	ok(!header_nth_last(&h, slice_str("Subject"), 2), "no third there");
	is_slice(header_decoded(&h, "X", &a), "é\"", "decoded");
	is_slice(header_value(&h, "None", &a), "", "none of the name");
	is_str(h.eol, "\r\n", "its line end");
	arena_free(&a);
}

static void
test_limits(void)
{
	struct arena a = { 0 };
	struct header h;
	struct buf b;
	struct err e;

	buf_init(&b, 64u << 20);
	for (size_t i = 0; i <= HEADER_FIELDS_MAX; i++)
		buf_text(&b, "A:\n");
	is_int(header_read(buf_view(&b), &a, &h, &e), -1, "too many fields");
	is_int(e.kind, ERR_DATA, "is bad data");
	buf_reset(&b);
	buf_text(&b, "A: ");
	memset(buf_room(&b, HEADER_BLOCK_MAX), 'x', HEADER_BLOCK_MAX);
	buf_grown(&b, HEADER_BLOCK_MAX);
	is_int(header_read(buf_view(&b), &a, &h, &e), -1, "too large");
	buf_reset(&b);
	for (size_t i = 0; i < HEADER_NAME_MAX; i++)
		buf_char(&b, 'n');
	buf_text(&b, ": v\n");
	header_read(buf_view(&b), &a, &h, &e);
	is_int((int64_t)h.count, 1, "the longest name");
	header_read(slice_str(""), &a, &h, &e);
	buf_free(&b);
	arena_free(&a);
}

static void
test_binary(void)
{
	static const struct {
		struct slice in;
		int want;
	} starts[] = {
		{ { "A: b\0\n", 7 }, 0 },
		{ { "From x\nA: b\0\n", 14 }, 0 },
		{ { "some text\n\t\r\f\n", 14 }, 0 },
		{ { "", 0 }, 0 },
		{ { "\n\0", 2 }, -1 },
		{ { "\0", 1 }, -1 },
		{ { "x\1y", 3 }, -1 },
		{ { "From x\n\1", 8 }, -1 },
	};
	struct err e;

	for (size_t i = 0; i < COUNT_OF(starts); i++)
		is_int(header_refuse_binary(starts[i].in, &e), starts[i].want,
		    "binary %zu", i);
	is_int(e.kind, ERR_DATA, "is bad data");
}

int
main(void)
{
	test_binary();
	test_read();
	test_fields();
	test_limits();
	return tap_done();
}
