/* The stream of COMPRESS=DEFLATE (RFC 4978): raw deflate (RFC 1951) both ways,
 * every piece that is sent flushed. The door of zlib for the wire.
 *
 * What comes is inflated into the room the reader gives and no further, so a
 * bomb costs the reader's limits and nothing here.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DEFLATE_H
#define NET_DEFLATE_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#define DEFLATE_BLOCK 16384 /* octets of the peer's held, at most */

struct deflate;

struct deflate *deflate_new(void);
void deflate_free(struct deflate **d);

/* Room for what came from the peer, once the last of it is used up: *n_r
 * octets; and how many of them were filled. */
void *deflate_room(struct deflate *d, size_t *n_r);
void deflate_came(struct deflate *d, size_t n);

/* Inflates into p: octets, 0 when more has to come, -1 (ERR_PROTO) for what is
 * no deflate, its end included. */
ssize_t deflate_pull(struct deflate *d, void *p, size_t n, struct err *e);

/* Appends what goes over the wire for bytes, flushed; an overflow is out's. */
void deflate_push(struct deflate *d, struct slice bytes, struct buf *out);

#endif
