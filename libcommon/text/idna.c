/* Domain names, with and without other alphabets (see idna.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <idn2.h>

#include "text/idna.h"
#include "text/utf8.h"

#define RULES (IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL)

static bool
is_ldh(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-';
}

/* Why a label of ASCII is none; null when it is fine. */
static const char *
label_fault(struct slice label, bool underscore)
{
	if (!label.n)
		return "empty label";
	if (label.n > IDNA_LABEL_MAX)
		return "label over 63 octets";
	if (label.p[0] == '-' || label.p[label.n - 1] == '-')
		return "label starts or ends in '-'";
	for (size_t i = 0; i < label.n; i++) {
		int c = slice_at(label, i);

		if (!is_ldh(c) && !(underscore && c == '_'))
			return "other octets than letters, digits and '-'";
	}
	return NULL;
}

static const char *
name_fault(struct slice name, bool underscore, struct slice *label_r)
{
	const char *fault;
	bool more;

	*label_r = name;
	if (name.n > IDNA_NAME_MAX)
		return "domain over 253 octets";
	do {
		*label_r = slice_take_until(&name, '.', &more);
		fault = label_fault(*label_r, underscore);
	} while (more && !fault);
	return fault;
}

bool
idna_is_ldh(struct slice domain)
{
	struct slice label;

	return !name_fault(domain, false, &label);
}

/* The A-labels of UTF-8 text that ends in NUL, to be freed with idn2_free();
 * *why_r says why there are none. */
static char *
to_a_labels(const char *text, const char **why_r)
{
	char *made = NULL;
	int r = idn2_to_ascii_8z(text, &made, RULES);

	*why_r = r == IDN2_OK ? NULL : idn2_strerror(r);
	return r == IDN2_OK ? made : NULL;
}

/* The first label that has no A-label by itself; all when each has one. */
static struct slice
faulty_label(struct slice domain, struct arena *a)
{
	struct slice rest = domain, label;
	bool more;

	do {
		const char *why;
		char *made;

		label = slice_take_until(&rest, '.', &more);
		made = to_a_labels(arena_copy(a, label), &why);
		if (!made)
			return label;
		idn2_free(made);
	} while (more);
	return domain;
}

static struct slice
lower(struct slice s, struct arena *a)
{
	char *made = arena_copy(a, s);

	for (size_t i = 0; i < s.n; i++)
		made[i] = (char)ascii_lower(made[i]);
	return slice_of(made, s.n);
}

static int
map_utf8(struct slice domain, struct arena *a, struct slice *r, struct err *e)
{
	const char *why;
	char *made;

	if (!utf8_valid(domain))
		return err_set(e, ERR_DATA, "domain is not UTF-8: '%.*s'",
		    SLICE_ARG(domain));
	made = to_a_labels(arena_copy(a, domain), &why);
	if (!made)
		return err_set(e, ERR_DATA, "%s: '%.*s' in domain '%.*s'", why,
		    SLICE_ARG(faulty_label(domain, a)), SLICE_ARG(domain));
	*r = slice_str(arena_string(a, made));
	idn2_free(made);
	return 0;
}

static int
convert(struct slice domain, bool underscore, struct arena *a,
    struct slice *name_r, struct err *e)
{
	struct slice name = domain, label;
	const char *fault;

	if (domain.n > IDNA_INPUT_MAX)
		return err_set(e, ERR_DATA, "domain over %d octets: '%.64s...'",
		    IDNA_INPUT_MAX, domain.p);
	if (slice_find(domain, 0) != SIZE_MAX)
		return err_set(
		    e, ERR_DATA, "NUL in domain '%.*s'", SLICE_ARG(domain));
	if (!utf8_is_ascii(domain) && map_utf8(domain, a, &name, e) < 0)
		return -1;
	if (name.n > 1 && name.p[name.n - 1] == '.')
		name.n--;
	fault = name_fault(name, underscore, &label);
	if (fault)
		return err_set(e, ERR_DATA, "%s: '%.*s' in domain '%.*s'",
		    fault, SLICE_ARG(label), SLICE_ARG(domain));
	*name_r = lower(name, a);
	return 0;
}

int
idna_to_ascii(
    struct slice domain, struct arena *a, struct slice *name_r, struct err *e)
{
	return convert(domain, false, a, name_r, e);
}

int
idna_to_dns(
    struct slice domain, struct arena *a, struct slice *name_r, struct err *e)
{
	return convert(domain, true, a, name_r, e);
}

/* Appends the U-label of an A-label, or the label itself when it is none that
 * reads back. */
static void
put_display(struct slice label, struct arena *a, struct buf *out)
{
	char *made = NULL, *back = NULL;
	const char *why;

	if (slice_starts_nocase(label, "xn--") && utf8_is_ascii(label) &&
	    slice_find(label, 0) == SIZE_MAX &&
	    idn2_to_unicode_8z8z(arena_copy(a, label), &made, RULES) == IDN2_OK)
		back = to_a_labels(made, &why);
	if (back && slice_is_nocase(label, back))
		buf_text(out, made);
	else
		buf_slice(out, label);
	idn2_free(made);
	idn2_free(back);
}

struct slice
idna_to_display(struct slice domain, struct arena *a)
{
	struct slice rest = domain, made;
	struct buf out;
	bool more;

	if (slice_search_nocase(domain, slice_str("xn--")) == SIZE_MAX ||
	    domain.n > IDNA_INPUT_MAX)
		return domain;
	buf_init(&out, IDNA_INPUT_MAX * 4);
	do {
		put_display(slice_take_until(&rest, '.', &more), a, &out);
		if (more)
			buf_char(&out, '.');
	} while (more);
	made = slice_of(arena_copy(a, buf_view(&out)), out.n);
	buf_free(&out);
	return made;
}

bool
idna_equal(struct slice a, struct slice b)
{
	struct arena arena = { 0 };
	struct slice one, two;
	bool r;

	if (idna_to_dns(a, &arena, &one, NULL) == 0 &&
	    idna_to_dns(b, &arena, &two, NULL) == 0)
		r = slice_equal(one, two);
	else
		r = slice_equal_nocase(a, b);
	arena_free(&arena);
	return r;
}
