/* What the files of msg/compose share: the plan is turned into a list of
 * segments, whose sizes are known, and writing goes through the list.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSG_COMPOSE_PRIVATE_H
#define MSG_COMPOSE_PRIVATE_H

#include "base/arena.h"
#include "base/given.h"
#include "base/io.h"
#include "base/writer.h"

#include "msg/compose_plan.h"

enum compose_way {
	COMPOSE_AS_IT_IS, /* octets of ours: fields, boundaries */
	COMPOSE_7BIT,     /* text, its line ends made CRLF */
	COMPOSE_QP,
	COMPOSE_BASE64
};

/* Content of a part: bytes in memory or in a mapping, or an open file. */
struct compose_content {
	const char *path; /* for errors */
	const char *name; /* what the reader sees */
	const char *type; /* media type */
	const char *cid;  /* Content-ID without brackets, or null */
	bool is_utf8;     /* text, and valid UTF-8 */
	struct slice bytes;
	int fd;          /* -1: bytes */
	uint64_t octets; /* of the file, or of bytes */
	struct io_map map;
};

struct compose_segment {
	enum compose_way way;
	struct slice bytes;
	const struct compose_content *file; /* instead of bytes, or null */
	uint64_t size;                      /* as written */
};

struct compose {
	struct arena arena;
	const struct compose_plan *plan;
	const struct given *given;
	struct compose_segment *segments; /* in the arena */
	size_t n_segments, cap_segments;
	struct buf made; /* octets of ours, not yet a segment */
	uint64_t size;
	bool is_utf8;
	bool over;      /* more of ours than COMPOSE_HEADER_MAX */
	unsigned depth; /* multiparts open */
	struct compose_content text, html;        /* path null: not there */
	struct compose_content *attach, *inlined; /* in the arena */
	size_t n_attach, n_inlined;
	size_t named_inlined;  /* those of the plan, at the start */
	const char *id_domain; /* of the author, for ids */
	char random[25];       /* of the boundaries */
	unsigned boundaries;   /* used */
};

/* compose_file.c: opens what the plan names. */
int compose_open_all(struct compose *c, struct err *e);
void compose_close(struct compose_content *content);
const struct compose_content *compose_add_inline(
    struct compose *c, const char *path, struct err *e);

/* compose_inline.c: what the HTML brings with it: its text where the plan asks
 * for it, its pictures. */
int compose_from_html(struct compose *c, struct err *e);

/* compose_head.c: the fields of the header, into c->made. */
int compose_head(struct compose *c, struct err *e);
int compose_refuse_controls(
    const char *field, struct slice value, struct err *e);

/* Octets of one piece of a body. */
#define COMPOSE_PIECE_MAX (64 * 1024)

/* compose_body.c: MIME fields and bodies. */
int compose_body(struct compose *c, struct err *e);

/* compose_segment.c: ends the octets of ours, appends a body; size as
 * written; one segment written, b being room for it. */
void compose_add(struct compose *c, enum compose_way way,
    const struct compose_content *content);
void compose_end_made(struct compose *c);
int compose_write_segment(const struct compose_segment *s, struct buf *b,
    const struct writer *out, struct err *e);

#endif
