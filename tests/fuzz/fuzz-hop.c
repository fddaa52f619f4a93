/* Fuzzes auth/hop: the envelope of a trusted Received field.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/hop.h"
#include "auth/letter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct dkim_letter m;
	struct hop h;

	if (letter_read(slice_of(data, size), &a, &m, NULL) == 0 &&
	    hop_read(&m, "mx.test", &a, &h) != (h.ip.n > 0))
		abort();
	arena_free(&a);
	return 0;
}
