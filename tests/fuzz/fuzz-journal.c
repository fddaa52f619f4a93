/* Fuzzes store/journal: what is read is what was summed, and the rest stays.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "store/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
take(void *arg, struct slice record, struct err *e)
{
	size_t *left = arg;

	(void)e;
	if (record.n > *left || slice_find(record, '\n') != SIZE_MAX)
		abort();
	*left -= record.n;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t left = size, damaged = 0;
	struct journal_reader reader = { take, &left };
	ptrdiff_t used;

	used = journal_scan(slice_of(data, size), &reader, &damaged, NULL);
	if (used < 0 || (size_t)used > size || damaged > size)
		abort();
	return 0;
}
