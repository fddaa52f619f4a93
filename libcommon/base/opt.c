/* Options into the tool's struct (see opt.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/buf.h"
#include "base/opt.h"
#include "base/opt_walk.h"

/* A row of the table together with its field in the tool's struct. */
struct target {
	const struct opt *opt;
	void *field;
};

void
opt_list_add(struct opt_list *l, const char *s, struct arena *a)
{
	l->v =
	    arena_grow(a, (void *)l->v, l->n, l->n + 1, sizeof(*l->v), &l->cap);
	l->v[l->n++] = s;
}

static int
set_flag(bool *field, const char *value, struct err *e)
{
	struct slice s = slice_str(value);

	if (!value || slice_is_nocase(s, "yes") || slice_is_nocase(s, "true"))
		*field = true;
	else if (slice_is_nocase(s, "no") || slice_is_nocase(s, "false"))
		*field = false;
	else
		return err_set(
		    e, ERR_USAGE, "'%s' is neither yes nor no", value);
	return 0;
}

static int
set_number(
    const struct opt *o, uint64_t *field, const char *value, struct err *e)
{
	uint64_t max = o->max ? o->max : UINT64_MAX;
	unsigned min = o->flags & OPT_FROM_1 ? 1 : 0;

	if (slice_number(slice_str(value), max, field) && *field >= min)
		return 0;
	if (!o->max)
		return err_set(e, ERR_USAGE, "'%s' is not a number%s", value,
		    min ? " from 1" : "");
	return err_set(e, ERR_USAGE, "'%s' is not a number from %u to %llu",
	    value, min, (unsigned long long)o->max);
}

static int
set_count(unsigned *field, const char *value, struct err *e)
{
	uint64_t v = (uint64_t)*field + 1;

	if (value && !slice_number(slice_str(value), 9, &v))
		return err_set(
		    e, ERR_USAGE, "'%s' is not a number from 0 to 9", value);
	*field = (unsigned)v;
	return 0;
}

/* number [ "k" / "M" / "G" ], either case */
static int
set_size(const struct opt *o, uint64_t *field, const char *value, struct err *e)
{
	struct slice s = slice_str(value);
	uint64_t v, unit = 1;

	if (!slice_take_number(&s, UINT64_MAX, &v))
		return err_set(e, ERR_USAGE,
		    "'%s' is not a size: write 500, 64k, 10M or 1G", value);
	switch (ascii_lower(slice_peek(s))) {
	case 'k':
		unit = 1u << 10;
		break;
	case 'm':
		unit = 1u << 20;
		break;
	case 'g':
		unit = 1u << 30;
		break;
	}
	slice_take(&s, unit > 1 ? 1 : 0);
	if (s.n)
		return err_set(e, ERR_USAGE,
		    "'%s' is not a size: write 500, 64k, 10M or 1G", value);
	if (__builtin_mul_overflow(v, unit, &v) || (o->max && v > o->max))
		return err_set(e, ERR_USAGE, "size '%s' is too large", value);
	if (v == 0 && o->flags & OPT_FROM_1)
		return err_set(e, ERR_USAGE, "size '%s' is too small", value);
	*field = v;
	return 0;
}

/* number [ "ms" / "s" / "m" / "h" / "d" ], seconds without a unit */
static int
set_duration(
    const struct opt *o, int64_t *field, const char *value, struct err *e)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 } };
	struct slice s = slice_str(value);
	uint64_t v;
	int64_t ms;

	if (!slice_take_number(&s, INT64_MAX, &v))
		s = slice_str("?");
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		if (!slice_is(s, units[i].name))
			continue;
		if (__builtin_mul_overflow(v, units[i].ms, &ms) ||
		    (o->max && (uint64_t)ms > o->max))
			return err_set(
			    e, ERR_USAGE, "time '%s' is too long", value);
		*field = ms;
		return 0;
	}
	return err_set(e, ERR_USAGE,
	    "'%s' is not a length of time: write 500ms, 30s, 5m, 2h or 14d",
	    value);
}

static int
set_choice(
    const struct opt *o, const char **field, const char *value, struct err *e)
{
	struct slice words = slice_str(o->arg), word;

	while (words.n) {
		word = slice_take_until(&words, '|', NULL);
		if (slice_is(word, value)) {
			*field = value;
			return 0;
		}
	}
	return err_set(e, ERR_USAGE, "'%s' is none of %s", value, o->arg);
}

/* What an option cannot be. */
static int
check_value(const struct opt *o, const char *value, struct err *e)
{
	bool text = o->kind == OPT_KIND_TEXT || o->kind == OPT_KIND_MANY;

	if (text && !value[0] && !(o->flags & OPT_EMPTY))
		return err_set(e, ERR_USAGE,
		    "nothing is no value: %s, or leave it away", o->arg);
	return 0;
}

/* value is null for a flag or count that was given none. It must live as long
 * as the tool's struct. */
static int
set(const struct target *t, const char *value, struct arena *a, struct err *e)
{
	if (check_value(t->opt, value, e) < 0)
		return -1;
	switch (t->opt->kind) {
	case OPT_KIND_FLAG:
		return set_flag(t->field, value, e);
	case OPT_KIND_COUNT:
		return set_count(t->field, value, e);
	case OPT_KIND_TEXT:
		*(const char **)t->field = value;
		return 0;
	case OPT_KIND_MANY:
		opt_list_add(t->field, value, a);
		return 0;
	case OPT_KIND_NUMBER:
		return set_number(t->opt, t->field, value, e);
	case OPT_KIND_SIZE:
		return set_size(t->opt, t->field, value, e);
	case OPT_KIND_DURATION:
		return set_duration(t->opt, t->field, value, e);
	case OPT_KIND_CHOICE:
		return set_choice(t->opt, t->field, value, e);
	case OPT_KIND_DONE:
	case OPT_KIND_HEAD:
	case OPT_KIND_MORE:
		break;
	}
	return err_set(e, ERR_BUG, "row of unknown kind in the option table");
}

/* The row with exactly this name. */
static bool
find_name(const struct opt *table, struct slice name, void *settings,
    struct target *t_r)
{
	struct opt_walk w;
	size_t at;

	opt_walk_start(&w, table);
	while ((t_r->opt = opt_walk_next(&w, &at))) {
		if (t_r->opt->kind == OPT_KIND_HEAD ||
		    !slice_is(name, t_r->opt->name))
			continue;
		t_r->field = (char *)settings + at;
		return true;
	}
	return false;
}

static bool
is_prefix(const struct opt *o, struct slice name)
{
	return opt_walk_is_option(o) && !(o->flags & OPT_HIDDEN) &&
	       slice_equal(slice_sub(slice_str(o->name), 0, name.n), name);
}

/* The error names every row that is meant, as far as there is room. */
static int
err_ambiguous(const struct opt *table, struct slice name, struct err *e)
{
	const struct opt *o;
	struct opt_walk w;
	struct buf list;
	size_t at;

	buf_init(&list, sizeof(e->text) / 2);
	opt_walk_start(&w, table);
	while ((o = opt_walk_next(&w, &at)))
		if (is_prefix(o, name))
			buf_fmt(&list, "%s--%s", list.n ? ", " : "", o->name);
	err_set(e, ERR_USAGE, "option '--%.*s' is ambiguous: %s",
	    SLICE_ARG(name), buf_str(&list));
	buf_free(&list);
	return -1;
}

/* The row that the name abbreviates, when it is the only one. */
static int
find_prefix(const struct opt *table, struct slice name, void *settings,
    struct target *t_r, struct err *e)
{
	const struct opt *o;
	struct opt_walk w;
	size_t at;

	t_r->opt = NULL;
	opt_walk_start(&w, table);
	while ((o = opt_walk_next(&w, &at))) {
		if (!is_prefix(o, name))
			continue;
		if (t_r->opt)
			return err_ambiguous(table, name, e);
		t_r->opt = o;
		t_r->field = (char *)settings + at;
	}
	if (!t_r->opt)
		return err_set(e, ERR_USAGE,
		    "unknown option '--%.*s': --help lists them all",
		    SLICE_ARG(name));
	return 0;
}

static int
find_long(const struct opt *table, struct slice name, void *settings,
    struct target *t_r, struct err *e)
{
	if (!find_name(table, name, settings, t_r))
		return find_prefix(table, name, settings, t_r, e);
	if (t_r->opt->flags & OPT_SECRET)
		return err_set(e, ERR_USAGE,
		    "'%s' is a key of the accounts file, not an option: "
		    "others see the command line",
		    t_r->opt->name);
	return 0;
}

static int
find_letter(const struct opt *table, int letter, void *settings,
    struct target *t_r, struct err *e)
{
	struct opt_walk w;
	size_t at;

	opt_walk_start(&w, table);
	while ((t_r->opt = opt_walk_next(&w, &at))) {
		if (!opt_walk_is_option(t_r->opt) || t_r->opt->letter != letter)
			continue;
		t_r->field = (char *)settings + at;
		return 0;
	}
	return err_set(e, ERR_USAGE,
	    "unknown option '-%c': --help lists them all", letter);
}

/* What is being parsed. */
struct parse {
	const struct opt *table;
	char **next; /* of argv, null at its end */
	void *settings;
	struct arena *arena;
};

/* The argument behind the option at hand. */
static const char *
take_value(struct parse *p)
{
	return *p->next ? *p->next++ : NULL;
}

/* "--name" or "--name=value", given without the "--" */
static int
parse_long(struct parse *p, const char *text, struct err *e)
{
	struct slice rest = slice_str(text), name;
	const char *value = NULL;
	struct target t;
	bool equals;

	name = slice_take_until(&rest, '=', &equals);
	if (find_long(p->table, name, p->settings, &t, e) < 0)
		return -1;
	if (equals)
		value = rest.p;
	else if (opt_walk_has_value(t.opt) && !(value = take_value(p)))
		return err_set(e, ERR_USAGE, "option '--%s' needs a value: %s",
		    t.opt->name, t.opt->arg);
	if (set(&t, value, p->arena, e) < 0)
		return err_in(e, "--%s", t.opt->name);
	return 0;
}

/* "abc" or "fVALUE", given without the "-" */
static int
parse_letters(struct parse *p, const char *text, struct err *e)
{
	while (*text) {
		int letter = *text++;
		const char *value = NULL;
		struct target t;

		if (find_letter(p->table, letter, p->settings, &t, e) < 0)
			return -1;
		if (opt_walk_has_value(t.opt)) {
			value = *text ? text : take_value(p);
			text = "";
			if (!value)
				return err_set(e, ERR_USAGE,
				    "option '-%c' needs a value: %s", letter,
				    t.opt->arg);
		}
		if (set(&t, value, p->arena, e) < 0)
			return err_in(e, "-%c", letter);
	}
	return 0;
}

int
opt_parse(const struct opt *table, int argc, char **argv, void *settings,
    struct opt_list *rest_r, struct arena *a, struct err *e)
{
	struct parse p = { table, argv + (argc > 0), settings, a };
	const char *arg;
	bool only_rest = false;

	*rest_r = (struct opt_list){ 0 };
	while ((arg = take_value(&p))) {
		int r = 0;

		if (only_rest || arg[0] != '-' || !arg[1])
			opt_list_add(rest_r, arg, a);
		else if (arg[1] != '-')
			r = parse_letters(&p, arg + 1, e);
		else if (!arg[2])
			only_rest = true;
		else
			r = parse_long(&p, arg + 2, e);
		if (r < 0)
			return -1;
	}
	return 0;
}

bool
opt_has(const struct opt *table, const char *name)
{
	struct target t;

	return find_name(table, slice_str(name), NULL, &t) &&
	       !(t.opt->flags & OPT_NO_CONF);
}

int
opt_set(const struct opt *table, const char *name, const char *value,
    void *settings, struct arena *a, struct err *e)
{
	struct target t;

	if (!find_name(table, slice_str(name), settings, &t))
		return err_set(e, ERR_CONFIG, "unknown key '%s'", name);
	if (t.opt->flags & OPT_NO_CONF)
		return err_set(e, ERR_CONFIG,
		    "'%s' is an option of the command line only", name);
	if (set(&t, arena_string(a, value), a, e) == 0)
		return 0;
	err_in(e, "%s", name);
	if (e)
		e->kind = ERR_CONFIG;
	return -1;
}
