/* Fuzzes text/utf8: what is mended is valid, cutting splits no character.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_of(data, size), rest = s;
	struct buf b;
	bool bad = false;
	int32_t c;

	while ((c = utf8_next(&rest)) != UTF8_END)
		bad |= c == UTF8_BAD;
	if (bad == utf8_valid(s) || (utf8_is_ascii(s) && bad))
		abort();
	buf_init(&b, size * 3);
	utf8_sanitise(s, &b);
	if (!utf8_valid(buf_view(&b)) ||
	    (!bad && !slice_equal(buf_view(&b), s)))
		abort();
	for (size_t n = 0; n < 20; n++) {
		struct slice head = utf8_cut(s, n);

		if (head.n > n || (!bad && !utf8_valid(head)))
			abort();
	}
	if (utf8_width(s) > 2 * size)
		abort();
	buf_free(&b);
	return 0;
}
