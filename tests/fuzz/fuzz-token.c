/* Fuzzes text/token: readers take at least something or leave all, and what is
 * quoted reads back.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef int reader(struct slice *, struct slice *);

static reader *const readers[] = { token_atom, token_dot_atom,
	token_dot_atom_lax, token_quoted, token_domain_literal, token_token,
	token_comment };

static void
round_trip(struct slice in)
{
	struct buf made, back;
	struct slice s, inside;

	buf_init(&made, 2 * in.n + 2);
	buf_init(&back, in.n);
	token_quote(in, &made);
	s = buf_view(&made);
	if (slice_find(in, 0) == SIZE_MAX && slice_find(in, '\n') == SIZE_MAX) {
		if (token_quoted(&s, &inside) != 1 || s.n)
			abort();
		token_unquote(inside, &back);
		if (!slice_equal(buf_view(&back), in))
			abort();
	}
	buf_free(&made);
	buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size), rest = in, r = { 0 };
	struct buf b;
	bool quoted;

	while (rest.n) {
		token_skip_cfws(&rest);
		for (size_t i = 0; i < COUNT_OF(readers); i++) {
			struct slice s = rest;
			int got = readers[i](&s, &r);

			if ((got > 0) != (s.n < rest.n) || r.n > size)
				abort();
		}
		token_value(&rest, &r, &quoted);
		token_word(&rest, &r, &quoted);
		slice_take(&rest, 1);
	}
	buf_init(&b, size);
	token_unquote(in, &b);
	buf_free(&b);
	round_trip(in);
	return 0;
}
