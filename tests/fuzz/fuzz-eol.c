/* Fuzzes text/eol: a walk gives what the scan foretold, the same in pieces of
 * any size, and what is dotted is undotted again.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/eol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
walk(struct slice in, size_t step, bool dots, struct buf *out)
{
	struct eol_walk w = { .dots = dots };
	struct slice piece;

	while (in.n) {
		eol_feed(&w, slice_take(&in, step));
		while (eol_next(&w, &piece))
			buf_slice(out, piece);
	}
	buf_slice(out, eol_end(&w));
}

static bool
undot(struct slice in, size_t step, struct buf *out, struct eol_undot *u)
{
	struct slice piece;

	while (in.n && !u->done) {
		struct slice part = slice_take(&in, step);

		while (eol_undot(u, &part, &piece))
			buf_slice(out, piece);
	}
	return u->done;
}

static void
there_and_back(struct slice canonical)
{
	struct eol_undot u = { 0 };
	struct buf wire, back;

	buf_init(&wire, 2 * canonical.n + 5);
	buf_init(&back, canonical.n);
	walk(canonical, 11, true, &wire);
	buf_text(&wire, ".\r\n");
	if (!undot(buf_view(&wire), 4, &back, &u) ||
	    !slice_equal(buf_view(&back), canonical))
		abort();
	buf_free(&wire);
	buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct eol_undot one = { 0 }, two = { 0 };
	struct buf whole, pieces;
	struct eol_facts f;

	buf_init(&whole, 2 * size + 2);
	buf_init(&pieces, 2 * size + 2);
	eol_scan(in, &f);
	eol_to_crlf(in, &whole);
	walk(in, 3, false, &pieces);
	if (!slice_equal(buf_view(&whole), buf_view(&pieces)) ||
	    (!f.bare_cr_line && whole.n != f.crlf_size) ||
	    (eol_is_canonical(&f) && !slice_equal(in, buf_view(&whole))))
		abort();
	if (!f.bare_cr_line)
		there_and_back(buf_view(&whole));
	buf_reset(&whole);
	buf_reset(&pieces);
	undot(in, size, &whole, &one);
	undot(in, 1, &pieces, &two);
	if (!slice_equal(buf_view(&whole), buf_view(&pieces)) ||
	    one.done != two.done || one.bare_cr_line != two.bare_cr_line ||
	    one.bare_lf_line != two.bare_lf_line)
		abort();
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
