/* The fields of MTA-STS and TLS-RPT records.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/txtfields.h"

/*	ext-name = (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")	*/
static bool
is_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = slice_at(s, i);
		bool word = ascii_is_alpha(c) || ascii_is_digit(c);

		if (!word && (i == 0 || (c != '_' && c != '-' && c != '.')))
			return false;
	}
	return s.n > 0 && s.n <= TXTFIELDS_NAME_MAX;
}

/*	ext-value = 1*(%x21-3A / %x3C / %x3E-7E)
 *
 * rua= may be a list with blanks around its commas. */
static bool
is_value(struct slice s, bool uris)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = slice_at(s, i);

		if (uris && (ascii_is_blank(c) || c == '='))
			continue;
		if (c < 0x21 || c > 0x7e || c == ';' || c == '=')
			return false;
	}
	return s.n > 0;
}

static bool
is_seen(const struct txtfields *f, struct slice name)
{
	for (size_t i = 0; i < f->n; i++)
		if (slice_equal(f->field[i].name, name))
			return true;
	return false;
}

static void
read_field(struct txtfields *f, struct slice text, struct slice s, bool equals)
{
	struct txtfield *t = &f->field[f->n];
	struct slice rest = s;
	bool found;

	*t = (struct txtfield){ .wrong = TXTFIELD_GOOD };
	t->span[0] = (size_t)(s.p - text.p);
	t->span[1] = t->span[0] + s.n;
	t->name = slice_take_until(&rest, '=', &found);
	t->value = rest;
	if (s.n == 0)
		t->wrong = TXTFIELD_EMPTY;
	else if (!found)
		t->wrong = TXTFIELD_SHAPE;
	else if (!is_name(t->name))
		t->wrong = slice_trim(t->name).n < t->name.n ? TXTFIELD_SHAPE
		                                             : TXTFIELD_NAME;
	else if (is_seen(f, t->name))
		t->wrong = TXTFIELD_TWICE;
	else if (!is_value(t->value, equals && slice_is(t->name, "rua")))
		t->wrong = TXTFIELD_VALUE;
	f->n++;
}

bool
txtfields_read(struct slice text, const char *version, bool value_equals,
    struct txtfields *r)
{
	struct slice s = text;
	bool found;

	r->n = 0;
	if (!slice_take_prefix(&s, version))
		return false;
	if (slice_trim(slice_take_until(&s, ';', &found)).n)
		return false;
	while (found && r->n < TXTFIELDS_MAX) {
		struct slice one =
		    slice_trim(slice_take_until(&s, ';', &found));

		if (one.n || found)
			read_field(r, text, one, value_equals);
	}
	return true;
}

const struct txtfield *
txtfields_find(const struct txtfields *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (slice_is(f->field[i].name, name) &&
		    f->field[i].wrong == TXTFIELD_GOOD)
			return &f->field[i];
	return NULL;
}
