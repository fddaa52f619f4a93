/* Unit tests of base/writer.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/writer.h"

#include "tap.h"

int
main(void)
{
	struct buf b;
	struct writer to_buf = writer_to_buf(&b);
	uint64_t n = 0;
	struct writer count = writer_to_count(&n);
	struct err e = { 0 };

	buf_init(&b, 5);
	is_int(writer_put(&to_buf, slice_str("abc"), &e), 0, "into a buffer");
	is_int(writer_text(&to_buf, "de", &e), 0, "and more");
	is_slice(buf_view(&b), "abcde", "what came");
	is_int(writer_text(&to_buf, "f", &e), -1, "beyond its maximum");
	is_int(e.kind, ERR_DATA, "is bad data");
	is_str(e.text, "more than 5 octets", "and says so");
	is_int(writer_text(&count, "abc", &e), 0, "counted");
	is_int(writer_put(&count, slice_str(""), &e), 0, "nothing");
	is_int((int64_t)n, 3, "so many");
	n = UINT64_MAX;
	is_int(writer_text(&count, "a", &e), -1, "too many to count");
	buf_free(&b);
	return tap_done();
}
