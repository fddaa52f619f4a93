/* Fuzzes proto/smtpaddr: whatever comes in, what goes out is one path without
 * control characters, and in ASCII unless it says otherwise.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "proto/smtpaddr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice path;
	struct buf b;
	bool utf8;

	buf_init(&b, 8192);
	if (smtpaddr_write(slice_of(data, size), &b, &utf8, NULL) == 0) {
		path = buf_view(&b);
		if (path.n < 2 || path.n > SMTPADDR_MAX || path.p[0] != '<' ||
		    path.p[path.n - 1] != '>')
			abort();
		for (size_t i = 0; i < path.n; i++)
			if (ascii_is_control(slice_at(path, i)) ||
			    (!utf8 && slice_at(path, i) > 127))
				abort();
	}
	buf_free(&b);
	return 0;
}
