/* Fuzzes msg/mime and msg/part: within the limits, content decoded.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "msg/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct mime m;
	struct mime_part p;
	struct buf text;
	size_t n = 0;
	int r;

	buf_init(&text, 1u << 20);
	mime_begin(&m, slice_of(data, size), &a);
	while ((r = mime_next(&m, &p, NULL)) != 0) {
		if (++n > MIME_PARTS_MAX)
			abort();
		if (r < 0)
			continue;
		if (p.depth >= MIME_DEPTH_MAX || p.parent > p.number ||
		    p.part.bytes.n > size)
			abort();
		part_text(&p.part, &text);
		part_filename(&p.part);
	}
	buf_free(&text);
	arena_free(&a);
	return 0;
}
