/* Fuzzes auth/spfrecord and auth/spfmacro: any text as a record; what passes
 * expands within its limits.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/spfmacro.h"
#include "auth/spfrecord.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice
validated(void *arg)
{
	(void)arg;
	return slice_str("unknown");
}

static void
expand(struct slice spec)
{
	const struct spfmacro m = { .ip = { .n = 16 },
		.sender = slice_str("a.b@c.example"),
		.local = slice_str("a.b"),
		.origin = slice_str("c.example"),
		.domain = slice_str("d.example"),
		.helo = slice_str("h.example"),
		.receiver = slice_str("r.example"),
		.validated = validated };
	struct buf out;

	buf_init(&out, SPFMACRO_TEXT_MAX);
	spfmacro_domain(&m, spec, &out);
	if (out.n > SPFMACRO_DOMAIN_MAX &&
	    slice_find(buf_view(&out), '.') != SIZE_MAX)
		abort();
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	struct spfrecord_fault fault;
	struct arena a = { 0 };
	struct spfrecord r;

	if (!spfrecord_is(text))
		return 0;
	spfrecord_read(text, &a, &r, &fault);
	for (size_t i = 0; i < r.count; i++) {
		const struct spfrecord_term *t = &r.terms[i];

		if (t->span[1] > size || t->span[1] - t->span[0] != t->text.n)
			abort();
		expand(t->domain);
	}
	arena_free(&a);
	return 0;
}
