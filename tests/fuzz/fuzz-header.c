/* Fuzzes msg/header: the fields are the block, octet by octet.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "msg/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct arena a = { 0 };
	struct header h;
	size_t n = 0;

	if (header_read(in, &a, &h, NULL) == 0) {
		for (size_t i = 0; i < h.count; i++) {
			if (h.fields[i].raw.p != h.block.p + n)
				abort();
			n += h.fields[i].raw.n;
			header_unfold(h.fields[i].value, &a);
		}
		if (n != h.block.n || n + h.body.n > size)
			abort();
		header_decoded(&h, "Subject", &a);
	}
	arena_free(&a);
	return 0;
}
