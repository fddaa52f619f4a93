/* Fuzzes text/fold: lines keep to their length, and a field folded is unfolded
 * again.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), rest, line;
	struct buf made, flat, want;
	size_t eol;

	buf_init(&made, 3 * size + 20);
	buf_init(&flat, size + 20);
	buf_init(&want, size);
	fold_flatten(in, &want);
	if (fold_field("Subject", in, &made)) {
		rest = buf_view(&made);
		while (slice_take_line(&rest, &line, &eol))
			if (line.n > FOLD_MAX || eol != 2)
				abort();
		fold_flatten(slice_sub(buf_view(&made), 8, made.n), &flat);
		if (!slice_equal(buf_view(&flat), buf_view(&want)))
			abort();
	}
	buf_reset(&flat);
	fold_unfold(in, &flat);
	buf_free(&made);
	buf_free(&flat);
	buf_free(&want);
	return 0;
}
