/* Fuzzes text/url: a host is a domain or an address, no password gets through.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/idna.h"
#include "text/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct arena a = { 0 };
	struct url u;
	struct err e;
	struct buf b, back;

	if (url_parse(in, &a, &u, &e) == 0) {
		if (!u.scheme || (!u.host && !u.path))
			abort();
		if (u.host && !u.ipv6 && strlen(u.host) > IDNA_NAME_MAX)
			abort();
	}
	buf_init(&b, 3 * size);
	buf_init(&back, size);
	if (slice_find(in, 0) == SIZE_MAX) {
		url_escape(in, "/", &b);
		if (!url_unescape(buf_view(&b), &back) ||
		    !slice_equal(in, buf_view(&back)))
			abort();
	}
	buf_free(&b);
	buf_free(&back);
	arena_free(&a);
	return 0;
}
