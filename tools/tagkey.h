/* Keys of the tags that msend writes and mbounce-parse reads
 * (report/ourskey.h), from files that nobody else may read.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TAGKEY_H
#define TAGKEY_H

#include "base/err.h"
#include "base/opt.h"

#include "report/ourskey.h"

#define TAGKEY_MIN 16   /* octets of a key */
#define TAGKEY_MAX 4096 /* of its file */

/* All zero: none. of.mac and of.mac_sha1 are set by tagkeys_load(). */
struct tagkeys {
	struct ourskey of;
	struct buf text[3 * OURSKEY_KEYS_MAX];
	size_t n;
};

/* Reads the files of an option into keys, a member of k->of. -1 for one that
 * others may read, or that is short; k is to be wiped all the same. */
int tagkeys_load(struct tagkeys *k, const char *option,
    const struct opt_list *files, struct slice keys[OURSKEY_KEYS_MAX],
    size_t *n_r, struct err *e);
void tagkeys_wipe(struct tagkeys *k);

#endif
