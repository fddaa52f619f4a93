/* Fuzzes text/html, text/htmltext and text/flowed: valid UTF-8 stays so, tokens
 * follow each other, and flowed text unwrapped has the words of the text.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/flowed.h"
#include "text/html.h"
#include "text/htmltext.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_tokens(struct slice rest)
{
	const char *at = rest.p;
	struct slice name, value;
	struct html_token t;

	while (html_next(&rest, &t)) {
		if (t.raw.p < at || !t.raw.n)
			abort();
		at = t.raw.p + t.raw.n;
		while (html_attr(&t.attrs, &name, &value))
			if (value.n && value.p + value.n > at)
				abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	bool valid = utf8_valid(in);
	struct buf text, flowed;

	buf_init(&text, 16u << 20);
	buf_init(&flowed, 16u << 20);
	check_tokens(in);
	htmltext(in, &text);
	flowed_encode(buf_view(&text), &flowed);
	if (valid &&
	    (!utf8_valid(buf_view(&text)) || !utf8_valid(buf_view(&flowed))))
		abort();
	if (text.n && text.p[text.n - 1] != '\n')
		abort();
	buf_free(&text);
	buf_free(&flowed);
	return 0;
}
