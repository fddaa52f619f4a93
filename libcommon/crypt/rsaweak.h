/* RSA public keys that can be broken by looking at them: small factors, factors
 * close together (Fermat), ROCA (CVE-2017-15361), keys published with their
 * private half, and moduli that share a factor with others of a run.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CRYPT_RSAWEAK_H
#define CRYPT_RSAWEAK_H

#include "base/slice.h"

#define RSAWEAK_KEYS_MAX (1u << 16) /* of one run that are compared */
#define RSAWEAK_SIZE_MAX 1024       /* octets of a modulus compared */

struct rsaweak_key {
	struct slice n, e; /* big-endian, no zeros in front */
	bool bare;         /* an RSAPublicKey without SubjectPublicKeyInfo */
};

/* From the DER of a public key; views into it. */
bool rsaweak_read(struct slice der, struct rsaweak_key *k_r);

/* 1, even, or over 64 bits (RFC 8017 section 3.1 wants odd and 3 or more). */
bool rsaweak_bad_exponent(const struct rsaweak_key *k);

/* What is weak about the modulus, or null. */
const char *rsaweak_why(const struct rsaweak_key *k);

/* This build can compare moduli. */
bool rsaweak_compares(void);

#define RSAWEAK_ALONE SIZE_MAX       /* shares no factor */
#define RSAWEAK_SOME  (SIZE_MAX - 1) /* shares one; with which is not known */

/* For each of at most RSAWEAK_KEYS_MAX moduli the index of another that it
 * shares a factor with; 0 and 1 have none. All are compared at once by a tree
 * of products and remainders, which takes about 20 times their octets. */
void rsaweak_common(const struct slice *moduli, size_t count, size_t *with_r);

#endif
