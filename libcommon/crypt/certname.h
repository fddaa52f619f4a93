/* Who a certificate is for and who issued it, read from its DER (RFC 5280
 * section 4.1) without a library: to find among hundreds of authorities the
 * one that counts.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CRYPT_CERTNAME_H
#define CRYPT_CERTNAME_H

#include "base/slice.h"

/* The two names as they stand, DER of a Name each; they point into the
 * certificate. False for what is no certificate. */
bool certname_read(
    struct slice der, struct slice *issuer_r, struct slice *subject_r);

/* Takes the next certificate of a PEM text: the base64 between its lines.
 * False at the end. What else is there is passed over. */
bool certname_take_pem(struct slice *text, struct slice *base64_r);

#endif
