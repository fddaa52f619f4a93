/* The words of an IMAP response (see imaplex.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/imaplex.h"

void
imaplex_begin(struct imaplex *l, struct slice text)
{
	*l = (struct imaplex){ .text = text, .rest = text };
}

static int
bad(struct err *e, const char *why, struct slice where)
{
	where = slice_sub(where, 0, 40);
	return err_set(e, ERR_PROTO, "%s at '%.*s'", why, SLICE_ARG(where));
}

/* Servers' atoms hold more than ATOM-CHAR: 8-bit octets, "%", "*", "]" and
 * "\"; only what begins another token, SP and controls end one. */
static bool
is_atom(int c)
{
	return c > ' ' && c != 127 && c != '(' && c != ')' && c != '"' &&
	       c != '{';
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE ; no CR, no LF */
static int
read_quoted(struct imaplex *l, struct imaplex_token *t, struct err *e)
{
	struct slice in = slice_sub(l->rest, 1, SIZE_MAX);

	for (size_t i = 0; i < in.n; i++) {
		int c = slice_at(in, i);

		if (c == '\r' || c == '\n')
			break;
		if (c == '\\') {
			i++;
			continue;
		}
		if (c != '"')
			continue;
		t->kind = IMAPLEX_QUOTED;
		t->text = slice_sub(in, 0, i);
		l->rest = slice_sub(in, i + 1, SIZE_MAX);
		return 1;
	}
	return bad(e, "quoted string without an end", l->rest);
}

/* literal  = "{" number64 ["+"] "}" CRLF *CHAR8
 * literal8 = "~{" number64 ["+"] "}" CRLF *OCTET */
static int
read_literal(struct imaplex *l, struct imaplex_token *t, struct err *e)
{
	struct slice s = l->rest;

	slice_take_prefix(&s, "~");
	slice_take_prefix(&s, "{");
	if (!slice_take_number(&s, IMAPLEX_NUMBER_MAX, &t->size))
		return bad(e, "bad literal size", l->rest);
	slice_take_prefix(&s, "+");
	if (!slice_take_prefix(&s, "}"))
		return bad(e, "bad literal", l->rest);
	if (s.n == 0) {
		t->kind = IMAPLEX_PENDING;
		l->rest = s;
		return 1;
	}
	if (!slice_take_prefix(&s, "\r\n") && !slice_take_prefix(&s, "\n"))
		return bad(e, "literal without a line end", l->rest);
	if (t->size > s.n)
		return bad(e, "literal cut short", l->rest);
	t->kind = IMAPLEX_LITERAL;
	t->text = slice_take(&s, (size_t)t->size);
	l->rest = s;
	return 1;
}

/* A section, "[HEADER.FIELDS (TO CC)]", belongs to the atom before it; its
 * octets after the "[", or 0 when it never ends. */
static size_t
section_length(struct slice s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		int c = slice_at(s, i);

		if (c == '\r' || c == '\n')
			break;
		if (c == '"')
			quoted = !quoted;
		else if (c == '\\' && quoted)
			i++;
		else if (c == ']' && !quoted)
			return i + 1;
	}
	return 0;
}

static int
read_atom(struct imaplex *l, struct imaplex_token *t, struct err *e)
{
	size_t n = 0, section = 1;

	while (is_atom(slice_at(l->rest, n))) {
		/* Where one never ends, those inside it do not either. */
		if (n > 0 && slice_at(l->rest, n) == '[' && section > 0) {
			section =
			    section_length(slice_sub(l->rest, n + 1, SIZE_MAX));
			n += section;
		}
		n++;
	}
	if (n == 0)
		return bad(e, "unexpected octet", l->rest);
	t->kind = IMAPLEX_ATOM;
	t->text = slice_take(&l->rest, n);
	return 1;
}

static int
read_parenthesis(struct imaplex *l, struct imaplex_token *t, struct err *e)
{
	if (slice_peek(l->rest) == '(') {
		if (l->depth == IMAPLEX_DEPTH_MAX)
			return bad(e, "nested too deep", l->rest);
		l->depth++;
		t->kind = IMAPLEX_OPEN;
	} else {
		if (l->depth == 0)
			return bad(e, "parenthesis too many", l->rest);
		l->depth--;
		t->kind = IMAPLEX_CLOSE;
	}
	t->text = slice_take(&l->rest, 1);
	return 1;
}

int
imaplex_next(struct imaplex *l, struct imaplex_token *t_r, struct err *e)
{
	while (slice_take_prefix(&l->rest, " "))
		;
	*t_r = (struct imaplex_token){ .at = l->text.n - l->rest.n };
	switch (slice_peek(l->rest)) {
	case -1:
		if (l->depth > 0)
			return bad(e, "list without an end", l->text);
		return 0;
	case '(':
	case ')':
		return read_parenthesis(l, t_r, e);
	case '"':
		return read_quoted(l, t_r, e);
	case '{':
		return read_literal(l, t_r, e);
	case '~':
		if (slice_at(l->rest, 1) == '{')
			return read_literal(l, t_r, e);
		return read_atom(l, t_r, e);
	default:
		return read_atom(l, t_r, e);
	}
}

int
imaplex_skip(struct imaplex *l, struct err *e)
{
	unsigned depth = l->depth;
	struct imaplex_token t;

	do {
		struct slice here = l->rest;
		int got = imaplex_next(l, &t, e);

		if (got < 0)
			return -1;
		if (got == 0 || l->depth < depth)
			return bad(e, "value missing", here);
	} while (l->depth > depth);
	return 1;
}

struct slice
imaplex_string(const struct imaplex_token *t, struct arena *a)
{
	struct slice s = t->text;
	size_t n = 0;
	char *p;

	if (t->kind != IMAPLEX_QUOTED || slice_find(s, '\\') == SIZE_MAX)
		return s;
	p = arena_new(a, s.n);
	while (s.n > 0) {
		slice_take_prefix(&s, "\\");
		if (s.n > 0)
			p[n++] = (char)slice_get(&s);
	}
	return slice_of(p, n);
}

bool
imaplex_is(const struct imaplex_token *t, const char *atom)
{
	return t->kind == IMAPLEX_ATOM && slice_is_nocase(t->text, atom);
}

bool
imaplex_is_nil(const struct imaplex_token *t)
{
	return imaplex_is(t, "NIL");
}

bool
imaplex_number(const struct imaplex_token *t, uint64_t max, uint64_t *r)
{
	return t->kind == IMAPLEX_ATOM && slice_number(t->text, max, r);
}

/* resp-text = ["[" resp-text-code "]" SP] text */
bool
imaplex_code(struct slice resp_text, struct imaplex_code *c_r)
{
	struct slice s = slice_trim(resp_text), code;
	size_t n;

	*c_r = (struct imaplex_code){ .text = s };
	if (!slice_take_prefix(&s, "["))
		return false;
	n = section_length(s);
	if (n == 0)
		return false;
	code = slice_sub(s, 0, n - 1);
	c_r->name = slice_take_until(&code, ' ', NULL);
	c_r->args = slice_trim(code);
	c_r->text = slice_trim(slice_sub(s, n, SIZE_MAX));
	return c_r->name.n > 0;
}

int
imaplex_flags(struct imaplex *l, unsigned *flags_r, struct err *e)
{
	static const struct {
		const char *name;
		unsigned bit;
	} flags[] = {
		{ "\\Seen", IMAPLEX_SEEN },
		{ "\\Answered", IMAPLEX_ANSWERED },
		{ "\\Flagged", IMAPLEX_FLAGGED },
		{ "\\Deleted", IMAPLEX_DELETED },
		{ "\\Draft", IMAPLEX_DRAFT },
		{ "\\Recent", IMAPLEX_RECENT },
	};
	struct imaplex_token t;

	*flags_r = 0;
	if (imaplex_next(l, &t, e) < 0)
		return -1;
	if (t.kind != IMAPLEX_OPEN)
		return bad(e, "flags are not a list", t.text);
	for (;;) {
		if (imaplex_next(l, &t, e) < 0)
			return -1;
		if (t.kind == IMAPLEX_CLOSE)
			return 0;
		if (t.kind != IMAPLEX_ATOM)
			return bad(e, "bad flag", t.text);
		for (size_t i = 0; i < COUNT_OF(flags); i++)
			if (imaplex_is(&t, flags[i].name))
				*flags_r |= flags[i].bit;
	}
}
