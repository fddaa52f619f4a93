/* Fuzzes text/param: values are valid UTF-8 and limits hold; what is put reads
 * back.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/param.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
round_trip(struct slice in, struct arena *a)
{
	struct slice sane, rest;
	struct param_list l;
	size_t column = 20;
	struct buf b, made;

	buf_init(&b, 3 * in.n);
	buf_init(&made, 40 * in.n + 100);
	utf8_sanitise(in, &b);
	sane = buf_view(&b);
	param_put("name", sane, &column, &made);
	rest = buf_view(&made);
	param_parse(rest, a, &l);
	if (l.n != 1 || l.flawed ||
	    (slice_search(sane, slice_str("=?")) == SIZE_MAX &&
		!slice_equal(l.v[0].value, sane)))
		abort();
	buf_free(&b);
	buf_free(&made);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct arena a = { 0 };
	struct param_list l;

	param_parse(in, &a, &l);
	if (l.n > PARAM_MAX)
		abort();
	for (size_t i = 0; i < l.n; i++)
		if (!utf8_valid(l.v[i].value) ||
		    l.v[i].value.n > PARAM_VALUE_MAX)
			abort();
	if (size < 5000)
		round_trip(in, &a);
	arena_free(&a);
	return 0;
}
