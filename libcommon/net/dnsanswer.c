/* What DNS answers (see dnsanswer.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/dnsanswer.h"

bool
dns_unknown(enum dns_status s)
{
	return s >= DNS_SERVFAIL;
}

const char *
dns_status_name(enum dns_status s)
{
	static const char *const names[] = { "ok", "nxdomain", "nodata",
		"servfail", "refused", "timeout", "bogus" };

	return names[s];
}

static const struct type {
	enum dns_type type;
	const char *name;
} types[] = {
	{ DNS_A, "A" },
	{ DNS_NS, "NS" },
	{ DNS_CNAME, "CNAME" },
	{ DNS_SOA, "SOA" },
	{ DNS_PTR, "PTR" },
	{ DNS_MX, "MX" },
	{ DNS_TXT, "TXT" },
	{ DNS_AAAA, "AAAA" },
	{ DNS_SRV, "SRV" },
	{ DNS_DS, "DS" },
	{ DNS_RRSIG, "RRSIG" },
	{ DNS_DNSKEY, "DNSKEY" },
	{ DNS_NSEC3PARAM, "NSEC3PARAM" },
	{ DNS_TLSA, "TLSA" },
	{ DNS_SPF, "SPF" },
	{ DNS_CAA, "CAA" },
};

const char *
dns_type_name(enum dns_type t)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (types[i].type == DNS_PLAIN(t))
			return types[i].name;
	return NULL;
}

unsigned
dns_type_number(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (slice_is_nocase(name, types[i].name))
			return types[i].type;
	return 0;
}
