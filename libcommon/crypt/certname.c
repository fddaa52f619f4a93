/* Names of certificates (see certname.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "crypt/certname.h"

#define LENGTH_OCTETS 4 /* of one DER length */

enum der_tag { DER_INTEGER = 0x02, DER_SEQUENCE = 0x30, DER_VERSION = 0xa0 };

/* Takes one value of DER (X.690, 8.1): its content, or with whole the header
 * as well. */
static bool
take(struct slice *s, int tag, bool whole, struct slice *value_r)
{
	struct slice at = *s;
	size_t n, header;
	int c, octets;

	if (slice_get(&at) != tag || (c = slice_get(&at)) < 0)
		return false;
	n = (size_t)c;
	if (n & 0x80) {
		octets = c & 0x7f;
		if (octets < 1 || octets > LENGTH_OCTETS)
			return false;
		for (n = 0; octets > 0; octets--) {
			if ((c = slice_get(&at)) < 0)
				return false;
			n = n << 8 | (size_t)c;
		}
	}
	if (n > at.n)
		return false;
	header = s->n - at.n;
	*value_r = whole ? slice_take(s, header + n) : slice_take(&at, n);
	if (!whole)
		*s = at;
	return true;
}

/* Certificate ::= SEQUENCE { TBSCertificate, ... }
 * TBSCertificate ::= SEQUENCE { version [0] OPTIONAL, serialNumber INTEGER,
 *   signature SEQUENCE, issuer Name, validity SEQUENCE, subject Name, ... } */
bool
certname_read(struct slice der, struct slice *issuer_r, struct slice *subject_r)
{
	struct slice cert, tbs, skipped;

	if (!take(&der, DER_SEQUENCE, false, &cert) ||
	    !take(&cert, DER_SEQUENCE, false, &tbs))
		return false;
	if (slice_peek(tbs) == DER_VERSION &&
	    !take(&tbs, DER_VERSION, false, &skipped))
		return false;
	return take(&tbs, DER_INTEGER, false, &skipped) &&
	       take(&tbs, DER_SEQUENCE, false, &skipped) &&
	       take(&tbs, DER_SEQUENCE, true, issuer_r) &&
	       take(&tbs, DER_SEQUENCE, false, &skipped) &&
	       take(&tbs, DER_SEQUENCE, true, subject_r);
}

bool
certname_take_pem(struct slice *text, struct slice *base64_r)
{
	struct slice line, body;

	while (slice_take_line(text, &line, NULL)) {
		if (!slice_is(
			slice_trim_end(line), "-----BEGIN CERTIFICATE-----"))
			continue;
		body = *text;
		while (slice_take_line(text, &line, NULL))
			if (slice_starts(line, "-----END ")) {
				body.n = (size_t)(line.p - body.p);
				*base64_r = body;
				return true;
			}
	}
	return false;
}
