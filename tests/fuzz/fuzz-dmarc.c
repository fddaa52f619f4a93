/* Fuzzes auth/dmarc: any text as a policy record.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/dmarc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmarc_record r;
	struct err e;
	int got = dmarc_parse(slice_of(data, size), &r, &e);

	if ((got == 1) != (r.p != DMARC_POLICY_UNSET))
		abort();
	if (got < 0 && e.kind != ERR_DATA)
		abort();
	return 0;
}
