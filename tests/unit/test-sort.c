/* Unit tests of base/sort.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/sort.h"

#include "tap.h"

enum { MOST = 600 };

static int
compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Beside qsort(), whatever the order was. */
int
main(void)
{
	static uint32_t v[MOST], want[MOST];
	static const struct {
		const char *name;
		uint32_t step, modulus;
	} rows[] = {
		{ "upwards", 1, UINT32_MAX },
		{ "downwards", UINT32_MAX - 1, UINT32_MAX },
		{ "mixed", 7919, 601 },
		{ "many alike", 7919, 5 },
		{ "all alike", 3, 1 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		bool good = true;

		for (uint32_t n = 0; n <= MOST; n += n < 20 ? 1 : 97) {
			for (uint32_t k = 0; k < n; k++)
				v[k] = want[k] =
				    (uint32_t)((uint64_t)k * rows[i].step %
					       rows[i].modulus);
			qsort(want, n, sizeof(v[0]), compare);
			sort_in_place(v, n, sizeof(v[0]), compare);
			good &= memcmp(v, want, sizeof(v)) == 0;
		}
		ok(good, "%s", rows[i].name);
	}
	return tap_done();
}
