/* store/suppress: what reading and writing share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STORE_SUPPRESS_PRIVATE_H
#define STORE_SUPPRESS_PRIVATE_H

#include "store/suppress.h"

int suppress_key_of(
    const struct suppress_hash *h, struct slice address, struct buf *out);
bool suppress_parse_line(struct slice line, struct suppress_entry *e_r);
int suppress_take_head(struct slice *text, const struct suppress_hash *hash,
    const char *path, struct err *e);

#endif
