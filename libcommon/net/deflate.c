/* COMPRESS=DEFLATE (see deflate.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <zlib.h>

#include "base/mem.h"

#include "net/deflate.h"

#define WINDOW (-15) /* raw, the largest */
#define MEMORY 8
#define PIECE  4096

struct deflate {
	z_stream in, out;
	unsigned char block[DEFLATE_BLOCK]; /* of the peer */
};

static void *
get(void *arg, unsigned n, unsigned size)
{
	(void)arg;
	return mem_new((size_t)n * size);
}

static void
put(void *arg, void *p)
{
	(void)arg;
	mem_free(p);
}

struct deflate *
deflate_new(void)
{
	struct deflate *d = mem_new(sizeof(*d));

	d->in.zalloc = d->out.zalloc = get;
	d->in.zfree = d->out.zfree = put;
	/* with memory that never fails and constants, neither do these */
	inflateInit2(&d->in, WINDOW);
	deflateInit2(&d->out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW, MEMORY,
	    Z_DEFAULT_STRATEGY);
	return d;
}

void
deflate_free(struct deflate **d)
{
	if (!*d)
		return;
	inflateEnd(&(*d)->in);
	deflateEnd(&(*d)->out);
	mem_free(*d);
	*d = NULL;
}

void *
deflate_room(struct deflate *d, size_t *n_r)
{
	*n_r = sizeof(d->block);
	return d->block;
}

void
deflate_came(struct deflate *d, size_t n)
{
	d->in.next_in = d->block;
	d->in.avail_in = (uInt)n;
}

ssize_t
deflate_pull(struct deflate *d, void *p, size_t n, struct err *e)
{
	int got;

	n = size_min(n, INT32_MAX);
	d->in.next_out = p;
	d->in.avail_out = (uInt)n;
	got = inflate(&d->in, Z_SYNC_FLUSH);
	n -= d->in.avail_out;
	if (n > 0 || (got == Z_OK && d->in.avail_in == 0) || got == Z_BUF_ERROR)
		return (ssize_t)n;
	return err_set(e, ERR_PROTO, "the compressed stream is broken");
}

void
deflate_push(struct deflate *d, struct slice bytes, struct buf *out)
{
	unsigned char piece[PIECE];
	union {
		const char *from;
		unsigned char *to; /* next_in has no const in older zlib */
	} p = { bytes.p };

	d->out.next_in = p.to;
	d->out.avail_in = (uInt)bytes.n;
	do {
		d->out.next_out = piece;
		d->out.avail_out = sizeof(piece);
		deflate(&d->out, Z_SYNC_FLUSH);
		buf_add(out, piece, sizeof(piece) - d->out.avail_out);
	} while (d->out.avail_out == 0);
}
