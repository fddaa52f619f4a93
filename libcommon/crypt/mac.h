/* Keyed digests (HMAC, RFC 2104), keys from passwords (PBKDF2, RFC 8018), and
 * passwords in the one form both sides agree on. A door of GnuTLS.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CRYPT_MAC_H
#define CRYPT_MAC_H

#include "base/buf.h"

#include "crypt/digest.h"

/* HMAC: writes digest_size(kind) octets. */
int mac_of(enum digest_kind kind, struct slice key, struct slice text,
    unsigned char *out, struct err *e);

/* PBKDF2 with HMAC: writes digest_size(kind) octets. rounds is the caller's to
 * limit, it is time. */
int mac_derive(enum digest_kind kind, struct slice password, struct slice salt,
    uint32_t rounds, unsigned char *out, struct err *e);

/* Appends the password as RFC 8265's OpaqueString (the successor of SASLprep):
 * characters in composed form, other kinds of space as SP. US-ASCII stays as
 * it is. ERR_CONFIG for what is no such string: bad UTF-8, control characters,
 * nothing. */
int mac_password(struct slice password, struct buf *out, struct err *e);

#endif
