/* Fuzzes auth/mtasts and auth/tlsrpt: any text as policy and as records.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/mtasts.h"
#include "auth/tlsrpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct mtasts_record record;
	struct tlsrpt_record rpt;
	struct mtasts_policy p;

	if (mtasts_policy_read(in, &p) == 0 &&
	    (p.mode == MTASTS_MODE_UNSET || p.max_age < 0))
		abort();
	for (size_t i = 0; i < p.fault_count; i++)
		if (p.fault[i].span[0] > p.fault[i].span[1] ||
		    p.fault[i].span[1] > size)
			abort();
	mtasts_match(&p, "mx.example.org");
	if ((mtasts_record_read(in, &record) == 1) != (record.id.n > 0))
		abort();
	if (tlsrpt_read(in, &rpt) == 1 && rpt.count == 0)
		abort();
	return 0;
}
