/* Fuzzes auth/canon: a body hashes the same whole and in pieces, and its
 * canonical form is its own canonical form.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/canon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
keep(void *to, const char *p, size_t n)
{
	buf_add(to, p, n);
}

static void
canon(enum canon_mode mode, struct slice in, bool pieces, struct buf *out)
{
	struct canon_body c = { .mode = mode, .put = keep, .to = out };

	while (pieces && in.n) {
		size_t lf = slice_find(in, '\n');

		canon_body_add(
		    &c, slice_take(&in, lf == SIZE_MAX ? in.n : lf + 1));
	}
	canon_body_add(&c, in);
	canon_body_end(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);

	for (int mode = CANON_SIMPLE; mode <= CANON_RELAXED; mode++) {
		struct buf whole, pieces, again;

		buf_init(&whole, 4 * size + 16);
		buf_init(&pieces, 4 * size + 16);
		buf_init(&again, 4 * size + 16);
		canon((enum canon_mode)mode, in, false, &whole);
		canon((enum canon_mode)mode, in, true, &pieces);
		canon((enum canon_mode)mode, buf_view(&whole), false, &again);
		if (!slice_equal(buf_view(&whole), buf_view(&pieces)) ||
		    !slice_equal(buf_view(&whole), buf_view(&again)))
			abort();
		buf_reset(&whole);
		canon_field((enum canon_mode)mode, in, &whole);
		buf_free(&whole);
		buf_free(&pieces);
		buf_free(&again);
	}
	return 0;
}
