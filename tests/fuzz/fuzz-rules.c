/* Fuzzes rules: a file of rules is read or refused, and what was read decides.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "report/reasons.h"
#include "report/rulesread.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[RULES_WHY_MAX] = "";
	struct rules_made m;

	if (size > 20000)
		return 0;
	if (rules_read(slice_of(data, size), reason_id_named, &m, why) < 0) {
		if (!why[0])
			abort();
		return 0;
	}
	rules_check(&m, false, why);
	rules_made_free(&m);
	return 0;
}
