/* Fuzzes text/charset: what comes out is valid UTF-8. The first line is the
 * label.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/charset.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), label;
	struct buf b;

	slice_take_line(&in, &label, NULL);
	if (!size)
		return 0;
	buf_init(&b, 1u << 20);
	charset_to_utf8(label, in, &b);
	if (!utf8_valid(buf_view(&b)))
		abort();
	buf_free(&b);
	return 0;
}
