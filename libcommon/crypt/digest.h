/* SHA-256, whole or piece by piece; SHA-1 and SHA-512 only to judge what others
 * signed (RFC 8301 3.1 forbids both making and accepting SHA-1, and DKIM never
 * had SHA-512), MD5 only for APOP (RFC 1939, 7). A door of GnuTLS.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CRYPT_DIGEST_H
#define CRYPT_DIGEST_H

#include "base/err.h"
#include "base/slice.h"

enum digest_kind { DIGEST_SHA256, DIGEST_SHA1, DIGEST_SHA512, DIGEST_MD5 };

#define DIGEST_SHA256_SIZE 32
#define DIGEST_SHA1_SIZE   20
#define DIGEST_SHA512_SIZE 64
#define DIGEST_MD5_SIZE    16
#define DIGEST_MAX         64 /* octets of the longest */
#define DIGEST_HEX_MAX     65 /* hexadecimal text of SHA-256, and NUL */

/* A digest under way, between digest_begin() and digest_end(). */
struct digest {
	void *state; /* private */
	enum digest_kind kind;
};

/* Octets of the finished digest. */
size_t digest_size(enum digest_kind kind);

/* Starts; ERR_UNAVAILABLE when the library refuses the algorithm. */
int digest_begin(struct digest *d, enum digest_kind kind, struct err *e);

void digest_add(struct digest *d, const void *p, size_t n);

/* Writes digest_size() octets and gives the state back; a null out only gives
 * it back. A digest that never began (all zero) is accepted. */
void digest_end(struct digest *d, unsigned char *out);

/* The digest of what was added so far; d goes on. False when the library
 * cannot copy its state. */
bool digest_peek(const struct digest *d, unsigned char *out);

/* The digest of one view. */
int digest_of(
    enum digest_kind kind, struct slice s, unsigned char *out, struct err *e);

/* n octets (at most DIGEST_SHA256_SIZE) as lower-case hexadecimal text. */
void digest_hex(const unsigned char *p, size_t n, char out[DIGEST_HEX_MAX]);

#endif
