/* Fuzzes msg/reencode: what was mended is free of what had to go, has the size
 * it says, and does not change when it is mended again.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/eol.h"

#include "msg/header.h"
#include "msg/reencode.h"

#define ALL (REENCODE_8BIT | REENCODE_LINES | REENCODE_CR)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct edits *s, uint64_t bare, struct arena *a)
{
	struct edits again;
	struct eol_facts f;
	struct writer w;
	struct header h;
	struct buf out;

	buf_init(&out, 64u << 20);
	w = writer_to_buf(&out);
	if (edit_write(s, &w, NULL) < 0)
		abort();
	eol_scan(buf_view(&out), &f);
	if (f.crlf_size != edit_size(s, bare) || f.bare_cr_line || f.nul_line ||
	    f.long_line || header_read(buf_view(&out), a, &h, NULL) < 0)
		abort();
	eol_scan(h.body, &f);
	if (f.eight_bit_line)
		abort();
	again = (struct edits){ .message = buf_view(&out) };
	if (reencode(&again, ALL, a, NULL) < 0 || again.n > 0)
		abort();
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct edits s = { .message = slice_of(data, size) };
	struct arena a = { 0 };
	struct eol_facts f;

	eol_scan(s.message, &f);
	if (size > 0 && reencode(&s, ALL, &a, NULL) == 0)
		check(&s, f.bare_lf, &a);
	arena_free(&a);
	return 0;
}
