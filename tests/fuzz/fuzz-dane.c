/* Fuzzes auth/dane and crypt/cert: any text as a TLSA record, any octets as a
 * certificate that is held against it.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/dane.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The record is the first line, the certificate what follows. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), text;
	struct arena a = { 0 };
	struct dane_record r;
	struct cert *c = NULL;
	struct dane_set set;
	struct err e;

	text = slice_take_until(&in, '\n', NULL);
	if (dane_read(text, &a, &r, &e) < 0) {
		if (e.kind != ERR_DATA)
			abort();
		arena_free(&a);
		return 0;
	}
	dane_set_of(&r, 1, false, &set);
	if (cert_read(&c, in.n ? in : r.data, NULL) == 0) {
		const struct cert *chain[] = { c };
		struct dane_check check = { .chain = chain, .chain_n = 1 };
		struct dane_verdict v;

		dane_verify(&set, &check, &v);
		if (v.outcome == DANE_VERIFIED && v.record != 0)
			abort();
		cert_free(&c);
	}
	arena_free(&a);
	return 0;
}
