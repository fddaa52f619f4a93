/* Addresses as SMTP commands carry them (RFC 5321 section 4.1.2, RFC 6531
 * section 3.3).
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SMTPADDR_H
#define PROTO_SMTPADDR_H

#include "base/buf.h"
#include "base/err.h"

#define SMTPADDR_LOCAL_MAX 64  /* octets (RFC 5321, 4.5.3.1.1) */
#define SMTPADDR_MAX       256 /* with "<" and ">" (4.5.3.1.3) */

/* Appends "<local@domain>", the domain as A-labels in lower case. A local part
 * alone (postmaster, or a user of an LMTP server) stays alone; the empty
 * address becomes "<>". *utf8_r is true when the local part is UTF-8: the
 * command needs SMTPUTF8. ERR_DATA for anything that is no address: control
 * characters, blanks and "<" outside of quotes, a domain that is none, one
 * that is too long. */
int smtpaddr_write(
    struct slice address, struct buf *out, bool *utf8_r, struct err *e);

#endif
