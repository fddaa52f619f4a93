/* The beginning of a large message whose session was lost: kept beside the
 * state, so that the next run asks for the rest only.
 *
 * What comes of a message of at least FETCHPART_MIN octets is written to
 * FILE.part as well. When the fetch fails in its middle, the octets are made
 * durable, then a line at the end says what they are; a file without that line
 * is of a run that was cut, and counts for nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHPART_H
#define FLOW_FETCHPART_H

#include "base/err.h"
#include "base/slice.h"

#define FETCHPART_MIN (4u << 20) /* octets of a message */

struct fetchpart {
	int fd;      /* -1: none */
	char *path;  /* owned */
	uint64_t at; /* octets there */
};

/* What the octets are. */
struct fetchpart_name {
	uint32_t validity, uid;
	uint64_t size; /* of the whole message */
};

void fetchpart_init(struct fetchpart *p, const char *state_file);
void fetchpart_free(struct fetchpart *p);

/* A message begins, of which the octets are kept as they come. A failure costs
 * no more than the resuming: then they are not kept. */
void fetchpart_begin(struct fetchpart *p);
void fetchpart_write(struct fetchpart *p, struct slice octets);

/* It is whole, or of no use: the file goes. */
void fetchpart_drop(struct fetchpart *p);

/* It was cut: the file stays, and says what it is. */
void fetchpart_keep(struct fetchpart *p, const struct fetchpart_name *name);

/* 1: there is a beginning, of that name, open for fetchpart_read(); 0: none. */
int fetchpart_open(struct fetchpart *p, struct fetchpart_name *name_r);

/* Gives its octets to write(), block by block, and goes on keeping behind
 * them. */
int fetchpart_read(struct fetchpart *p,
    int (*write)(void *arg, struct slice octets, struct err *e), void *arg,
    struct err *e);

#endif
