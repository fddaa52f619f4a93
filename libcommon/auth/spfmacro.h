/* SPF macros (RFC 7208 section 7): a domain-spec or an explanation with the
 * letters filled in.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_SPFMACRO_H
#define AUTH_SPFMACRO_H

#include "base/buf.h"

#include "net/ip.h"

#define SPFMACRO_DOMAIN_MAX 253   /* octets of an expanded domain (7.3) */
#define SPFMACRO_TEXT_MAX   65535 /* octets of any expansion */

struct spfmacro {
	struct ip ip;
	struct slice sender; /* %{s} */
	struct slice local;  /* %{l} */
	struct slice origin; /* %{o}, domain of the sender */
	struct slice domain; /* %{d}, whose record it is */
	struct slice helo;   /* %{h} */
	struct slice receiver;
	int64_t now;
	/* %{p}, asked only when it is there: a name, or "unknown". */
	struct slice (*validated)(void *arg);
	void *arg;
};

/* Expands text, whose syntax was checked (auth/spfrecord). */
void spfmacro_expand(
    const struct spfmacro *m, struct slice text, struct buf *out);

/* The same for a domain: labels are cut off from the left until it has at most
 * 253 octets; a dot at the end is dropped. */
void spfmacro_domain(
    const struct spfmacro *m, struct slice text, struct buf *out);

#endif
