/* Fuzzes base/lines: put together again, the lines are what was read. The first
 * octet is the maximum of a line.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lines l = { .name = "input" };
	struct slice in = slice_of(data, size), line;
	struct err e;
	int r;

	l.max = (size_t)slice_get(&in) + 1;
	l.fd = memfd_create("lines", MFD_CLOEXEC);
	if (l.fd < 0 || (in.n && pwrite(l.fd, in.p, in.n, 0) < 0))
		abort();
	while ((r = lines_next(&l, &line, &e)) > 0) {
		bool ended;
		struct slice want = slice_take_until(&in, '\n', &ended);

		if (line.n > l.max || !slice_equal(line, want))
			abort();
	}
	if (r == 0 ? in.n > 0 : slice_find(in, '\n') <= l.max)
		abort();
	lines_free(&l);
	close(l.fd);
	return 0;
}
