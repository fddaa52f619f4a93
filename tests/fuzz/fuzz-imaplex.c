/* Fuzzes proto/imaplex, imapset and imapname: every token lies in the text,
 * what one writes the other reads.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "proto/imaplex.h"
#include "proto/imapname.h"
#include "proto/imapset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
lex(struct slice text)
{
	struct arena a = { 0 };
	struct imaplex l;
	struct imaplex_token t;
	struct imaplex_code code;
	unsigned flags;

	imaplex_begin(&l, text);
	while (imaplex_next(&l, &t, NULL) > 0) {
		struct imaplex at = l;

		if (t.at > text.n || t.text.n > text.n ||
		    imaplex_string(&t, &a).n > t.text.n)
			abort();
		imaplex_flags(&at, &flags, NULL);
	}
	imaplex_code(text, &code);
	arena_free(&a);
}

static void
name(struct slice text)
{
	struct buf utf8, wire, again;

	buf_init(&utf8, 1u << 20);
	buf_init(&wire, 1u << 20);
	buf_init(&again, 1u << 20);
	if (imapname_decode(text, &utf8) && utf8.n <= IMAPNAME_MAX) {
		if (!imapname_encode(buf_view(&utf8), &wire) ||
		    (wire.n <= IMAPNAME_MAX &&
			!imapname_decode(buf_view(&wire), &again)) ||
		    (again.n > 0 &&
			!slice_equal(buf_view(&utf8), buf_view(&again))))
			abort();
	}
	buf_free(&utf8);
	buf_free(&wire);
	buf_free(&again);
}

static void
set(struct slice text)
{
	struct imapset s = { 0 }, again = { 0 };
	struct buf out;
	uint64_t at = 0;

	buf_init(&out, 64u << 20);
	if (imapset_read(&s, text, NULL) == 0) {
		imapset_write(&s, &at, SIZE_MAX / 2, &out);
		if (imapset_read(&again, buf_view(&out), NULL) < 0 ||
		    imapset_count(&s) != imapset_count(&again))
			abort();
	}
	imapset_free(&s);
	imapset_free(&again);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);

	lex(text);
	name(text);
	set(text);
	return 0;
}
