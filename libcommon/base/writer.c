/* Writers that need no device (see writer.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/writer.h"

static int
to_buf(void *to, struct slice s, struct err *e)
{
	struct buf *b = to;

	buf_slice(b, s);
	if (buf_over(b))
		return err_set(e, ERR_DATA, "more than %zu octets", b->max);
	return 0;
}

struct writer
writer_to_buf(struct buf *b)
{
	return (struct writer){ to_buf, b };
}

static int
to_count(void *to, struct slice s, struct err *e)
{
	uint64_t *n = to;

	if (__builtin_add_overflow(*n, s.n, n))
		return err_set(e, ERR_DATA, "more octets than can be counted");
	return 0;
}

struct writer
writer_to_count(uint64_t *n)
{
	return (struct writer){ to_count, n };
}
