/* Unit tests of text/fold.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/fold.h"

#include "tap.h"

#define X30 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void
test_field(void)
{
	static const struct {
		const char *name, *value, *want;
	} rows[] = {
		{ "Subject", "short", "Subject: short\r\n" },
		{ "X", "", "X:\r\n" },
		{ "X", "  a  b ", "X: a  b\r\n" },
		{ "X", "a\r\nb\nc", "X: a b c\r\n" },
		{ "To", X30 " " X30 " " X30,
		    "To: " X30 " " X30 "\r\n " X30 "\r\n" },
		{ "To", X30 "\r\n\t" X30 " " X30,
		    "To: " X30 "\t" X30 "\r\n " X30 "\r\n" },
		/* 78 characters just fit, 79 do not. */
		{ "A", X30 " " X30 " xxxxxxxxxxxxx",
		    "A: " X30 " " X30 " xxxxxxxxxxxxx\r\n" },
		{ "A", X30 " " X30 " xxxxxxxxxxxxxx",
		    "A: " X30 " " X30 "\r\n xxxxxxxxxxxxxx\r\n" },
		/* A first word that fits on a line of its own gets one, a
		 * longer one stays behind the name. */
		{ "Subject", X30 X30 "xxxxxxxxxxxxx",
		    "Subject:\r\n " X30 X30 "xxxxxxxxxxxxx\r\n" },
		{ "Subject", X30 X30 X30 " b",
		    "Subject: " X30 X30 X30 "\r\n b\r\n" },
	};
	struct buf b;

	buf_init(&b, 5000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&b);
		ok(fold_field(rows[i].name, slice_str(rows[i].value), &b),
		    "field %zu", i);
		is_slice(buf_view(&b), rows[i].want, "folded");
	}
	buf_free(&b);
}

static void
test_long(void)
{
	char word[FOLD_MAX];
	struct buf b;

	memset(word, 'x', sizeof(word));
	buf_init(&b, 5000);
	buf_text(&b, "before");
	ok(fold_field("Subject", slice_of(word, FOLD_MAX - 1), &b), "fits");
	is_slice(slice_sub(buf_view(&b), 0, 18), "beforeSubject:\r\n x",
	    "on a line of its own");
	buf_reset(&b);
	buf_text(&b, "before");
	ok(!fold_field("Subject", slice_of(word, FOLD_MAX), &b), "too long");
	is_slice(buf_view(&b), "before", "left as it was");
	buf_free(&b);
}

static void
test_unfold(void)
{
	struct buf b;

	buf_init(&b, 100);
	fold_unfold(slice_str(" a\r\n b\n\tc \r\n"), &b);
	is_slice(buf_view(&b), " a b\tc ", "unfold");
	buf_reset(&b);
	fold_flatten(slice_str(" a\r\n  b\n\tc \r\n"), &b);
	is_slice(buf_view(&b), "a b c", "flatten");
	buf_free(&b);
}

int
main(void)
{
	test_field();
	test_long();
	test_unfold();
	return tap_done();
}
