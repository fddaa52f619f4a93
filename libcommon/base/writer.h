/* Where a stream of octets goes, whatever stands behind: a file, a buffer, a
 * connection, a filter in front of another writer.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include "base/buf.h"
#include "base/err.h"

struct writer {
	/* Takes all of s or fails with -1; s is only borrowed. */
	int (*write)(void *to, struct slice s, struct err *e);
	void *to;
};

static inline int
writer_put(const struct writer *w, struct slice s, struct err *e)
{
	return s.n ? w->write(w->to, s, e) : 0;
}

static inline int
writer_text(const struct writer *w, const char *s, struct err *e)
{
	return writer_put(w, slice_str(s), e);
}

/* Appends to b; beyond its maximum is ERR_DATA. */
struct writer writer_to_buf(struct buf *b);

/* Only counts, into *n, which the caller sets to 0. */
struct writer writer_to_count(uint64_t *n);

#endif
