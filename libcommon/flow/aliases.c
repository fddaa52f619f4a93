/* An aliases file (see aliases.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/buf.h"

#include "flow/aliases.h"

struct lookup {
	struct slice text;
	void (*add)(void *arg, struct slice address);
	void *arg;
	struct arena *a;
	size_t n; /* given so far */
	bool in_default;
};

/* A line and those that continue it. */
static bool
take_entry(struct slice *text, struct slice *entry_r)
{
	struct slice start = *text, line;

	if (!slice_take_line(text, &line, NULL))
		return false;
	while (ascii_is_blank(slice_peek(*text)) &&
	       slice_take_line(text, &line, NULL))
		;
	*entry_r = slice_sub(start, 0, start.n - text->n);
	return true;
}

/* The right side of the name's line. */
static bool
find(const struct lookup *l, struct slice name, struct slice *value_r)
{
	struct slice text = l->text, entry, key;
	bool found;

	while (take_entry(&text, &entry)) {
		if (slice_peek(slice_trim_start(entry)) == '#')
			continue;
		key = slice_trim(slice_take_until(&entry, ':', &found));
		if (key.n > 1 && key.p[0] == '"' && key.p[key.n - 1] == '"')
			key = slice_sub(key, 1, key.n - 1);
		if (!found || !slice_equal_nocase(key, name))
			continue;
		*value_r = entry;
		return true;
	}
	return false;
}

/* Comments within a value, line by line. */
static struct slice
without_comments(const struct lookup *l, struct slice value)
{
	struct slice line, made;
	struct buf b;

	buf_init(&b, ALIASES_MAX);
	while (slice_take_line(&value, &line, NULL)) {
		buf_slice(&b, slice_take_until(&line, '#', NULL));
		buf_char(&b, ' ');
	}
	made = slice_of(arena_copy(l->a, buf_view(&b)), b.n);
	buf_free(&b);
	return slice_trim(made);
}

static int
give(struct lookup *l, struct slice address, struct err *e)
{
	if (l->n++ == ALIASES_RCPT_MAX)
		return err_set(e, ERR_CONFIG,
		    "an alias stands for more than %d addresses",
		    ALIASES_RCPT_MAX);
	l->add(l->arg, address);
	return 0;
}

static int resolve(
    struct lookup *l, struct slice name, unsigned depth, struct err *e);

static int
resolve_value(struct lookup *l, struct slice name, struct slice value,
    unsigned depth, struct err *e)
{
	struct slice one, all = value;
	bool more = true;
	int r = 0;

	while (more && r == 0) {
		one = slice_trim(slice_take_until(&all, ',', &more));
		if (!one.n)
			continue;
		if (one.p[0] == '|' || one.p[0] == '/' || one.p[0] == '"' ||
		    one.p[0] == ':')
			return err_set(e, ERR_CONFIG,
			    "alias '%.*s' is '%.*s': only addresses can be "
			    "mailed to",
			    SLICE_ARG(name), SLICE_ARG(one));
		/* "\root" is final. */
		if (slice_take_prefix(&one, "\\") ||
		    slice_find(one, '@') != SIZE_MAX ||
		    slice_equal_nocase(one, name))
			r = give(l, one, e);
		else
			r = resolve(l, one, depth + 1, e);
	}
	return r;
}

static int
resolve(struct lookup *l, struct slice name, unsigned depth, struct err *e)
{
	struct slice value;

	if (depth > ALIASES_DEPTH_MAX)
		return err_set(e, ERR_CONFIG,
		    "alias '%.*s' comes back to itself", SLICE_ARG(name));
	if (find(l, name, &value))
		return resolve_value(
		    l, name, without_comments(l, value), depth, e);
	if (!l->in_default && find(l, slice_str("default"), &value)) {
		int r;

		l->in_default = true;
		r = resolve_value(l, slice_str("default"),
		    without_comments(l, value), depth, e);
		l->in_default = false;
		return r;
	}
	return give(l, name, e);
}

int
aliases_resolve(struct slice text, struct slice name,
    void (*add)(void *arg, struct slice address), void *arg, struct arena *a,
    struct err *e)
{
	struct lookup l = { .text = text, .add = add, .arg = arg, .a = a };

	if (text.n > ALIASES_MAX)
		return err_set(e, ERR_CONFIG,
		    "the aliases file is larger than %u octets", ALIASES_MAX);
	return resolve(&l, name, 0, e);
}
