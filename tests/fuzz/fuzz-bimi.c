/* Fuzzes auth/bimi: any octets as a logo and as a mark certificate.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "auth/bimi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bimi_svg svg;
	char why[40];

	bimi_svg_check(slice_of(data, size), &svg);
	if (svg.n > BIMI_FAULTS_MAX)
		abort();
	if (bimi_cert_fault(slice_of(data, size), "example.org", 0, why,
		sizeof(why)) != (why[0] != '\0'))
		abort();
	return 0;
}
