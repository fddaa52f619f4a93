/* TLS-RPT: where reports of failed TLS go (RFC 8460 section 3).
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_TLSRPT_H
#define AUTH_TLSRPT_H

#include "auth/txtfields.h"

#define TLSRPT_VERSION  "v=TLSRPTv1"
#define TLSRPT_URIS_MAX 16 /* of one record that are read */

struct tlsrpt_record {
	struct txtfields fields;
	struct slice uri[TLSRPT_URIS_MAX]; /* views into the text */
	size_t count;
};

/* Reads the text of one TXT record at _smtp._tls.DOMAIN: 1 good, 0 it is no
 * TLS-RPT record, -1 one of no effect: no URI of mailto: or https:. */
int tlsrpt_read(struct slice text, struct tlsrpt_record *r);

/* The URI is one that reports can be sent to. */
bool tlsrpt_uri_ok(struct slice uri);

#endif
