/* The numbers and UIDLs of a POP3 mailbox, in the order in which they came:
 * written once, then read as often as need be. Many do not stay in memory but
 * go into a file without a name.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHNAMES_H
#define FLOW_FETCHNAMES_H

#include "base/buf.h"
#include "base/err.h"

#define FETCHNAMES_BLOCK (1u << 20) /* octets in memory */

struct fetchnames_item {
	uint32_t number;
	struct slice uidl; /* empty: none; holds until the next is read */
};

struct fetchnames {
	struct buf b; /* what was not written, or the block that is read */
	int fd;       /* -1: all is in b */
	size_t at;    /* in b, of the next */
	bool written; /* nothing is added any more */
};

void fetchnames_init(struct fetchnames *n);
void fetchnames_free(struct fetchnames *n);

/* One with a UIDL of at most UINT16_MAX octets. */
int fetchnames_add(
    struct fetchnames *n, uint32_t number, struct slice uidl, struct err *e);

/* To the first; from then on nothing is added. */
int fetchnames_rewind(struct fetchnames *n, struct err *e);

/* The next: 1, 0 at the end, -1. */
int fetchnames_next(
    struct fetchnames *n, struct fetchnames_item *item_r, struct err *e);

#endif
