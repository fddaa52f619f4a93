/* Fuzzes report/reason: any text has one reason.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "report/codes.h"
#include "report/reason.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reason_facts f = { .text = slice_of(data, size) };
	struct reason_why why;
	struct slice status;

	f.reply = codes_reply(f.text);
	if (f.reply && (f.reply < 400 || f.reply > 559))
		abort();
	if (codes_status(f.text, 0, &status)) {
		if (status.n < 5 || status.n > 9)
			abort();
		f.status = status;
	}
	if (!reason_of(&f, NULL, &why)->name || !why.rule[0])
		abort();
	return 0;
}
