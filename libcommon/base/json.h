/* JSON values, made and read: the door of jansson. What is written is always
 * valid UTF-8: other octets become U+FFFD. Keys keep their order.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"
#include "base/err.h"

#define JSON_DEPTH_MAX 64          /* levels of what is read */
#define JSON_TEXT_MAX  (64u << 20) /* octets of what is read */

struct json; /* counted; every maker gives one reference */

struct json *json_new_object(void);
struct json *json_new_array(void);

void json_free(struct json **j);

/* Puts a member into an object; the last two take the reference. A null text
 * or a slice with p == null gives JSON null. */
void json_put_text(struct json *o, const char *key, const char *text);
void json_put_slice(struct json *o, const char *key, struct slice s);
void json_put_number(struct json *o, const char *key, int64_t v);
void json_put_bool(struct json *o, const char *key, bool v);
void json_put_null(struct json *o, const char *key);
void json_put(struct json *o, const char *key, struct json *v);

/* Appends to an array; json_add() takes the reference. */
void json_add(struct json *array, struct json *v);
void json_add_slice(struct json *array, struct slice s);
void json_add_text(struct json *array, const char *text);
void json_add_number(struct json *array, int64_t v);

/* Appends the value to out: compact, or indented by two. */
void json_write(const struct json *j, bool indent, struct buf *out);

/* Reads one document, within the limits above; duplicate keys, text that is
 * not UTF-8 and trailing bytes are ERR_DATA. */
int json_read(struct slice text, struct json **j_r, struct err *e);

/* Views into a value; null or false where it is not there or of another
 * type. The reference stays the parent's. */
const struct json *json_member(const struct json *o, const char *key);
const struct json *json_item(const struct json *array, size_t i);
size_t json_count(const struct json *array);
bool json_is_list(const struct json *j); /* an array */
bool json_is_map(const struct json *j);  /* an object */

/* The members of an object, one a call, in their order; *at starts as null. */
bool json_next(const struct json *o, void **at, struct slice *key_r,
    const struct json **value_r);

bool json_text(const struct json *j, struct slice *r);
bool json_number(const struct json *j, int64_t *r);
bool json_bool(const struct json *j, bool *r);

#endif
