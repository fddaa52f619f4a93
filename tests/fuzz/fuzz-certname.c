/* Fuzzes crypt/certname: names lie within the certificate, each whole.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "crypt/certname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice der = slice_of(data, size), text = der, a, b;

	if (certname_read(der, &a, &b)) {
		if (a.p < der.p || a.p + a.n > b.p || b.p + b.n > der.p + der.n)
			abort();
		if (slice_peek(a) != 0x30 || slice_peek(b) != 0x30)
			abort();
	}
	while (certname_take_pem(&text, &a))
		if (a.p < der.p || a.p + a.n > der.p + der.n)
			abort();
	return 0;
}
