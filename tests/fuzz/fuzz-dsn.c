/* Fuzzes report/dsn: each recipient of a report has an action.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "report/dsn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct dsn d = { .n = 0 };

	dsn_fields(slice_of(data, size), &a, &d);
	do
		for (size_t i = 0; i < d.n; i++)
			if (d.v[i].action == REASON_ACTION_NONE)
				abort();
	while (dsn_more(&a, &d));
	arena_free(&a);
	return 0;
}
