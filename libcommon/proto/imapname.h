/* Mailbox names: modified UTF-7 (RFC 3501, 5.1.3) on the wire, UTF-8 here.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAPNAME_H
#define PROTO_IMAPNAME_H

#include "base/buf.h"

#define IMAPNAME_MAX 1024 /* octets of a name, in either form */

/* Appends the name as UTF-8; false for what RFC 3501 forbids: an open or
 * broken "&...-", lone surrogates, printable US-ASCII written in base64, 8-bit
 * octets, controls. Then the name has to be shown and used as it came. */
bool imapname_decode(struct slice wire, struct buf *out);

/* Appends the name as modified UTF-7; false when it is not UTF-8 or has
 * controls. */
bool imapname_encode(struct slice utf8, struct buf *out);

#endif
