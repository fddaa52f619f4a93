/* Fuzzes report/dsn: what a report says has a reason.
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
	struct dsn d;
	int r = dsn_read(slice_of(data, size), &a, &d, NULL);

	if ((r > 0) != (d.n > 0) || (r == 0 && !d.why))
		abort();
	for (size_t i = 0; i < d.n; i++) {
		struct reason_facts f = { d.v[i].action, d.v[i].status,
			d.v[i].reply, d.v[i].diag };
		char rule[REASON_RULE_MAX];

		if (!reason_of(&f, rule)->name ||
		    d.v[i].action == REASON_ACTION_NONE)
			abort();
	}
	arena_free(&a);
	return 0;
}
