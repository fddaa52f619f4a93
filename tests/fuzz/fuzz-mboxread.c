/* Fuzzes store/mboxread: messages lie in the mbox, in order.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/mem.h"

#include "store/mboxread.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), rest = in;
	struct mboxread_message m;
	const char *end = in.p;

	while (mboxread_take(&rest, NULL, &m)) {
		if (m.from_.p < end || m.bytes.p < m.from_.p + m.from_.n ||
		    m.bytes.p + m.bytes.n > in.p + size)
			abort();
		end = m.bytes.p + m.bytes.n;
		if (m.quoted) {
			char *out = mem_new(m.bytes.n);

			if (mboxread_unquote(m.bytes, out) >= m.bytes.n)
				abort();
			mem_free(out);
		}
	}
	return 0;
}
