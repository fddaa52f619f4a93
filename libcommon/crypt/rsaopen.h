/* The public operation of RSA (RFC 8017 section 5.2.2), which the crypto
 * library does not lend: it tells what a signature signs. With public numbers
 * only; it takes no care of time.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CRYPT_RSAOPEN_H
#define CRYPT_RSAOPEN_H

#include "base/slice.h"

#define RSAOPEN_MAX 1024 /* octets of a modulus */

/* signature^e mod n to out, of n's octets (big-endian, no zeros in front, at
 * most RSAOPEN_MAX). False for numbers that RSA does not have. */
bool rsaopen(
    struct slice n, struct slice e, struct slice signature, unsigned char *out);

#endif
