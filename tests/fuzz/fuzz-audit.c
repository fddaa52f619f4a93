/* Fuzzes what an audit reads of a record: any octets as the text of a TXT
 * record at each of the names that mail has, or as the data of CAA, TLSA, and
 * DNSSEC's records. The first octet chooses.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "audit/audit.h"

#define DATA_MAX 2000 /* octets of a record */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	const char *owner;
	unsigned type;
} kinds[] = {
	{ "a.example", DNS_TXT },
	{ "_dmarc.a.example", DNS_TXT },
	{ "s._domainkey.a.example", DNS_TXT },
	{ "_mta-sts.a.example", DNS_TXT },
	{ "_smtp._tls.a.example", DNS_TXT },
	{ "default._bimi.a.example", DNS_TXT },
	{ "a.example", DNS_CAA },
	{ "_25._tcp.a.example", DNS_TLSA },
	{ "a.example", DNS_DNSKEY },
	{ "a.example", DNS_DS },
	{ "a.example", DNS_RRSIG },
	{ "a.example", DNS_NSEC3PARAM },
	{ "a.example", DNS_MX },
};

static int64_t
then(const struct given *g)
{
	(void)g;
	return 1800000000;
}

/* One line of a master file: strings, or data as RFC 3597 has it. */
static void
put_line(struct buf *out, struct slice in)
{
	size_t kind = (size_t)slice_get(&in) % COUNT_OF(kinds);
	bool text = kinds[kind].type == DNS_TXT;

	in = slice_sub(in, 0, DATA_MAX);
	buf_fmt(out, "%s. TYPE%u ", kinds[kind].owner, kinds[kind].type);
	buf_fmt(out, "\\# %zu ", text ? in.n + (in.n + 254) / 255 : in.n);
	for (size_t i = 0; i < in.n; i++) {
		if (text && i % 255 == 0)
			buf_fmt(out, "%02zx", size_min(in.n - i, 255));
		buf_fmt(out, "%02x", (unsigned)slice_at(in, i));
	}
	buf_char(out, '\n');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const selectors[] = { "s" };
	static const char rest[] = ";@ SECURE\nb.example. MX 10 a.example.\n"
				   "a.example. A 192.0.2.1\n"
				   "a.example. DNSKEY 257 3 13 AAAA\n";
	const struct given given = { .now = then };
	struct dns_config c = { .offline = true, .given = &given };
	struct audit_want want = { .selectors = selectors,
		.selector_count = 1,
		.expect_ca = "ca.example",
		.now = then(&given) };
	struct audit_report r;
	struct arena a = { 0 };
	struct buf line, page;
	struct dns *d;
	struct err e;

	if (size == 0 || dns_new(&d, &c, &e) < 0)
		return 0;
	buf_init(&line, 4 * DATA_MAX);
	put_line(&line, slice_of(data, size));
	buf_text(&line, rest);
	buf_init(&page, 1u << 20);
	if (dns_overlay(d, buf_view(&line), "fuzz", &e) == 0 &&
	    audit_domain(d, "a.example", &want, &a, &r, &e) == 0) {
		audit_tsv(&r, AUDIT_INFO, &page);
		buf_reset(&page);
		audit_page(&r, AUDIT_INFO, false, &page);
		if (r.count == 0 || buf_over(&page))
			abort();
		for (size_t i = 0; i < r.count; i++)
			if (r.findings[i].span[0] > r.findings[i].span[1])
				abort();
	}
	buf_free(&page);
	buf_free(&line);
	arena_free(&a);
	dns_free(&d);
	return 0;
}
