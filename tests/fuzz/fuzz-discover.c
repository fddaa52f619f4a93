/* Fuzzes flow/discover: any file of autoconfig is read or refused, and names
 * only servers that can be asked.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "text/idna.h"

#include "flow/discover.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct discover r;
	struct err e = { .text = "" };

	if (discover_read(slice_of(data, size),
		DISCOVER_SMTP | DISCOVER_IMAP | DISCOVER_POP3, "me@example.org",
		&a, &r, &e) < 0 &&
	    !e.text[0])
		abort();
	if (r.n > DISCOVER_MAX)
		abort();
	for (size_t i = 0; i < r.n; i++)
		if (!idna_is_ldh(slice_str(r.v[i].host)) || !r.v[i].port ||
		    !r.v[i].user[0] || !discover_url(&r.v[i], &a)[0])
			abort();
	arena_free(&a);
	return 0;
}
