/* Fuzzes suppress: any policy is read or refused.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "store/suppress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct suppress_policy p;
	struct err e = { .text = "" };

	p.n = 0;
	if (suppress_policy_read(slice_of(data, size), &p, &e) < 0 &&
	    !e.text[0])
		abort();
	if (p.n)
		suppress_policy_of(&p, slice_of(data, size), slice_str("hard"));
	return 0;
}
