/* Fuzzes text/encword: what is read is valid UTF-8 without line ends of a word,
 * what is made reads back.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/encword.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
round_trip(struct slice in)
{
	struct buf sane, made, back;

	buf_init(&sane, 3 * in.n);
	buf_init(&made, 20 * in.n + 100);
	buf_init(&back, 20 * in.n + 100);
	utf8_sanitise(in, &sane);
	for (size_t i = 0; i < sane.n; i++)
		if (ascii_is_control(sane.p[i]))
			sane.p[i] = 'c';
	for (int place = ENCWORD_TEXT; place <= ENCWORD_PHRASE; place++) {
		buf_reset(&made);
		buf_reset(&back);
		encword_encode(
		    buf_view(&sane), (enum encword_place)place, &made);
		encword_decode(buf_view(&made), &back);
		if (!utf8_is_ascii(buf_view(&made)) ||
		    !slice_equal(buf_view(&sane), buf_view(&back)))
			abort();
	}
	buf_reset(&made);
	encword_phrase(buf_view(&sane), &made);
	buf_free(&sane);
	buf_free(&made);
	buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b;

	if (size > 20000)
		return 0;
	buf_init(&b, 1u << 20);
	encword_decode(slice_of(data, size), &b);
	if (!utf8_valid(buf_view(&b)) || slice_find(buf_view(&b), '\n') < b.n)
		abort();
	buf_free(&b);
	round_trip(slice_of(data, size));
	return 0;
}
