/* Sets of UIDs as sorted ranges: what a mailbox holds, what is known, what to
 * ask for (sequence-set, RFC 9051 section 9). Memory follows the number of
 * ranges, not of UIDs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAPSET_H
#define PROTO_IMAPSET_H

#include "base/buf.h"
#include "base/err.h"

#define IMAPSET_UID_MAX    UINT32_MAX
#define IMAPSET_RANGES_MAX (1u << 20) /* of a set from outside */
#define IMAPSET_BULK       65536      /* ranges sorted together */

struct imapset_range {
	uint32_t first, last; /* 1 <= first <= last */
};

/* Zero is the empty set. Ranges are sorted, disjoint and do not touch. */
struct imapset {
	struct imapset_range *v; /* owned */
	size_t n, cap;
};

void imapset_free(struct imapset *s);

/* Adds first..last in either order; 0 is no UID and is ignored. Adding at the
 * end costs nothing. */
void imapset_add(struct imapset *s, uint32_t first, uint32_t last);

/* The same for many in any order, in a time that hardly depends on it. Starts
 * as zero; what was gathered is in the set once it is settled. */
struct imapset_bulk {
	struct imapset_range *v; /* owned until settled */
	size_t n;
};

void imapset_gather(
    struct imapset *s, struct imapset_bulk *b, uint32_t first, uint32_t last);
void imapset_settle(struct imapset *s, struct imapset_bulk *b);

bool imapset_has(const struct imapset *s, uint32_t uid);

/* How many UIDs it holds. */
uint64_t imapset_count(const struct imapset *s);

/* r = a without b; r starts empty and is neither of them. */
void imapset_minus(
    const struct imapset *a, const struct imapset *b, struct imapset *r);

/* Adds all of b, in a time that is that of both together. */
void imapset_join(struct imapset *s, const struct imapset *b);

/* Keeps the lowest n UIDs. */
void imapset_cut(struct imapset *s, uint64_t n);

/* Adds what a sequence-set names: "1:4,7,9". "*" is not read: a server never
 * sends it. More than IMAPSET_RANGES_MAX ranges is an error. */
int imapset_read(struct imapset *s, struct slice text, struct err *e);

/* Appends the set as text from range *at on, as many ranges as fit into room
 * octets but at least one, and moves *at behind them; false when *at is at
 * the end already. */
bool imapset_write(
    const struct imapset *s, size_t *at, size_t room, struct buf *out);

#endif
