/* The lexer of structured header fields (see token.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/token.h"

/* A bit for each octet. */
struct set {
	uint32_t bits[8];
};

static bool
is_in(const struct set *set, int c)
{
	return c >= 0 && (set->bits[c >> 5 & 7] >> (c & 31) & 1);
}

static bool
is_one_of(int c, const char *set)
{
	return c > 0 && strchr(set, c);
}

/* letters, digits, !#$%&'*+-/=?^_`{|}~ and what is over 127 */
static const struct set atext = { { 0x00000000, 0xa3ffacfa, 0xc7fffffe,
    0x7fffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff } };

/* the same, and "." */
static const struct set dot_atext = { { 0x00000000, 0xa3ffecfa, 0xc7fffffe,
    0x7fffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff } };

/* 33-126 but ()<>@,;:\"/[]?= */
static const struct set ttext = { { 0x00000000, 0x03ff6cfa, 0xc7fffffe,
    0x7fffffff, 0x00000000, 0x00000000, 0x00000000, 0x00000000 } };

bool
token_is_atext(int c)
{
	return is_in(&atext, c);
}

bool
token_is_ttext(int c)
{
	return is_in(&ttext, c);
}

bool
token_is_special(int c)
{
	return is_one_of(c, "()<>[]:;@\\,.\"");
}

/* Octets of one blank, or of a line end that folds: one before a blank, or at
 * the very end of the value. */
static size_t
fws_size(struct slice s)
{
	size_t n = 0;

	if (ascii_is_blank(slice_peek(s)))
		return 1;
	if (slice_at(s, n) == '\r')
		n++;
	if (slice_at(s, n) != '\n')
		return 0;
	n++;
	return n == s.n || ascii_is_blank(slice_at(s, n)) ? n : 0;
}

void
token_skip_fws(struct slice *s)
{
	size_t n;

	while (s->n && (n = fws_size(*s)) > 0)
		slice_take(s, n);
}

/*	comment  =  "(" *([FWS] ccontent) [FWS] ")"
 *	ccontent =  ctext / quoted-pair / comment */
int
token_comment(struct slice *s, struct slice *inside_r)
{
	size_t depth = 1, i = 1;

	if (slice_peek(*s) != '(')
		return 0;
	for (; depth; i++) {
		int c = slice_at(*s, i);

		if (c == '\\')
			c = slice_at(*s, ++i);
		else if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
		if (c <= 0 || depth > TOKEN_DEPTH_MAX)
			return -1;
	}
	*inside_r = slice_sub(*s, 1, i - 1);
	slice_take(s, i);
	return 1;
}

/*	CFWS  =  (1*([FWS] comment) [FWS]) / FWS */
int
token_skip_cfws_comment(struct slice *s, struct slice *comment_r)
{
	struct slice rest = *s, inside;
	int c = slice_peek(rest), got;

	/* what most values have here */
	if (c > ' ' && c != '(')
		return 1;
	do {
		token_skip_fws(&rest);
		got = token_comment(&rest, &inside);
		if (got > 0 && comment_r)
			*comment_r = inside;
	} while (got > 0);
	if (got < 0)
		return -1;
	*s = rest;
	return 1;
}

int
token_skip_cfws(struct slice *s)
{
	return token_skip_cfws_comment(s, NULL);
}

/* 1*octet of a set. */
static int
take_run(struct slice *s, const struct set *set, struct slice *r)
{
	size_t n = 0;

	while (n < s->n && is_in(set, (unsigned char)s->p[n]))
		n++;
	if (!n)
		return 0;
	*r = slice_take(s, n);
	return 1;
}

int
token_atom(struct slice *s, struct slice *atom_r)
{
	return take_run(s, &atext, atom_r);
}

int
token_token(struct slice *s, struct slice *r)
{
	return take_run(s, &ttext, r);
}

/*	dot-atom-text  =  1*atext *("." 1*atext) */
int
token_dot_atom(struct slice *s, struct slice *r)
{
	size_t n = 0;

	while (token_is_atext(slice_at(*s, n))) {
		do
			n++;
		while (token_is_atext(slice_at(*s, n)));
		if (slice_at(*s, n) != '.' ||
		    !token_is_atext(slice_at(*s, n + 1)))
			break;
		n++;
	}
	if (!n)
		return 0;
	*r = slice_take(s, n);
	return 1;
}

int
token_dot_atom_lax(struct slice *s, struct slice *r)
{
	return take_run(s, &dot_atext, r);
}

/*	quoted-string  =  DQUOTE *([FWS] qcontent) [FWS] DQUOTE
 *	qcontent       =  qtext / quoted-pair */
int
token_quoted(struct slice *s, struct slice *inside_r)
{
	size_t i = 1;
	int c;

	if (slice_peek(*s) != '"')
		return 0;
	for (; (c = slice_at(*s, i)) != '"'; i++) {
		if (c == '\\')
			c = slice_at(*s, ++i);
		if (c <= 0)
			return -1;
	}
	*inside_r = slice_sub(*s, 1, i);
	slice_take(s, i + 1);
	return 1;
}

/*	domain-literal  =  "[" *([FWS] dtext) [FWS] "]"
 *	dtext           =  %d33-90 / %d94-126 */
int
token_domain_literal(struct slice *s, struct slice *r)
{
	size_t i = 1;
	int c;

	if (slice_peek(*s) != '[')
		return 0;
	for (; (c = slice_at(*s, i)) != ']'; i++)
		if (c <= 0 || c == '[' || c == '\\')
			return -1;
	*r = slice_take(s, i + 1);
	return 1;
}

int
token_value(struct slice *s, struct slice *r, bool *quoted_r)
{
	int got = token_quoted(s, r);

	*quoted_r = got > 0;
	return got ? got : token_token(s, r);
}

int
token_word(struct slice *s, struct slice *r, bool *quoted_r)
{
	int got = token_quoted(s, r);

	*quoted_r = got > 0;
	if (got)
		return got;
	if (slice_peek(*s) == '.') {
		*r = slice_take(s, 1);
		return 1;
	}
	return token_atom(s, r);
}

void
token_unquote(struct slice inside, struct buf *out)
{
	while (inside.n) {
		if (slice_peek(inside) == '\\' && inside.n > 1)
			slice_take(&inside, 1);
		else if (!ascii_is_blank(slice_peek(inside)))
			slice_take(&inside, fws_size(inside));
		buf_slice(out, slice_take(&inside, 1));
	}
}

void
token_quote(struct slice text, struct buf *out)
{
	buf_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (is_one_of(text.p[i], "\"\\"))
			buf_char(out, '\\');
		buf_char(out, text.p[i]);
	}
	buf_char(out, '"');
}

bool
token_is_dot_atom(struct slice text)
{
	struct slice r;

	return token_dot_atom(&text, &r) > 0 && !text.n;
}

bool
token_is_token(struct slice text)
{
	struct slice r;

	return token_token(&text, &r) > 0 && !text.n;
}
