/* Options on a screen and as a list (see opt.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/opt.h"
#include "base/opt_walk.h"

#define HELP_WIDTH  80
#define HELP_COLUMN 32 /* where the explanations start, at most */
#define HELP_LEFT   96 /* octets of "  -f, --from ADDR", cut beyond */

/* "  -f, --from ADDR" */
static void
add_left(struct buf *left, const struct opt *o)
{
	buf_reset(left);
	if (o->letter)
		buf_fmt(left, "  -%c, --%s", o->letter, o->name);
	else
		buf_fmt(left, "      --%s", o->name);
	if (opt_walk_has_value(o))
		buf_fmt(left, " %s", o->arg);
}

/* The column of the explanations: behind the longest left part that is not
 * over the limit. */
static size_t
column(const struct opt *table)
{
	const struct opt *o;
	struct opt_walk w;
	struct buf left;
	size_t most = 0;

	buf_init(&left, HELP_LEFT);
	opt_walk_start(&w, table);
	while ((o = opt_walk_next(&w, NULL))) {
		if (!opt_walk_is_option(o) ||
		    o->flags & (OPT_HIDDEN | OPT_BRIEF))
			continue;
		add_left(&left, o);
		if (left.n > most && left.n + 2 <= HELP_COLUMN)
			most = left.n;
	}
	buf_free(&left);
	return most + 2;
}

/* Words from text, wrapped, every line but the first indented. at is the
 * column where the first word goes. */
static void
add_wrapped(struct buf *out, struct slice text, size_t at, size_t indent)
{
	bool first = true;

	while (text.n) {
		struct slice word = slice_take_until(&text, ' ', NULL);

		if (!first && at + 1 + word.n >= HELP_WIDTH) {
			buf_fmt(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			buf_char(out, ' ');
			at++;
		}
		buf_slice(out, word);
		at += word.n;
		first = false;
	}
	buf_char(out, '\n');
}

static void
add_row(struct buf *out, const struct opt *o, size_t indent)
{
	struct buf left;

	buf_init(&left, HELP_LEFT);
	add_left(&left, o);
	buf_slice(out, buf_view(&left));
	if (left.n + 2 > indent)
		buf_fmt(out, "\n%*s", (int)indent, "");
	else
		buf_fmt(out, "%*s", (int)(indent - left.n), "");
	add_wrapped(out, slice_str(o->help), indent, indent);
	buf_free(&left);
}

/* One more of the options that are only named: "--timeout TIME", kept on one
 * line; *at is the column reached, 0 at the start of a line. */
static void
add_brief(struct buf *out, const struct opt *o, size_t *at)
{
	struct buf b;

	buf_init(&b, HELP_LEFT);
	if (o->letter)
		buf_fmt(&b, "-%c, ", o->letter);
	buf_fmt(&b, "--%s", o->name);
	if (opt_walk_has_value(o))
		buf_fmt(&b, " %s", o->arg);
	if (*at && *at + 2 + b.n >= HELP_WIDTH) {
		buf_char(out, '\n');
		*at = 0;
	}
	buf_text(out, "  ");
	buf_slice(out, buf_view(&b));
	*at += 2 + b.n;
	buf_free(&b);
}

void
opt_help(const struct opt *table, struct buf *out)
{
	size_t indent = column(table), at = 0;
	const struct opt *o;
	struct opt_walk w;

	opt_walk_start(&w, table);
	while ((o = opt_walk_next(&w, NULL))) {
		bool brief = o->flags & OPT_BRIEF;

		if (o->kind != OPT_KIND_HEAD &&
		    (!opt_walk_is_option(o) || o->flags & OPT_HIDDEN))
			continue;
		if (brief) {
			add_brief(out, o, &at);
			continue;
		}
		if (at)
			buf_char(out, '\n');
		at = 0;
		if (o->kind == OPT_KIND_HEAD)
			buf_fmt(out, "%s:\n", o->name);
		else
			add_row(out, o, indent);
	}
	if (at)
		buf_char(out, '\n');
}

void
opt_list_all(const struct opt *table, struct buf *out)
{
	const struct opt *o;
	struct opt_walk w;

	opt_walk_start(&w, table);
	while ((o = opt_walk_next(&w, NULL))) {
		if (!opt_walk_is_option(o))
			continue;
		buf_char(out, '-');
		if (o->letter)
			buf_char(out, o->letter);
		buf_fmt(out, "\t--%s\t%s\t%s\n", o->name,
		    opt_walk_has_value(o) ? o->arg : "-",
		    o->flags & OPT_HIDDEN ? "hidden" : "-");
	}
}
