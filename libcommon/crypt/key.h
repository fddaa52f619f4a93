/* Keys that sign and keys that verify: RSA (RFC 8017, PKCS#1 v1.5 over
 * SHA-256) and Ed25519 (RFC 8032) as DKIM uses them (RFC 6376, 8301, 8463). A
 * door of GnuTLS.
 *
 * Private keys are read from PEM (PKCS#1, PKCS#8), the same without its
 * markers, DER, and for Ed25519 also the bare seed (32 octets, or base64 of
 * 32 or 64 octets as dkimpy and rspamd keep it). They are wiped when freed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CRYPT_KEY_H
#define CRYPT_KEY_H

#include "base/buf.h"
#include "base/err.h"

#include "crypt/digest.h"

#define KEY_FILE_MAX      (64u << 10) /* octets of a key file */
#define KEY_BITS_MAX      8192        /* of an RSA modulus */
#define KEY_SIGNATURE_MAX (KEY_BITS_MAX / 8)
#define KEY_PUBLIC_MAX    (4u << 10) /* octets of a public key from outside */

enum key_kind { KEY_RSA, KEY_ED25519 };

struct key;        /* private */
struct key_public; /* public */

/* "rsa", "ed25519": the words of k= (RFC 6376 3.6.1, RFC 8463 2). */
const char *key_kind_name(enum key_kind kind);

/* A private key from the octets of a key file; what names it in errors. What
 * is no usable key, and an encrypted one, is ERR_DATA. */
int key_read(
    struct key **k_r, struct slice bytes, const char *what, struct err *e);

/* The same with the password of an encrypted key (PKCS#8, or PEM of old). The
 * empty pin is none. */
int key_read_pin(struct key **k_r, struct slice bytes, struct slice pin,
    const char *what, struct err *e);

/* The same from a file, or from a token by its "pkcs11:" URI (RFC 7512), whose
 * PIN is kept until key_free(). */
int key_open_pin(struct key **k_r, const char *path, struct slice pin,
    bool *exposed_r, struct err *e);

/* The same without one. *exposed_r (may be null) tells whether others than
 * its owner may read it: worth a warning. */
int key_open(
    struct key **k_r, const char *path, bool *exposed_r, struct err *e);

/* A new key; bits counts for RSA only. */
int key_generate(
    struct key **k_r, enum key_kind kind, unsigned bits, struct err *e);

void key_free(struct key **k);

enum key_kind key_kind(const struct key *k);
unsigned key_bits(const struct key *k); /* 256 for Ed25519 */

/* Appends the signature of a SHA-256 digest: PKCS#1 v1.5 for RSA; for Ed25519
 * the digest is the signed data (RFC 8463 3). */
int key_sign(const struct key *k,
    const unsigned char digest[DIGEST_SHA256_SIZE], struct buf *out,
    struct err *e);

/* Appends the key as PEM, PKCS#8 without encryption. out is the caller's to
 * wipe. */
int key_write_pem(const struct key *k, struct buf *out, struct err *e);

/* Appends the octets of p= (before base64): SubjectPublicKeyInfo for RSA, the
 * 32 octets of RFC 8463 4 for Ed25519. */
int key_write_public(const struct key *k, struct buf *out, struct err *e);

/* A public key from the octets of p=. RSA: SubjectPublicKeyInfo (erratum 3017
 * of RFC 6376) or the literal RSAPublicKey; Ed25519: 32 octets, or its
 * SubjectPublicKeyInfo as some publish it. Anything else, and RSA above
 * KEY_BITS_MAX, is ERR_DATA. */
int key_public_read(struct key_public **k_r, enum key_kind kind,
    struct slice octets, struct err *e);

void key_public_free(struct key_public **k);

unsigned key_public_bits(const struct key_public *k);

/* Did this key sign the digest? False for any kind of mismatch. */
bool key_public_verify(const struct key_public *k, enum digest_kind kind,
    const unsigned char *digest, struct slice signature);

/* Is it a key for key_public_open(): RSA, at most KEY_OPEN_BITS, and of an
 * exponent that costs little? */
#define KEY_OPEN_BITS 4096
bool key_public_opens(const struct key_public *k);

/* The digest that the key signed there (RFC 8017 9.2). False: it is another
 * key's signature, of another digest, or key_public_opens() says no. */
bool key_public_open(const struct key_public *k, enum digest_kind kind,
    struct slice signature, unsigned char digest[DIGEST_MAX]);

#endif
