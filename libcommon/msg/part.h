/* One body part: its media type, encoding, disposition and decoded content
 * (RFC 2045, 2046, 2183, 6838).
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSG_PART_H
#define MSG_PART_H

#include "base/buf.h"

#include "text/param.h"

#include "msg/header.h"

enum part_encoding {
	PART_7BIT,
	PART_8BIT,
	PART_BINARY,
	PART_QP,
	PART_BASE64,
	PART_UNKNOWN /* kept as it is; RFC 2045 section 6.4: octet-stream */
};

struct part {
	struct slice bytes;   /* header and body */
	struct header header; /* header.body is the content, still encoded */
	struct slice type;    /* "text", as written: compare without case */
	struct slice subtype; /* "plain" */
	struct param_list params; /* of Content-Type */
	enum part_encoding encoding;
	struct slice disposition; /* "attachment", "inline", or empty */
	struct param_list disposition_params;
	bool flawed; /* Content-Type was there and was not understood */
};

/* Reads a part. Without a Content-Type, or with one that is not understood,
 * the type is text/plain (RFC 2045 section 5.2), or message/rfc822 in a
 * digest (RFC 2046 section 5.1.5). Fails only for the header's limits. */
int part_parse(struct slice bytes, bool in_digest, struct arena *a,
    struct part *p_r, struct err *e);

/* Both match, case ignored; a null subtype matches all. */
bool part_is(const struct part *p, const char *type, const char *subtype);

/* filename of the disposition, else name of the type, UTF-8, as the sender
 * wrote it: never a path to open. { NULL, 0 } when there is none. */
struct slice part_filename(const struct part *p);

/* Appends the content with its transfer encoding undone; out's maximum bounds
 * it. False when the encoding was broken; what can be read is there. */
bool part_decode(const struct part *p, struct buf *out);

/* The same as a view: of the message where nothing is encoded, else in the
 * arena. */
struct slice part_content(const struct part *p, struct arena *a);

/* Appends the content as UTF-8 text, its charset undone as well. */
void part_text(const struct part *p, struct buf *out);

#endif
