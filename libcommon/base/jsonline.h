/* One JSON object as a line, written straight into a buffer: for results that
 * come by the hundred thousand. Valid UTF-8 whatever comes in: other octets
 * become U+FFFD. The caller sees to it that no key comes twice.
 *
 *	jsonline_begin(out);
 *	jsonline_slice(out, "rcpt", address);
 *	jsonline_end(out);
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_JSONLINE_H
#define BASE_JSONLINE_H

#include "base/buf.h"

void jsonline_begin(struct buf *out);
void jsonline_end(struct buf *out); /* with the line end */

/* Members; the second collapses runs of blanks and line ends to one SP. */
void jsonline_slice(struct buf *out, const char *key, struct slice s);
void jsonline_flat(struct buf *out, const char *key, struct slice s);
void jsonline_text(struct buf *out, const char *key, const char *text);
void jsonline_number(struct buf *out, const char *key, int64_t v);
void jsonline_bool(struct buf *out, const char *key, bool v);
void jsonline_null(struct buf *out, const char *key);

/* The text, or null where there is none. */
void jsonline_maybe(struct buf *out, const char *key, const char *text);

/* A member that is an array: jsonline_array(), then elements, then ']' by
 * jsonline_array_end(). An object in it: jsonline_object() ... _object_end();
 * one that is a member: jsonline_member() ... jsonline_object_end(). */
void jsonline_array(struct buf *out, const char *key);
void jsonline_element(struct buf *out, struct slice s);
void jsonline_element_number(struct buf *out, int64_t v);
void jsonline_member(struct buf *out, const char *key);
void jsonline_array_end(struct buf *out);
void jsonline_object(struct buf *out);
void jsonline_object_end(struct buf *out);

#endif
