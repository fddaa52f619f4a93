/* The keys of signatures: looked up all at once, and tried (RFC 6376 sections
 * 6.1.2 and 6.1.3), for DKIM and ARC.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_DKIMTRY_H
#define AUTH_DKIMTRY_H

#include "auth/dkim.h"

#define DKIMTRY_MAX 64 /* signatures at once */

/* Asks for the keys of the n signatures whose code is OK; sets[i] belongs to
 * sig[i]. Without a key record that can be used, sig[i] says why. -1 only
 * where the machine fails, or for more than DKIMTRY_MAX. */
int dkimtry_look_up(struct dkim_signature *sig, size_t n,
    struct dkimkey_set *sets, const struct dkim_judge *j, struct arena *a,
    struct err *e);

/* Tries every key at the name (there may be several TXT records) on the digest
 * of the fields: sets header, bits, and the code. */
void dkimtry_keys(struct dkim_signature *s, const struct dkimkey_set *set,
    const unsigned char *sum, const struct dkim_judge *j, struct arena *a);

#endif
