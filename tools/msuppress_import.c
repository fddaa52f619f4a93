/* msuppress: entries of other lists, and of what export printed.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/date.h"

#include "msuppress.h"

#define KEY_DIGITS 64 /* hexadecimal, of an HMAC-SHA256 */

/* An address, or its HMAC where the list has those. */
static bool
is_key(const struct run *u, struct slice s)
{
	unsigned char sum[KEY_DIGITS / 2];

	return u->hash.make && slice_unhex(s, sum, sizeof(sum));
}

/* An event that makes the same entry; one that is over makes none. */
static void
import_entry(struct run *u, const struct suppress_entry *old)
{
	int64_t now = given_now(&u->tool->given);
	struct suppress_event *v;

	if (!suppress_is_live(old, now))
		return;
	v = msuppress_event(u);
	v->address = old->key;
	v->hashed = is_key(u, old->key);
	v->reason = old->reason;
	v->scope = old->scope;
	v->source = old->source;
	v->time = old->last > 0 ? old->last : now;
	v->count = 1;
	v->keep = old->until == SUPPRESS_ALWAYS ? SUPPRESS_ALWAYS
	                                        : old->until - v->time;
}

static bool
may_be_key(const struct run *u, struct slice s)
{
	return slice_find(s, '@') != SIZE_MAX || is_key(u, s);
}

/*	address TAB reason TAB scope TAB until */
bool
msuppress_exported(struct run *u, struct slice line, const char *source)
{
	struct suppress_entry v = { .source = slice_str(source) };
	bool one, two, three;

	v.key = slice_take_until(&line, '\t', &one);
	v.reason = slice_take_until(&line, '\t', &two);
	v.scope = slice_take_until(&line, '\t', &three);
	if (!one || !two || !three || !may_be_key(u, v.key) ||
	    !suppress_read_until(line, &v.until))
		return false;
	v.key = msuppress_keep(u, v.key);
	v.reason = msuppress_keep(u, v.reason);
	v.scope = msuppress_keep(u, v.scope);
	import_entry(u, &v);
	return true;
}

static struct slice
member(struct run *u, const struct json *o, const char *key)
{
	struct slice s;

	if (!json_text(json_member(o, key), &s))
		return slice_of(NULL, 0);
	return msuppress_keep(u, s);
}

bool
msuppress_exported_json(struct run *u, const struct json *o)
{
	struct suppress_entry v = { .key = member(u, o, "key") };
	bool live;

	if (!json_bool(json_member(o, "suppressed"), &live))
		return false;
	if (!live || !may_be_key(u, v.key) ||
	    !suppress_read_until(member(u, o, "until"), &v.until))
		return true;
	v.reason = member(u, o, "reason");
	v.scope = member(u, o, "scope");
	v.source = member(u, o, "source");
	if (!date_parse_3339(member(u, o, "last"), &v.last, NULL))
		v.last = 0;
	import_entry(u, &v);
	return true;
}

/* Plain, or by the key of the list that it goes into. */
static int
open_other(
    struct run *u, struct suppress_list **l_r, const char *path, struct err *e)
{
	if (suppress_open(l_r, path, NULL, e) == 0)
		return 0;
	if (e->kind != ERR_CONFIG || !u->hash.make)
		return -1;
	return suppress_open(l_r, path, &u->hash, e);
}

static int
import_list(struct run *u, const char *path, struct err *e)
{
	struct suppress_list *l;
	struct suppress_entry old;
	size_t at = 0;
	int r;

	if (open_other(u, &l, path, e) < 0)
		return -1;
	while ((r = suppress_next(l, &at, &old)) != 0) {
		if (r > 0)
			import_entry(u, &old);
		if (u->n == MSUPPRESS_AT_ONCE &&
		    msuppress_merge(u, false, e) < 0)
			break;
	}
	r = r ? -1 : msuppress_merge(u, false, e);
	suppress_close(&l);
	return r;
}

static int
is_list(const char *path, bool *list_r, struct err *e)
{
	struct io_map map;

	if (io_map_file(path, SUPPRESS_FILE_MAX, &map, e) < 0)
		return -1;
	*list_r = slice_starts(map.bytes, SUPPRESS_HEAD);
	io_unmap(&map);
	return 0;
}

/* Files of addresses, of facts, of what was exported, or lists. */
int
msuppress_import(struct run *u, struct err *e)
{
	const struct opt_list *l = &u->tool->rest;
	bool list;

	if (l->n < 2)
		return msuppress_add(u, e);
	for (size_t i = 1; i < l->n; i++) {
		bool input = strcmp(l->v[i], "-") == 0;

		list = false;
		if (!input && is_list(l->v[i], &list, e) < 0)
			return -1;
		if (list ? import_list(u, l->v[i], e) < 0
			 : msuppress_take(u, l->v[i], false, e) < 0)
			return -1;
	}
	return msuppress_merge(u, false, e);
}
