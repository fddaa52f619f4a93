/* Fuzzes msg/addr: what is formatted is read again the same.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "msg/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
again(const struct addr *ad, struct arena *a)
{
	struct addr_list list;
	struct slice text = addr_text(ad, a);

	addr_parse_lax(text, a, &list);
	if (list.n != 1 || list.flawed ||
	    !slice_equal(list.v[0].domain, ad->domain) ||
	    !slice_equal(list.v[0].local, ad->local))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), local, domain;
	struct arena a = { 0 };
	struct addr_list strict, lax;

	addr_parse_lax(in, &a, &lax);
	if (addr_parse(in, &a, &strict, NULL) == 0) {
		if (lax.n != strict.n || lax.flawed)
			abort();
		for (size_t i = 0; i < strict.n; i++)
			again(&strict.v[i], &a);
	}
	if (addr_envelope(in, true, &local, &domain, NULL) == 0 &&
	    (local.n + 1 + domain.n != size || size > ADDR_PATH_MAX ||
		slice_find(in, '\n') != SIZE_MAX))
		abort();
	arena_free(&a);
	return 0;
}
