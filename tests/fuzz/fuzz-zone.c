/* Fuzzes net/zone: any octets as a master file, then questions to it.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "net/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { ".", "a", "b.a", "x.y.a", "*.a" };
	struct arena a = { 0 };
	const struct dns_below *below;
	struct dnsname top;
	struct dns_answer r;
	struct zone *z;
	struct err e;

	if (zone_new(&z, &e) < 0)
		return 0;
	if (zone_read(z, slice_of(data, size), "fuzz", &e) < 0 &&
	    e.text[0] == '\0')
		abort();
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (zone_lookup(z, names[i], DNS_TXT, &a, &r, &e) < 0)
			abort();
		if (r.count && r.status != DNS_OK)
			abort();
	}
	if (!dnsname_read("a", &top) ||
	    zone_names_below(z, &top, 8, &a, &below) > 8)
		abort();
	zone_free(&z);
	arena_free(&a);
	return 0;
}
