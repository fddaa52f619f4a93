/* The header of a message, as views of its octets: nothing is copied, nothing
 * is refused that can be told apart (RFC 5322 sections 2.2 and 4.5; mbox
 * "From " lines in front are passed over).
 *
 * Lines may end in CRLF, LF, or a mixture. A header without an empty line is a
 * message with an empty body. A line that is no field and continues none ends
 * the header: what follows is body, and broken says so.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSG_HEADER_H
#define MSG_HEADER_H

#include "base/arena.h"
#include "base/err.h"

#define HEADER_BLOCK_MAX  (16u << 20) /* octets of a header block */
#define HEADER_FIELDS_MAX 20000       /* fields of a header */
#define HEADER_NAME_MAX   256         /* octets of a field's name */
#define HEADER_LOOK       4096

struct header_field {
	struct slice name;  /* without blanks before the colon */
	struct slice value; /* after the colon; folds kept, line end not */
	struct slice raw;   /* the whole field, its line end included */
};

struct header {
	struct header_field *fields; /* from the top; in the arena */
	size_t count;
	struct slice block;  /* all fields, without the empty line */
	struct slice body;   /* after the empty line */
	struct slice from_;  /* the mbox line in front, without its end */
	struct slice broken; /* the line that ended the header without being
	                      * empty, or nothing */
	uint64_t names;      /* private */
	const char *eol; /* of the first line: "\r\n" or "\n"; "\r\n" when there
	                  * is no line */
};

/* ERR_DATA beyond the limits above. The views are into message, the array is
 * the arena's. An empty message is a header of no fields. */
int header_read(
    struct slice message, struct arena *a, struct header *h_r, struct err *e);

/* Reads one field from the front of *rest: 1 got one, 0 the header ends here
 * (an empty line was taken, or rest is used up), -1 this line is no field (not
 * taken). For those who need no array. */
int header_take(struct slice *rest, struct header_field *f_r);

/* ERR_DATA for binary data: what starts with no field, behind an mbox line or
 * not, and has an octet in its first HEADER_LOOK that stands in no text. */
int header_refuse_binary(struct slice message, struct err *e);

/* The nth field of that name counted from the top, 0 being the first; null
 * when there is none. Names ignore ASCII case. */
const struct header_field *header_nth(
    const struct header *h, const char *name, size_t nth);

/* The first of that name. */
const struct header_field *header_get(const struct header *h, const char *name);

/* The nth field of that name counted from the bottom, 0 being the last, as
 * DKIM does (RFC 6376 section 5.4.2). */
const struct header_field *header_nth_last(
    const struct header *h, struct slice name, size_t nth);

/* How many of that name. */
size_t header_count(const struct header *h, const char *name);

/* The value of the first of that name, unfolded and trimmed; empty when there
 * is none. Copied into the arena only when it is folded. */
struct slice header_value(
    const struct header *h, const char *name, struct arena *a);

/* The same with encoded words (RFC 2047) decoded: valid UTF-8. The second takes
 * a value at hand. */
struct slice header_decoded(
    const struct header *h, const char *name, struct arena *a);
struct slice header_decode(struct slice value, struct arena *a);

/* A field's value unfolded (each line end gone, the blanks behind it kept:
 * RFC 5322 section 2.2.3) and trimmed. */
struct slice header_unfold(struct slice value, struct arena *a);

#endif
