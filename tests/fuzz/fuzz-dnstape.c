/* Fuzzes net/dnstape: any octets as a recording.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "net/dnstape.h"
#include "net/dnswire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
add(const struct dnsname *name, enum dns_type type, enum dns_status status,
    struct slice message, void *arg)
{
	size_t *count = arg;

	if (name->n == 0 || (unsigned)type > UINT16_MAX || status > DNS_BOGUS ||
	    message.n > DNSWIRE_MESSAGE_MAX)
		abort();
	++*count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	size_t count = 0;
	bool trusted;
	struct err e;

	if (dnstape_read(text, &trusted, add, &count, &e) < 0) {
		if (e.text[0] == '\0')
			abort();
	} else if (!dnstape_is(text)) {
		abort();
	}
	return 0;
}
