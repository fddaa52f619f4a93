/* Fuzzes base/slice: lines and numbers.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/slice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_of(data, size), line, rest = s;
	size_t eol, total = 0;
	uint64_t v;

	while (slice_take_line(&rest, &line, &eol)) {
		total += line.n + eol;
		if (slice_number(line, 1000, &v) && v > 1000)
			abort();
	}
	if (total != size)
		abort();
	return 0;
}
