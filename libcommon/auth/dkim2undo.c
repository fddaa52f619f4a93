/* Undoing what a DKIM2 hop changed (see dkim2undo.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/json.h"

#include "text/base64.h"

#include "auth/dkim2undo.h"
#include "auth/letter.h"

void
dkim2_undo_begin(struct dkim2_undo *u, struct arena *a)
{
	*u = (struct dkim2_undo){ .a = a };
	buf_init(&u->body[0], DKIM2_RESTORED_MAX);
	buf_init(&u->body[1], DKIM2_RESTORED_MAX);
	buf_init(&u->lines, DKIM2_LINES_MAX * sizeof(struct slice));
}

void
dkim2_undo_end(struct dkim2_undo *u)
{
	buf_free(&u->body[0]);
	buf_free(&u->body[1]);
	buf_free(&u->lines);
}

static int
bad(struct err *e, const char *what)
{
	return err_set(e, ERR_DATA, "the recipe cannot be read: %s", what);
}

/* Where steps read from: item i of count, and how one is put out. */
struct copier {
	size_t count;
	int (*copy)(void *arg, size_t i);
	int (*literal)(void *arg, struct slice text);
	void *arg;
};

/* "c": [from, to], counted from 1; what is beyond the end is not there. */
static int
take_copy(const struct copier *c, const struct json *range, struct err *e)
{
	int64_t from, to;

	if (json_count(range) != 2 ||
	    !json_number(json_item(range, 0), &from) ||
	    !json_number(json_item(range, 1), &to) || from < 1 || to < from)
		return bad(e, "\"c\" is no range");
	for (size_t i = (size_t)from - 1; i < c->count && i < (uint64_t)to; i++)
		if (c->copy(c->arg, i) < 0)
			return bad(e, "it makes the message too large");
	return 0;
}

static int
take_literal(const struct copier *c, const struct json *list, struct err *e)
{
	for (size_t i = 0; i < json_count(list); i++) {
		struct slice text;

		if (!json_text(json_item(list, i), &text) ||
		    slice_find(text, '\0') != SIZE_MAX)
			return bad(e, "\"d\" is no list of texts");
		if (c->literal(c->arg, text) < 0)
			return bad(e, "it makes the message too large");
	}
	return json_is_list(list) ? 0 : bad(e, "\"d\" is no list of texts");
}

static int
take_steps(const struct copier *c, const struct json *steps, struct err *e)
{
	for (size_t i = 0; i < json_count(steps); i++) {
		const struct json *step = json_item(steps, i);
		const struct json *copy = json_member(step, "c");
		const struct json *literal = json_member(step, "d");

		if (!copy == !literal)
			return bad(e, "a step is neither \"c\" nor \"d\"");
		if (copy ? take_copy(c, copy, e) < 0
			 : take_literal(c, literal, e) < 0)
			return -1;
	}
	return 0;
}

/* One name's fields, as they are and as they were. */
struct names {
	struct dkim2_undo *u;
	const struct dkim_letter *m;
	struct slice name;
	size_t *places; /* of its fields, in the order they are counted */
	struct slice *made;
	size_t made_count;
};

static int
put_field(struct names *n, struct slice field)
{
	if (n->made_count == DKIM2_FIELDS_MAX)
		return -1;
	n->made[n->made_count++] = field;
	return 0;
}

static int
copy_field(void *arg, size_t i)
{
	struct names *n = arg;

	return put_field(n, n->m->fields[n->places[i]]);
}

static int
new_field(void *arg, struct slice value)
{
	struct names *n = arg;
	size_t size = n->name.n + 2 + value.n;
	char *text = arena_new(n->u->a, size + 1);

	memcpy(text, n->name.p, n->name.n);
	memcpy(text + n->name.n, ": ", 2);
	memcpy(text + size - value.n, value.p, value.n);
	return put_field(n, slice_of(text, size));
}

/* ftext: no control, blank or colon (RFC 5322 2.2). */
static bool
is_field_name(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (slice_at(name, i) <= ' ' || slice_at(name, i) > '~' ||
		    slice_at(name, i) == ':')
			return false;
	return name.n > 0;
}

/* The fields of one name, from the bottom up unless from_top says otherwise,
 * put back in the order of the letter. */
static int
undo_name(struct names *n, const struct json *steps, struct err *e)
{
	struct copier c = { 0, copy_field, new_field, n };
	const size_t count = n->m->count, first = n->made_count;

	for (size_t k = 0; k < count; k++) {
		size_t i = n->u->from_top ? k : count - 1 - k;

		if (slice_equal_nocase(
			letter_field_name(n->m->fields[i]), n->name))
			n->places[c.count++] = i;
	}
	if (take_steps(&c, steps, e) < 0)
		return -1;
	for (size_t i = first, k = n->made_count; !n->u->from_top && i + 1 < k;
	     i++) {
		struct slice other = n->made[--k];

		n->made[k] = n->made[i];
		n->made[i] = other;
	}
	return 0;
}

static bool
is_among(const struct slice *names, size_t count, struct slice name)
{
	while (count)
		if (slice_equal_nocase(names[--count], name))
			return true;
	return false;
}

/* 1 done, 0 no way back, -1 no recipe. */
static int
undo_header(struct dkim2_undo *u, const struct json *header,
    const struct dkim_letter *m, struct dkim_letter *before, struct err *e)
{
	struct names n = { .u = u, .m = m };
	struct slice *done = arena_array(u->a, DKIM2_NAMES_MAX, sizeof(*done));
	const struct json *steps;
	void *at = NULL;
	size_t count = 0;

	n.places = arena_array(u->a, m->count, sizeof(*n.places));
	n.made = arena_array(u->a, DKIM2_FIELDS_MAX, sizeof(*n.made));
	while (json_next(header, &at, &n.name, &steps)) {
		if (!json_is_list(steps))
			return 0;
		if (!is_field_name(n.name) || count == DKIM2_NAMES_MAX ||
		    is_among(done, count, n.name))
			return bad(e, "\"h\" has a name that cannot be");
		n.name = slice_of(arena_copy(u->a, n.name), n.name.n);
		done[count++] = n.name;
		if (undo_name(&n, steps, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < m->count; i++)
		if (!is_among(done, count, letter_field_name(m->fields[i])) &&
		    put_field(&n, m->fields[i]) < 0)
			return 0;
	before->fields = n.made;
	before->count = n.made_count;
	return count ? 1 : bad(e, "\"h\" has no names");
}

struct lines {
	struct buf *out;
	const struct slice *line; /* with its end */
};

static int
put_line(struct lines *l, struct slice text, bool ended)
{
	buf_slice(l->out, text);
	if (!ended)
		buf_text(l->out, "\r\n");
	return buf_over(l->out) ? -1 : 0;
}

static int
copy_line(void *arg, size_t i)
{
	struct lines *l = arg;

	return put_line(l, l->line[i], slice_ends_nocase(l->line[i], "\n"));
}

static int
new_line(void *arg, struct slice text)
{
	return put_line(arg, text, false);
}

/* Every line with its end, one view after the other. */
static void
index_lines(struct slice body, struct buf *out)
{
	while (body.n && !buf_over(out)) {
		struct slice line = body, text;

		slice_take_line(&body, &text, NULL);
		line.n -= body.n;
		buf_add(out, &line, sizeof(line));
	}
}

/* 1 done, 0 no way back, -1 no recipe. */
static int
undo_body(struct dkim2_undo *u, const struct json *steps, struct slice body,
    struct slice *before_r, struct err *e)
{
	struct lines l = { .out = &u->body[0] };
	struct copier c = { 0, copy_line, new_line, &l };
	struct buf old = u->body[0];

	buf_reset(&u->lines);
	index_lines(body, &u->lines);
	if (!json_is_list(steps) || buf_over(&u->lines))
		return 0;
	l.line = (const void *)u->lines.p;
	c.count = u->lines.n / sizeof(*l.line);
	u->body[0] = u->body[1];
	u->body[1] = old;
	buf_reset(l.out);
	if (take_steps(&c, steps, e) < 0)
		return buf_over(l.out) ? 0 : -1;
	u->restored += l.out->n;
	*before_r = buf_view(l.out);
	return u->restored <= DKIM2_RESTORED_MAX;
}

static int
undo(struct dkim2_undo *u, const struct json *recipe,
    const struct dkim_letter *m, struct dkim_letter *before, struct err *e)
{
	const struct json *header = json_member(recipe, "h");
	const struct json *body = json_member(recipe, "b");
	int r = 1;

	if ((!header && !body) || (header && !json_is_map(header)))
		return 0;
	if (header)
		r = undo_header(u, header, m, before, e);
	if (body && r > 0) {
		r = undo_body(u, body, m->body, &before->body, e);
		before->map = NULL;
	}
	return r;
}

int
dkim2_undo(struct dkim2_undo *u, const struct dkim2_field *instance,
    const struct dkim_letter *m, struct dkim_letter *before_r, struct err *e)
{
	struct slice r = dkim2_tag(instance, "r");
	struct json *recipe = NULL;
	struct buf text;
	int got;

	*before_r = *m;
	if (!r.n)
		return 0;
	buf_init(&text, DKIM2_RECIPE_MAX);
	if (!base64_decode_fws(r, &text))
		got = bad(e, "it is no base64");
	else if (json_read(buf_view(&text), &recipe, e) < 0)
		got = err_in(e, "its recipe");
	else
		got = undo(u, recipe, m, before_r, e);
	json_free(&recipe);
	buf_free(&text);
	return got;
}
