/* Fuzzes report/reason: any text has one reason.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "report/reason.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reason_facts f = { .text = slice_of(data, size) };
	char rule[REASON_RULE_MAX];
	struct slice status;

	f.reply = reason_find_reply(f.text);
	if (f.reply && (f.reply < 400 || f.reply > 559))
		abort();
	if (reason_find_status(f.text, 0, &status)) {
		if (status.n < 5 || status.n > 9)
			abort();
		f.status = status;
	}
	if (!reason_of(&f, rule)->name || !rule[0])
		abort();
	return 0;
}
