/* Unit tests of base/buf and base/writer.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/buf.h"
#include "base/writer.h"

#include "tap.h"

static void
test_add(void)
{
	struct buf b;

	buf_init(&b, 1000);
	is_str(buf_str(&b), "", "nothing yet is an empty string");
	is_slice(buf_view(&b), "", "and an empty view");
	buf_add(&b, "ab", 2);
	buf_text(&b, "cd");
	buf_char(&b, 'e');
	buf_slice(&b, slice_str("fg"));
	buf_fmt(&b, "%03d", 7);
	is_str(buf_str(&b), "abcdefg007", "all kinds");
	buf_drop(&b, 3);
	is_str(buf_str(&b), "defg007", "dropped in front");
	buf_cut(&b, 4);
	is_str(buf_str(&b), "defg", "cut behind");
	buf_cut(&b, 100);
	is_str(buf_str(&b), "defg", "not cut to more");
	buf_drop(&b, 100);
	is_str(buf_str(&b), "", "all dropped");
	ok(!buf_over(&b), "no overflow");
	for (int i = 0; i < 500; i++)
		buf_text(&b, "xy");
	is_int((int64_t)b.n, 1000, "grown to the maximum");
	ok(!buf_over(&b) && b.p[1000] == '\0', "with its NUL");
	buf_free(&b);
	is_str(buf_str(&b), "", "freed");
	buf_text(&b, "again");
	is_str(buf_str(&b), "again", "and used again");
	buf_wipe(&b);
	buf_drop(&b, 1);
	is_str(buf_str(&b), "", "wiped; nothing to drop");
}

/* What does not fit is dropped whole, and all after it. */
static void
test_over(void)
{
	struct buf b;

	buf_init(&b, 4);
	buf_text(&b, "abc");
	buf_text(&b, "de");
	ok(buf_over(&b), "over the maximum");
	buf_text(&b, "f");
	is_str(buf_str(&b), "abc", "sticky");
	ok(!buf_room(&b, 1), "no room after");
	buf_reset(&b);
	ok(!buf_over(&b), "reset forgets");
	buf_fmt(&b, "%s", "12345");
	ok(buf_over(&b), "printf too");
	is_str(buf_str(&b), "", "adds nothing");
	buf_reset(&b);
	ok(!buf_room(&b, SIZE_MAX), "a size that would wrap");
	buf_free(&b);
	buf_init(&b, 4);
	ok(buf_room(&b, 4) != NULL, "room that nobody fills");
	is_str(buf_str(&b), "", "is an empty string");
	buf_free(&b);
}

static void
test_writer(void)
{
	uint64_t n = 0;
	struct writer w = writer_to_count(&n);
	struct buf b;
	struct err e;

	is_int(writer_text(&w, "abc", &e), 0, "counts");
	is_int(writer_put(&w, slice_str(""), &e), 0, "nothing is fine");
	is_int((int64_t)n, 3, "octets");
	buf_init(&b, 4);
	w = writer_to_buf(&b);
	is_int(writer_text(&w, "abc", &e), 0, "writes");
	is_int(writer_text(&w, "de", &e), -1, "to the maximum");
	is_int(e.kind, ERR_DATA, "bad data beyond");
	is_str(buf_str(&b), "abc", "octets");
	buf_free(&b);
}

int
main(void)
{
	test_add();
	test_over();
	test_writer();
	return tap_done();
}
