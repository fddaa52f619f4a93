/* Fuzzes auth/result: a field that can be read is written so that it reads
 * back the same.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body = slice_of(data, size), id, written;
	struct arena a = { 0 };
	struct result r, again;
	struct buf out;
	struct err e;

	buf_init(&out, SIZE_MAX);
	result_authserv_id(body, &a, &id);
	if (result_read(body, &a, &r, &e) == 1) {
		result_field(&r, &out);
		written = buf_view(&out);
		slice_take_prefix(&written, "Authentication-Results:");
		if (result_read(written, &a, &again, &e) != 1 ||
		    again.count != r.count)
			abort();
	}
	buf_free(&out);
	arena_free(&a);
	return 0;
}
