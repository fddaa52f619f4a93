/* JSON by jansson (see json.h). A struct json is jansson's value under our
 * name.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <jansson.h>

#include "base/json.h"
#include "base/mem.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static json_t *
theirs(struct json *j)
{
	return (json_t *)(void *)j;
}

static const json_t *
look(const struct json *j)
{
	return (const json_t *)(const void *)j;
}

/* jansson gives null when there is no memory. */
static struct json *
ours(json_t *j)
{
	if (!j)
		mem_fail();
	return (struct json *)(void *)j;
}

struct json *
json_new_object(void)
{
	return ours(json_object());
}

struct json *
json_new_array(void)
{
	return ours(json_array());
}

void
json_free(struct json **j)
{
	if (*j)
		json_decref(theirs(*j));
	*j = NULL;
}

/* Octets of s that are well-formed UTF-8, up to the first that is not. */
static size_t
count_utf8(struct slice s)
{
	uint32_t c;
	size_t n = 0, w;

	while (n < s.n && (unsigned char)s.p[n] < 0x80) /* most text */
		n++;
	while ((w = slice_peek_utf8(slice_sub(s, n, s.n), &c)))
		n += w;
	return n;
}

/* s as UTF-8, every octet that is none as U+FFFD. */
static void
add_mended(struct slice s, struct buf *out)
{
	while (s.n) {
		buf_slice(out, slice_take(&s, count_utf8(s)));
		if (s.n) {
			buf_text(out, REPLACEMENT);
			slice_take(&s, 1);
		}
	}
}

static json_t *
string(struct slice s)
{
	struct buf mended;
	json_t *j;

	if (!s.p)
		return json_null();
	if (count_utf8(s) == s.n)
		return json_stringn_nocheck(s.p, s.n);
	buf_init(&mended, SIZE_MAX);
	add_mended(s, &mended);
	j = json_stringn_nocheck(buf_str(&mended), mended.n);
	buf_free(&mended);
	return j;
}

static void
put(struct json *o, const char *key, json_t *v)
{
	struct slice k = slice_str(key);
	struct buf mended;
	int r;

	if (count_utf8(k) == k.n) {
		r = json_object_set_new_nocheck(theirs(o), key, v);
	} else {
		buf_init(&mended, SIZE_MAX);
		add_mended(k, &mended);
		r = json_object_set_new_nocheck(theirs(o), buf_str(&mended), v);
		buf_free(&mended);
	}
	if (r < 0)
		mem_fail();
}

void
json_put(struct json *o, const char *key, struct json *v)
{
	put(o, key, theirs(v));
}

void
json_put_slice(struct json *o, const char *key, struct slice s)
{
	put(o, key, string(s));
}

void
json_put_text(struct json *o, const char *key, const char *text)
{
	put(o, key, string(slice_str(text)));
}

void
json_put_number(struct json *o, const char *key, int64_t v)
{
	put(o, key, json_integer(v));
}

void
json_put_bool(struct json *o, const char *key, bool v)
{
	put(o, key, json_boolean(v));
}

void
json_put_null(struct json *o, const char *key)
{
	put(o, key, json_null());
}

void
json_add(struct json *array, struct json *v)
{
	if (json_array_append_new(theirs(array), theirs(v)) < 0)
		mem_fail();
}

void
json_add_slice(struct json *array, struct slice s)
{
	json_add(array, ours(string(s)));
}

void
json_add_text(struct json *array, const char *text)
{
	json_add_slice(array, slice_str(text));
}

void
json_add_number(struct json *array, int64_t v)
{
	json_add(array, ours(json_integer(v)));
}

static int
take_text(const char *p, size_t n, void *out)
{
	buf_add(out, p, n);
	return 0;
}

void
json_write(const struct json *j, bool indent, struct buf *out)
{
	size_t flags = indent ? JSON_INDENT(2) : JSON_COMPACT;

	if (json_dump_callback(
		look(j), take_text, out, flags | JSON_ENCODE_ANY) < 0)
		mem_fail();
}

/* How deep brackets nest: asked before the parser, which recurses. */
static size_t
depth(struct slice text)
{
	size_t now = 0, most = 0;
	bool quoted = false;
	int c;

	while ((c = slice_get(&text)) >= 0) {
		if (c == '"')
			quoted = !quoted;
		else if (quoted && c == '\\')
			slice_take(&text, 1);
		else if (!quoted && (c == '[' || c == '{'))
			now++;
		else if (!quoted && (c == ']' || c == '}'))
			now -= now > 0;
		most = now > most ? now : most;
	}
	return most;
}

int
json_read(struct slice text, struct json **j_r, struct err *e)
{
	json_error_t why;
	json_t *j;

	*j_r = NULL;
	if (text.n > JSON_TEXT_MAX)
		return err_set(e, ERR_DATA,
		    "JSON text is larger than %u octets", JSON_TEXT_MAX);
	if (depth(text) > JSON_DEPTH_MAX)
		return err_set(e, ERR_DATA,
		    "JSON is nested deeper than %d levels", JSON_DEPTH_MAX);
	j = json_loadb(text.p ? text.p : "", text.n,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &why);
	if (!j)
		return err_set(e, ERR_DATA, "not JSON: %s, line %d, column %d",
		    why.text, why.line, why.column);
	*j_r = ours(j);
	return 0;
}

const struct json *
json_member(const struct json *o, const char *key)
{
	return (const struct json *)(void *)json_object_get(look(o), key);
}

const struct json *
json_item(const struct json *array, size_t i)
{
	return (const struct json *)(void *)json_array_get(look(array), i);
}

size_t
json_count(const struct json *array)
{
	return json_array_size(look(array));
}

bool
json_is_list(const struct json *j)
{
	return json_is_array(look(j));
}

bool
json_is_map(const struct json *j)
{
	return json_is_object(look(j));
}

/* jansson walks an object that is not const, though it changes nothing. */
bool
json_next(const struct json *o, void **at, struct slice *key_r,
    const struct json **value_r)
{
	union {
		const struct json *ours;
		json_t *theirs;
	} j = { .ours = o };

	*at = *at ? json_object_iter_next(j.theirs, *at)
	          : json_object_iter(j.theirs);
	if (!*at)
		return false;
	*key_r = slice_str(json_object_iter_key(*at));
	*value_r = (const struct json *)(void *)json_object_iter_value(*at);
	return true;
}

bool
json_text(const struct json *j, struct slice *r)
{
	if (!json_is_string(look(j)))
		return false;
	*r = slice_of(json_string_value(look(j)), json_string_length(look(j)));
	return true;
}

bool
json_number(const struct json *j, int64_t *r)
{
	if (!json_is_integer(look(j)))
		return false;
	*r = json_integer_value(look(j));
	return true;
}

bool
json_bool(const struct json *j, bool *r)
{
	if (!json_is_boolean(look(j)))
		return false;
	*r = json_is_true(look(j));
	return true;
}
