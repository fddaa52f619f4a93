/* Fuzzes auth/dkimkey: a record, and the public key in it.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/dkimkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct dkimkey k;
	struct key_public *p = NULL;
	struct err e;

	if (dkimkey_parse(slice_of(data, size), &a, &k, &e) == 1 &&
	    k.octets.n && dkimkey_open(&k, &p, &e) == 0) {
		unsigned char digest[DIGEST_MAX] = { 0 };

		if (key_public_bits(p) > KEY_BITS_MAX)
			abort();
		key_public_verify(p, DIGEST_SHA256, digest,
		    slice_sub(k.octets, 0, KEY_SIGNATURE_MAX));
	}
	key_public_free(&p);
	arena_free(&a);
	return 0;
}
