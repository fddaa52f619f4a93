/* A piece of a set of UIDs (proto/imapset.h): those of 65536 that have the
 * upper half of their bits alike, as sorted runs while these are few, else a
 * bit each.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAPBLOCK_H
#define PROTO_IMAPBLOCK_H

#include "base/def.h"

#define IMAPBLOCK_RUNS_MAX 2048 /* as large as a bit for each of 65536 */

/* The lower half of UIDs. */
struct imapblock_run {
	uint16_t first, last;
};

/* Zero but for upper is empty. */
struct imapblock {
	uint32_t upper, n; /* n: runs, which do not touch */
	uint32_t cap;      /* 0: one; IMAPBLOCK_RUNS_MAX + 1: bits */
	union {
		struct imapblock_run one;
		struct imapblock_run *v; /* owned */
		uint64_t *bits;          /* owned */
	};
};

void imapblock_free(struct imapblock *b);

void imapblock_add(struct imapblock *b, struct imapblock_run r);

/* What is there of the first run that ends at from (up to 65536) or later;
 * false: there is none. */
bool imapblock_next(
    const struct imapblock *b, uint32_t from, struct imapblock_run *r_r);

bool imapblock_has(const struct imapblock *b, uint32_t lower);

/* The greatest of a block that is not empty. */
uint32_t imapblock_last(const struct imapblock *b);

#endif
