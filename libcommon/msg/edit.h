/* Changes to a message that lies in memory: what is left out, put in, or
 * encoded anew. Nothing is copied; the changed message is written as a stream
 * and its size is known before.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSG_EDIT_H
#define MSG_EDIT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/io.h"
#include "base/writer.h"

enum edit_way {
	EDIT_BYTES,       /* as they are */
	EDIT_QP,          /* as quoted-printable */
	EDIT_BASE64,      /* as lines of base64 */
	EDIT_BASE64_TEXT, /* likewise, line ends made CRLF before */
	EDIT_BINARY       /* as they are, on the wire too: edit_write_wire() */
};

/* Octets from..to-1 of the message are replaced by bytes. */
struct edit {
	size_t from, to;
	enum edit_way way;
	struct slice bytes;
};

/* Starts as { .message = ... }. */
struct edits {
	struct slice message;     /* borrowed */
	const struct io_map *map; /* it lies in, or null; what was written is
	                           * taken out of it */
	struct edit *v;           /* by place, in the arena */
	size_t n, cap;
};

/* Adds one, in any order; edits must not overlap, and several that put
 * something in at one place keep their order. */
void edit_add(struct edits *s, const struct edit *one, struct arena *a);

/* Octets on the wire: all line ends CRLF, and the last line ended. bare is
 * the number of LF without CR in the message (eol_facts). */
uint64_t edit_size(const struct edits *s, uint64_t bare);

/* Octets of s with all line ends CRLF, an open last line left open. */
uint64_t edit_wire_size(struct slice s);

/* Writes the changed message: line ends of what was not encoded as they are.
 * May be called again. */
int edit_write(const struct edits *s, const struct writer *out, struct err *e);

/* Writes it as it is on the wire: all line ends CRLF and the last line ended,
 * but for what is EDIT_BINARY. */
int edit_write_wire(
    const struct edits *s, const struct writer *out, struct err *e);

/* Calls view for each piece of the message that stays, in order; until it
 * says something but 0, which is returned. */
int edit_kept(const struct edits *s, int (*view)(void *arg, struct slice kept),
    void *arg);

#endif
