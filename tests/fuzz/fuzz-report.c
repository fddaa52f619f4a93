/* Fuzzes report: whatever a message tells, each of its recipients has a reason.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const patterns[] = { "b+{local}={domain}@b.cd",
		"{domain}-{local}" };
	struct report_options how = { .inflate = 1u << 20,
		.verp = patterns,
		.verp_count = size & 1 ? COUNT_OF(patterns) : 0 };
	struct arena a = { 0 };
	struct report r;
	size_t n = 0;

	if (report_read(slice_of(data, size), &how, &a, &r, NULL) == 0) {
		struct arena_mark mark = arena_mark(&a);

		if (!r.d.n && r.kind < REPORT_DMARC && !r.why)
			abort();
		do {
			for (size_t i = 0; i < r.d.n; i++)
				if (!r.d.v[i].reason || !r.d.v[i].rule ||
				    r.d.v[i].final.n > size + 400)
					abort();
			n += r.d.n;
			arena_release(&a, mark);
		} while (report_more(&r, &a));
		if (n != r.d.all)
			abort();
	}
	arena_free(&a);
	return 0;
}
