/* Unit tests of base/def: checked arithmetic.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/def.h"

#include "tap.h"

int
main(void)
{
	static const struct {
		size_t a, b;
		bool add, mul;
	} rows[] = {
		{ 0, 0, true, true },
		{ 2, 3, true, true },
		{ SIZE_MAX, 0, true, true },
		{ SIZE_MAX, 1, false, true },
		{ SIZE_MAX / 2 + 1, 2, true, false },
		{ SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 1, false, false },
	};
	int three[3];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t a = rows[i].a, b = rows[i].b, r;

		ok(size_add(a, b, &r) == rows[i].add, "%zu + %zu", a, b);
		ok(!rows[i].add || r == a + b, "the sum");
		ok(size_mul(a, b, &r) == rows[i].mul, "%zu * %zu", a, b);
		ok(!rows[i].mul || r == a * b, "the product");
	}
	is_int((int64_t)size_min(2, 3), 2, "the smaller");
	is_int((int64_t)size_min(3, 2), 2, "whatever the order");
	is_int((int64_t)COUNT_OF(three), 3, "elements of an array");
	return tap_done();
}
