/* Fuzzes text/qp: what is encoded is decoded again, decoding in pieces gives
 * what the whole gives, and lines keep to their length.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/qp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
decode(struct slice in)
{
	struct qp_decoder dec = { 0 };
	struct buf whole, pieces;

	buf_init(&whole, in.n);
	buf_init(&pieces, in.n);
	qp_decode(in, &whole);
	while (in.n)
		qp_decode_add(&dec, slice_take(&in, 3), &pieces);
	qp_decode_finish(&dec, &pieces);
	if (!slice_equal(buf_view(&whole), buf_view(&pieces)))
		abort();
	buf_free(&whole);
	buf_free(&pieces);
}

static void
round_trip(struct slice in)
{
	struct qp_encoder enc = { .binary = true };
	struct slice rest = in, line;
	struct buf made, back;

	buf_init(&made, in.n * 4 + 10);
	buf_init(&back, in.n);
	while (rest.n)
		qp_add(&enc, slice_take(&rest, 7), &made);
	qp_finish(&enc, &made);
	rest = buf_view(&made);
	while (slice_take_line(&rest, &line, NULL))
		if (line.n > QP_LINE)
			abort();
	if (!qp_decode(buf_view(&made), &back) ||
	    !slice_equal(in, buf_view(&back)))
		abort();
	buf_free(&made);
	buf_free(&back);
}

static void
text(struct slice in)
{
	struct slice rest, line;
	struct buf made;
	size_t eol;

	buf_init(&made, in.n * 4 + 10);
	qp_encode(in, &made);
	rest = buf_view(&made);
	while (slice_take_line(&rest, &line, &eol))
		if (line.n > QP_LINE || eol == 1 || slice_starts(line, ".") ||
		    slice_starts(line, "From ") ||
		    slice_find(line, '\r') < line.n)
			abort();
	buf_free(&made);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	decode(slice_of(data, size));
	round_trip(slice_of(data, size));
	text(slice_of(data, size));
	return 0;
}
