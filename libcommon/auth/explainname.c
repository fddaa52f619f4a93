/* Subjects, and names in From and its like, as they may have been when they
 * were signed (see explain.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/encword.h"

#include "auth/explainparts.h"
#include "auth/letter.h"

#define TAG_MAX   120 /* octets of a Subject that a tag may have */
#define NAMES_MAX 24  /* display names and addresses that are combined */

struct slice
explain_value(struct slice field)
{
	slice_take_until(&field, ':', NULL);
	return slice_trim(field);
}

struct slice
explain_made(struct explain_head *g, const char *name, struct slice value)
{
	return slice_str(
	    arena_fmt(g->a, "%s: %.*s\r\n", name, SLICE_ARG(value)));
}

struct slice
explain_at(struct explain_head *g, size_t at)
{
	return g->m->fields[g->pick[at]];
}

/* A Subject without a piece of it: what a list, a filter or a gateway put in.
 */
size_t
explain_subjects(struct explain_head *g, size_t at, struct slice *r)
{
	struct slice v = slice_of(NULL, 0);
	const char *name;
	size_t n = 0, open;

	if (at == SIZE_MAX)
		return 0;
	v = explain_value(explain_at(g, at));
	name = arena_copy(g->a, letter_field_name(explain_at(g, at)));
	for (size_t i = 1; i < v.n && i < TAG_MAX && n < EXPLAIN_GUESSES / 3;
	     i++)
		if (!ascii_is_blank(v.p[i]) &&
		    (ascii_is_blank(v.p[i - 1]) || v.p[i - 1] == ']'))
			r[n++] = explain_made(g, name, slice_sub(v, i, v.n));
	for (size_t i = v.n; i-- > 1 && n < 2 * EXPLAIN_GUESSES / 3;)
		if (ascii_is_blank(v.p[i]))
			r[n++] = explain_made(
			    g, name, slice_trim_end(slice_sub(v, 0, i)));
	open = slice_find(v, '[');
	while (open != SIZE_MAX && n < EXPLAIN_GUESSES) {
		struct slice rest = slice_sub(v, open, v.n);
		size_t close = slice_find(rest, ']');

		if (close == SIZE_MAX)
			break;
		slice_take(&rest, close + 1);
		r[n++] = slice_str(arena_fmt(g->a, "%s: %.*s%.*s\r\n", name,
		    (int)open, v.p, SLICE_ARG(slice_trim_start(rest))));
		close = slice_find(rest, '[');
		open =
		    close == SIZE_MAX ? close : (size_t)(rest.p - v.p) + close;
	}
	return n;
}

static struct slice
without_quotes(struct explain_head *g, struct slice s)
{
	struct buf b;

	buf_init(&b, s.n);
	for (size_t i = 1; i + 1 < s.n; i++)
		if (s.p[i] != '\\' || i + 2 >= s.n)
			buf_char(&b, (unsigned char)s.p[i]);
	s = slice_of(arena_copy(g->a, buf_view(&b)), b.n);
	buf_free(&b);
	return s;
}

static void
keep(struct slice *v, size_t *n, struct slice s)
{
	for (size_t i = 0; i < *n; i++)
		if (slice_equal(v[i], s))
			return;
	if (*n < NAMES_MAX)
		v[(*n)++] = s;
}

/* A display name as others write it: quoted or not, without what a list put
 * behind it, decoded, encoded. */
static void
keep_names(
    struct explain_head *g, struct slice name, struct slice *v, size_t *n)
{
	static const char *const behind[] = { " via ", " (via ", " - via ",
		" at ", " [", " (" };
	struct slice bare = slice_trim(name);
	struct buf b;

	if (bare.n > 1 && bare.p[0] == '"')
		bare = without_quotes(g, bare);
	for (size_t i = 0; i <= COUNT_OF(behind); i++) {
		size_t cut =
		    i ? slice_search(bare, slice_str(behind[i - 1])) : bare.n;
		struct slice piece = slice_sub(bare, 0, cut);

		if (cut == SIZE_MAX)
			continue;
		keep(v, n, piece);
		keep(v, n,
		    slice_str(arena_fmt(g->a, "\"%.*s\"", SLICE_ARG(piece))));
		if (piece.n > 1 && piece.p[0] == '\'')
			keep(v, n, slice_sub(piece, 1, piece.n - 1));
	}
	buf_init(&b, 8 * bare.n + 256);
	encword_decode(bare, &b);
	keep(v, n, slice_of(arena_copy(g->a, buf_view(&b)), b.n));
	buf_reset(&b);
	encword_phrase(bare, &b);
	keep(v, n, slice_of(arena_copy(g->a, buf_view(&b)), b.n));
	buf_free(&b);
}

/* Splits "Name <address>", "address (Name)", "address". */
static void
split(struct slice v, struct slice *name, struct slice *address)
{
	size_t open = slice_find_last(v, '<');
	struct slice rest = v;

	*name = slice_of(NULL, 0);
	*address = v;
	if (open != SIZE_MAX) {
		*name = slice_trim(slice_sub(v, 0, open));
		rest = slice_sub(v, open + 1, v.n);
		*address = slice_take_until(&rest, '>', NULL);
	} else if (slice_find(v, '(') != SIZE_MAX) {
		*address = slice_trim(slice_take_until(&rest, '(', NULL));
		*name = slice_take_until(&rest, ')', NULL);
	}
}

static struct slice
header_value_of(struct explain_head *g, const char *name)
{
	for (size_t i = 0; i < g->m->count; i++)
		if (slice_is_nocase(g->field_names[i], name))
			return explain_value(g->m->fields[i]);
	return slice_of(NULL, 0);
}

/* A From, To, ... as it may have been: the names and addresses that are around,
 * in the forms there are. */
size_t
explain_authors(struct explain_head *g, size_t at, struct slice *r)
{
	static const char *const elsewhere[] = { "X-Original-From",
		"Original-From", "X-Original-Sender", "Reply-To", "Sender",
		"Author" };
	struct slice names[NAMES_MAX], addresses[NAMES_MAX], name, address, v;
	size_t name_count = 0, address_count = 0, n = 0;
	const char *field;

	if (at == SIZE_MAX)
		return 0;
	field = arena_copy(g->a, letter_field_name(explain_at(g, at)));
	v = explain_value(explain_at(g, at));
	split(v, &name, &address);
	keep(addresses, &address_count, address);
	keep_names(g, name, names, &name_count);
	for (size_t i = 0; i < COUNT_OF(elsewhere); i++) {
		v = header_value_of(g, elsewhere[i]);
		if (!v.n)
			continue;
		if (n < EXPLAIN_GUESSES)
			r[n++] = explain_made(g, field, v);
		split(v, &name, &address);
		keep(addresses, &address_count, address);
		if (name.n)
			keep_names(g, name, names, &name_count);
	}
	for (size_t k = 0; k < address_count; k++) {
		if (n + 2 < EXPLAIN_GUESSES) {
			r[n++] = explain_made(g, field, addresses[k]);
			r[n++] = slice_str(arena_fmt(g->a, "%s: <%.*s>\r\n",
			    field, SLICE_ARG(addresses[k])));
		}
		for (size_t i = 0; i < name_count && n + 2 < EXPLAIN_GUESSES;
		     i++) {
			if (!names[i].n)
				continue;
			r[n++] = slice_str(
			    arena_fmt(g->a, "%s: %.*s <%.*s>\r\n", field,
				SLICE_ARG(names[i]), SLICE_ARG(addresses[k])));
			if (k == 0)
				r[n++] = slice_str(
				    arena_fmt(g->a, "%s: %.*s (%.*s)\r\n",
					field, SLICE_ARG(addresses[k]),
					SLICE_ARG(names[i])));
		}
	}
	return n;
}
