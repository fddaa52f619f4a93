/* Fuzzes crypt/key: a key file.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "crypt/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct key *k;
	struct err e;

	if (key_read(&k, slice_of(data, size), "k", &e) == 0) {
		struct buf b;

		buf_init(&b, KEY_PUBLIC_MAX);
		if (!key_bits(k))
			abort();
		key_write_public(k, &b, &e);
		buf_free(&b);
	} else if (k || !e.text[0]) {
		abort();
	}
	key_free(&k);
	return 0;
}
