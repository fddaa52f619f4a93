/* Fuzzes net/dnswire: any octets as a response; names that come out go in
 * again.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "net/dnswire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned types[] = { DNS_A, DNS_MX, DNS_TXT, DNS_SOA,
		DNS_SRV, DNS_TLSA, DNS_CAA, DNS_CNAME, DNS_MX | DNS_SIGS };
	struct slice msg = slice_of(data, size);
	struct dnswire_reader reader;
	struct dnswire_rr rr;
	struct dnsname name, again;
	struct arena a = { 0 };
	bool open;

	dnsname_read("example.org", &name);
	if (dnswire_start(&reader, msg))
		while (dnswire_next(&reader, &rr) > 0) {
			if (!dnsname_read(
				dnsname_text(&rr.owner, &a), &again) ||
			    !dnsname_equal(&rr.owner, &again))
				abort();
			name = rr.owner;
		}
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct dns_answer r;

		dnswire_answer(msg, &name, types[i], &a, &r, &open);
		if ((r.status == DNS_OK) != (r.count > 0) ||
		    r.chain_count > DNS_CHAIN_MAX)
			abort();
	}
	arena_free(&a);
	return 0;
}
