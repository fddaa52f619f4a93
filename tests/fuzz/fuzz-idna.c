/* Fuzzes text/idna: a name made is a host name, and is its own normal form.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/idna.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), name, again;
	struct arena a = { 0 };
	struct err e;

	if (idna_to_ascii(in, &a, &name, &e) == 0 &&
	    (!idna_is_ldh(name) || idna_to_dns(name, &a, &again, &e) < 0 ||
		!slice_equal(name, again) || !idna_equal(name, in)))
		abort();
	idna_to_display(in, &a);
	arena_free(&a);
	return 0;
}
