/* Fuzzes dmarcreport: any XML is a report or is refused.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "report/dmarcreport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct dmarcreport r;
	struct err e = { .text = "" };

	if (dmarcreport_read(slice_of(data, size), &a, &r, &e) < 0 &&
	    !e.text[0])
		abort();
	arena_free(&a);
	return 0;
}
