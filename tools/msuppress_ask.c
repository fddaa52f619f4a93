/* msuppress: what only asks the list.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "base/jsonline.h"
#include "base/lines.h"

#include "text/date.h"

#include "msuppress.h"

#define RECIPIENT_MAX 65536 /* octets of a line of recipients */

/* The usual list need not be there yet; one that was named must be, since a
 * slip of the name would let everybody through. */
static int
open_list(struct run *u, struct suppress_list **l, struct err *e)
{
	*l = NULL;
	if (suppress_open(l, u->path, &u->hash, e) == 0)
		return 0;
	if (e->kind == ERR_NOINPUT && !u->set->list)
		return 0;
	return -1;
}

static void
put_time(struct buf *o, const char *key, int64_t t)
{
	char text[DATE_TEXT_MAX];

	if (t == SUPPRESS_ALWAYS) {
		jsonline_text(o, key, "always");
	} else if (t > 0) {
		date_make_3339(t, 0, text);
		jsonline_text(o, key, text);
	}
}

static void
put_entry(struct run *u, struct slice address, const struct suppress_entry *v,
    bool live)
{
	struct buf o;

	buf_init(&o, SIZE_MAX);
	jsonline_begin(&o);
	jsonline_slice(&o, "address", address);
	jsonline_bool(&o, "suppressed", live);
	if (v) {
		jsonline_slice(&o, "key", v->key);
		put_time(&o, "until", v->until);
		jsonline_slice(&o, "reason", v->reason);
		jsonline_slice(&o, "scope", v->scope);
		jsonline_number(&o, "count", (int64_t)v->count);
		put_time(&o, "first", v->first);
		put_time(&o, "last", v->last);
		jsonline_slice(&o, "source", v->source);
	}
	jsonline_end(&o);
	tool_output(u->tool, buf_view(&o));
	buf_free(&o);
}

static void
until_text(int64_t t, char text[DATE_TEXT_MAX])
{
	if (t == SUPPRESS_ALWAYS)
		snprintf(text, DATE_TEXT_MAX, "always");
	else
		date_make_3339(t, 0, text);
}

int
msuppress_check(struct run *u, struct err *e)
{
	const struct opt_list *l = &u->tool->rest;
	int64_t now = given_now(&u->tool->given);
	struct suppress_list *list;

	if (l->n < 2)
		return err_set(e, ERR_USAGE, "check wants addresses");
	if (open_list(u, &list, e) < 0)
		return -1;
	for (size_t i = 1; i < l->n; i++) {
		struct slice address = msuppress_address(slice_str(l->v[i]));
		struct suppress_entry v;
		char until[DATE_TEXT_MAX];
		bool live = list && suppress_blocks(list, address, now, &v);
		bool known = live || (list && suppress_find(list, address, &v));

		if (live)
			tool_status(u->tool, ERR_NO);
		if (u->set->common.json) {
			put_entry(u, address, known ? &v : NULL, live);
		} else if (live) {
			until_text(v.until, until);
			tool_print(u->tool, "%.*s: %.*s (%.*s) until %s\n",
			    SLICE_ARG(address), SLICE_ARG(v.reason),
			    SLICE_ARG(v.scope), until);
		} else {
			tool_print(u->tool, "%.*s: not on the list\n",
			    SLICE_ARG(address));
		}
	}
	suppress_close(&list);
	return 0;
}

static void
filter_line(struct run *u, const struct suppress_list *list, struct slice line,
    int64_t now)
{
	struct slice address = msuppress_address(line);
	struct suppress_entry v;
	bool live =
	    list && address.n && suppress_blocks(list, address, now, &v);

	if (live == u->set->invert) {
		tool_output(u->tool, line);
		tool_output(u->tool, slice_str("\n"));
	}
}

/* Lines of recipients through, but those that are suppressed. */
int
msuppress_filter(struct run *u, struct err *e)
{
	struct lines in = { .fd = STDIN_FILENO,
		.name = "'standard input'",
		.max = RECIPIENT_MAX };
	int64_t now = given_now(&u->tool->given);
	struct suppress_list *list;
	struct slice line;
	int r = 0;

	if (open_list(u, &list, e) < 0)
		return -1;
	while (!tool_stopping() && (r = lines_next(&in, &line, e)) > 0)
		filter_line(u, list, line, now);
	lines_free(&in);
	suppress_close(&list);
	return r;
}

int
msuppress_export(struct run *u, struct err *e)
{
	int64_t now = given_now(&u->tool->given);
	struct suppress_list *list;
	struct suppress_entry v;
	size_t at = 0;
	int r;

	if (open_list(u, &list, e) < 0)
		return -1;
	while (list && !tool_stopping() &&
	       (r = suppress_next(list, &at, &v)) != 0) {
		char until[DATE_TEXT_MAX];

		if (r < 0 || !suppress_is_live(&v, now))
			continue;
		if (u->set->common.json) {
			put_entry(u, v.key, &v, true);
			continue;
		}
		until_text(v.until, until);
		tool_print(u->tool, "%.*s\t%.*s\t%.*s\t%s\n", SLICE_ARG(v.key),
		    SLICE_ARG(v.reason), SLICE_ARG(v.scope), until);
	}
	suppress_close(&list);
	return 0;
}
