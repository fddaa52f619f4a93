/* Fuzzes msg/msgid: ids are ids, and the walk comes to its end.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "msg/msgid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), id;

	msgid_first(rest, &id);
	while (msgid_next(&rest, &id))
		if (id.n < 3 || id.n > MSGID_MAX || id.p[0] != '<' ||
		    id.p[id.n - 1] != '>')
			abort();
	return 0;
}
