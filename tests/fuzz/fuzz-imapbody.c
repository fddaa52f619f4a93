/* Fuzzes proto/imapbody.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "proto/imapbody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n;

	if (imapbody_attachments(slice_of(data, size), &n) && n > size)
		abort();
	return 0;
}
