/* The public operation of RSA (RFC 8017 section 5.2.2), which the crypto
 * library does not lend: it tells what a signature signs. With public numbers
 * only; it takes no care of time. By GMP.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CRYPT_RSAOPEN_H
#define CRYPT_RSAOPEN_H

#include "base/slice.h"

#define RSAOPEN_MIN   16 /* octets of a modulus */
#define RSAOPEN_MAX   1024
#define RSAOPEN_E_MAX 8 /* octets of an exponent */

/* signature^e mod n to out, of n's octets (big-endian, no zeros in front).
 * False for numbers that RSA does not have, and in a build without GMP. */
bool rsaopen(
    struct slice n, struct slice e, struct slice signature, unsigned char *out);

#endif
