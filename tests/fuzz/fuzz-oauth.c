/* Fuzzes flow/oauth: nothing that goes on the wire has control characters.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "flow/oauth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_is_control(slice_at(s, i)))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct oauth_reply r;

	if (oauth_reply_read(slice_of(data, size), &a, &r, NULL) == 0) {
		check(r.access);
		check(r.refresh);
		check(r.device_code);
		check(r.url);
		if (r.expires_in < -1 || r.interval < -1)
			abort();
	}
	arena_free(&a);
	return 0;
}
