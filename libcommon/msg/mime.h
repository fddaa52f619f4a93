/* A bounded walk over the parts of a message, in order, each before those
 * inside it (RFC 2046 section 5). Iterative; views of the message, except
 * inside a composite part that somebody encoded, which is decoded into the
 * arena (RFC 6532 section 3.7 allows that for message/global).
 *
 *	mime_begin(&m, message, &arena);
 *	while ((r = mime_next(&m, &part, e)) > 0)
 *		...
 *
 * Tolerated: LF, CRLF or both as line ends; a missing end boundary (the part
 * goes to the end of the enclosing one); blanks behind a boundary; preamble
 * and epilogue are skipped. A multipart without a boundary parameter, or
 * whose boundary never comes, has no children.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSG_MIME_H
#define MSG_MIME_H

#include "msg/part.h"

#define MIME_DEPTH_MAX    64   /* levels; beyond: a leaf, and cut is set */
#define MIME_PARTS_MAX    1000 /* parts; beyond: the end, and cut is set */
#define MIME_BOUNDARY_MAX 256  /* octets; RFC 2046 allows 70 */
#define MIME_DECODED_MAX  4    /* encoded composites in each other; likewise */

struct mime_part {
	struct part part;
	size_t number; /* from 0, the message itself */
	size_t parent; /* number of the part around it; its own for the first */
	size_t depth;  /* 0: the message itself */
};

struct mime_level {
	struct slice rest;      /* what is still to be walked */
	struct slice delimiter; /* "--" boundary; empty: one message */
	size_t parent;          /* the number of the part it is in */
	size_t decoded;         /* times what is in it was decoded */
	bool digest;
};

struct mime {
	struct arena *arena;
	struct mime_level level[MIME_DEPTH_MAX];
	size_t depth;  /* levels in use */
	size_t parts;  /* given so far */
	bool skip;     /* set by the caller after a part: not into it */
	bool cut;      /* out: a limit was met */
	bool unclosed; /* out: an end boundary was missing */

	bool pending;          /* private: last is still to be entered */
	struct mime_part last; /* private */
};

void mime_begin(struct mime *m, struct slice message, struct arena *a);

/* 1 a part, 0 the end, -1 a header over its limits: the walk may go on. */
int mime_next(struct mime *m, struct mime_part *p_r, struct err *e);

#endif
