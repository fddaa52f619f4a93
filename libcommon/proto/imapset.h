/* Sets of UIDs as sorted ranges: what a mailbox holds, what is known, what to
 * ask for (sequence-set, RFC 9051 section 9). Memory follows the number of
 * ranges, not of UIDs: four octets each, and never more than 8 KiB for 65536
 * UIDs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAPSET_H
#define PROTO_IMAPSET_H

#include "base/buf.h"
#include "base/err.h"

#include "proto/imapblock.h"

#define IMAPSET_UID_MAX    UINT32_MAX
#define IMAPSET_RANGES_MAX (1u << 20) /* of a set from outside */

struct imapset_range {
	uint32_t first, last; /* 1 <= first <= last */
};

/* Zero is the empty set; only then n is 0. */
struct imapset {
	struct imapblock *v; /* owned; sorted, none is empty */
	size_t n, cap;
	size_t runs; /* of all blocks */
};

void imapset_free(struct imapset *s);

/* Adds first..last in either order; 0 is no UID and is ignored. In any order,
 * many cost little each. */
void imapset_add(struct imapset *s, uint32_t first, uint32_t last);

/* The first range, as long as it may be, of UIDs that are *at or more; moves
 * *at, which starts as 0, behind it. False: there is none. */
bool imapset_next(
    const struct imapset *s, uint64_t *at, struct imapset_range *r_r);

/* All of b is in s. */
bool imapset_covers(const struct imapset *s, const struct imapset *b);

bool imapset_has(const struct imapset *s, uint32_t uid);

/* The greatest; 0: the set is empty. */
uint32_t imapset_last(const struct imapset *s);

/* How many UIDs it holds. */
uint64_t imapset_count(const struct imapset *s);

/* r = a without b; r starts empty and is neither of them. */
void imapset_minus(
    const struct imapset *a, const struct imapset *b, struct imapset *r);

/* Adds all of b. */
void imapset_join(struct imapset *s, const struct imapset *b);

/* Keeps the lowest n UIDs. */
void imapset_cut(struct imapset *s, uint64_t n);

/* Adds what a sequence-set names: "1:4,7,9". "*" is not read: a server never
 * sends it. More than IMAPSET_RANGES_MAX ranges, or pieces of them of
 * 65,536 UIDs, is an error. */
int imapset_read(struct imapset *s, struct slice text, struct err *e);

/* Appends the set as text from UID *at on, as many ranges as fit into room
 * octets but at least one, and moves *at behind them; false when there is none
 * from *at on. */
bool imapset_write(
    const struct imapset *s, uint64_t *at, size_t room, struct buf *out);

#endif
