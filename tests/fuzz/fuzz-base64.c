/* Fuzzes text/base64: decoding in pieces gives what the whole gives, and what
 * is encoded is decoded again.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
round_trip(struct slice in)
{
	struct buf made, back;

	buf_init(&made, 1u << 20);
	buf_init(&back, 1u << 20);
	base64_encode_lines(in, &made);
	if (!base64_decode_fws(buf_view(&made), &back) ||
	    !slice_equal(in, buf_view(&back)) ||
	    made.n != base64_size_lines(in.n))
		abort();
	buf_free(&made);
	buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), rest = in;
	struct base64_decoder dec = { 0 };
	struct buf whole, pieces;
	bool strict, fws;

	buf_init(&whole, size);
	buf_init(&pieces, size);
	strict = base64_decode(in, &whole);
	buf_reset(&whole);
	fws = base64_decode_fws(in, &whole);
	while (rest.n)
		base64_decode_add(&dec, slice_take(&rest, 5), &pieces);
	base64_decode_finish(&dec, &pieces);
	if (!slice_equal(buf_view(&whole), buf_view(&pieces)) ||
	    fws == dec.flawed || (strict && !fws))
		abort();
	buf_free(&whole);
	buf_free(&pieces);
	if (size < 100000)
		round_trip(in);
	return 0;
}
