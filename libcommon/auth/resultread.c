/* Authentication-Results read (RFC 8601 section 2.2).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/token.h"

#include "auth/result.h"

/* Folding, blanks and comments; false when a comment is not closed. */
static bool
skip(struct slice *s)
{
	return token_skip_cfws(s) >= 0;
}

static struct slice
unquoted(struct slice inside, struct arena *a)
{
	struct slice s;
	struct buf out;

	buf_init(&out, inside.n);
	token_unquote(inside, &out);
	s = slice_of(arena_copy(a, buf_view(&out)), out.n);
	buf_free(&out);
	return s;
}

/* value, or "local@domain", "@domain": what stands without quotes. */
static bool
is_plain(int c)
{
	return token_is_ttext(c) || c == '@' || c > 127;
}

/* value = token / quoted-string (RFC 2045), and the pvalue's address forms. */
static bool
take_value(struct slice *s, struct arena *a, struct slice *r)
{
	struct slice inside;
	int got = token_quoted(s, &inside);

	if (got < 0)
		return false;
	if (got == 0) {
		*r = slice_take_while(s, is_plain);
		return r->n > 0;
	}
	*r = unquoted(inside, a);
	/* "local part"@domain */
	if (slice_peek(*s) == '@') {
		struct slice domain = slice_take_while(s, is_plain);

		*r = slice_str(
		    arena_fmt(a, "%.*s%.*s", SLICE_ARG(*r), SLICE_ARG(domain)));
	}
	return true;
}

/* Keyword = Let-dig [Ldh-str] (RFC 5321 section 4.1.1.1) */
static bool
is_keyword(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

static const char *
take_keyword(struct slice *s, struct arena *a)
{
	struct slice word = slice_take_while(s, is_keyword);
	char *text;

	if (word.n == 0)
		return NULL;
	text = arena_copy(a, word);
	for (char *p = text; *p; p++)
		*p = (char)ascii_lower(*p);
	return text;
}

/* [CFWS] mark [CFWS] */
static bool
take_mark(struct slice *s, int mark)
{
	struct slice t = *s;

	if (!skip(&t) || slice_peek(t) != mark)
		return false;
	slice_get(&t);
	*s = t;
	return skip(s);
}

/*	propspec   = ptype [CFWS] "." [CFWS] property [CFWS] "=" pvalue
 *	reasonspec = "reason" [CFWS] "=" [CFWS] value
 */
static bool
read_property(struct slice *s, struct arena *a, struct result_method *m)
{
	const char *type = take_keyword(s, a), *name;
	struct slice value;

	if (!type)
		return false;
	if (strcmp(type, "reason") == 0 && take_mark(s, '='))
		return take_value(s, a, &m->reason);
	if (!take_mark(s, '.'))
		return false;
	name = take_keyword(s, a);
	if (!name || !take_mark(s, '=') || !take_value(s, a, &value))
		return false;
	result_prop(m, a, type, name, value);
	return true;
}

/*	methodspec = [CFWS] method [CFWS] "=" [CFWS] result
 *	method     = Keyword [ [CFWS] "/" [CFWS] method-version ]
 *
 * and its reason and properties, up to ";" or the end. */
static bool
read_method(struct slice *s, struct arena *a, struct result *r)
{
	const char *method, *value;
	struct result_method *m;
	uint64_t version;

	method = take_keyword(s, a);
	if (!method)
		return false;
	if (take_mark(s, '/') && !slice_take_number(s, UINT32_MAX, &version))
		return false;
	if (!take_mark(s, '='))
		return false;
	value = take_keyword(s, a);
	if (!value || r->count == RESULT_METHODS_MAX)
		return false;
	m = result_add(r, a, method, value);
	for (;;) {
		if (!skip(s))
			return false;
		if (s->n == 0 || slice_peek(*s) == ';')
			return true;
		if (m->prop_count == RESULT_PROPS_MAX ||
		    !read_property(s, a, m))
			return false;
	}
}

int
result_authserv_id(struct slice body, struct arena *a, struct slice *id_r)
{
	struct slice s = body;

	*id_r = slice_of(NULL, 0);
	if (!skip(&s))
		return -1;
	if (s.n == 0)
		return 0;
	return take_value(&s, a, id_r) ? 1 : -1;
}

/* authres-version = 1*DIGIT, the only one being 1. */
static bool
skip_version(struct slice *s)
{
	uint64_t version;

	if (!skip(s))
		return false;
	if (!slice_take_number(s, UINT32_MAX, &version))
		return true;
	return version == 1 && skip(s);
}

int
result_read(struct slice body, struct arena *a, struct result *r, struct err *e)
{
	struct slice s = body, id;

	*r = (struct result){ 0 };
	if (!skip(&s))
		return err_set(e, ERR_DATA, "a comment is not closed");
	if (s.n == 0)
		return 0;
	if (!take_value(&s, a, &id) || !skip_version(&s))
		return err_set(e, ERR_DATA, "no authserv-id and version");
	r->authserv_id = arena_copy(a, id);
	while (s.n) {
		struct slice none;

		if (slice_get(&s) != ';' || !skip(&s))
			return err_set(e, ERR_DATA, "no \";\" before '%.*s'",
			    (int)size_min(s.n, 40), s.p);
		/* A ";" at the end, as many write it. */
		if (s.n == 0)
			break;
		none = s;
		if (slice_take_prefix_nocase(&none, "none") && skip(&none) &&
		    none.n == 0)
			break;
		if (!read_method(&s, a, r))
			return err_set(e, ERR_DATA,
			    "method %zu is not method=result property=value",
			    r->count + 1);
	}
	return 1;
}
