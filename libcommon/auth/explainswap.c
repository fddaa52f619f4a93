/* Pieces of a body that are replaced (see explainswap.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/qp.h"

#include "auth/explainswap.h"

struct tap {
	struct digest digest;
	uint64_t left;
};

static void
put(void *to, const char *p, size_t n)
{
	struct tap *t = to;
	size_t some = t->left < n ? (size_t)t->left : n;

	digest_add(&t->digest, p, some);
	t->left -= some;
}

/* Does the body with up to two pieces replaced, in order, have the hash? */
bool
explainswap_matches(struct explainswap_letter *g, const struct explainswap *one,
    const struct explainswap *two)
{
	struct tap tap = { .left = g->s->limit };
	struct canon_body c = {
		.mode = g->s->body_mode, .put = put, .to = &tap
	};
	unsigned char sum[DIGEST_MAX];
	struct slice body = g->m->body;
	struct buf *b = &g->buf;

	if (g->done > EXPLAINSWAP_OCTETS ||
	    digest_begin(&tap.digest, g->s->digest, NULL))
		return false;
	buf_reset(b);
	buf_slice(b, slice_sub(body, 0, one->from));
	buf_slice(b, one->with);
	buf_slice(b, slice_sub(body, one->to, two ? two->from : body.n));
	if (two) {
		buf_slice(b, two->with);
		buf_slice(b, slice_sub(body, two->to, body.n));
	}
	canon_body_add(&c, buf_view(b));
	canon_body_end(&c);
	digest_end(&tap.digest, sum);
	g->done += b->n + 64;
	return slice_equal(g->want, slice_of(sum, digest_size(g->s->digest)));
}

static void
add_swap(const struct explainswap_letter *g, struct explainswap_leaf *l,
    const struct explainswap *s)
{
	if (l->count < EXPLAINSWAP_MAX && s->from <= s->to &&
	    g->done <= EXPLAINSWAP_OCTETS)
		l->swaps[l->count++] = *s;
}

size_t
explainswap_place(struct explainswap_letter *g, struct slice s)
{
	return (size_t)(s.p - g->m->body.p);
}

/* As the plainest encoders write it: what must be, in lines of 76. */
static void
qp_plain(struct slice text, struct buf *out)
{
	size_t column = 0;

	while (text.n) {
		int c = slice_get(&text);
		bool end = slice_starts(text, "\r\n") || !text.n;
		bool safe = c > ' ' && c < 127 && c != '=';

		if (c == '\r' && slice_peek(text) == '\n') {
			slice_get(&text);
			buf_text(out, "\r\n");
			column = 0;
			continue;
		}
		safe = safe || ((c == ' ' || c == '\t') && !end);
		if (column + (safe ? 1 : 3) >= 76 && !(safe && end)) {
			buf_text(out, "=\r\n");
			column = 0;
		}
		if (safe)
			buf_char(out, c);
		else
			buf_fmt(out, "=%02X", (unsigned)c);
		column += safe ? 1 : 3;
	}
}

static void
base64_wide(struct slice text, size_t width, struct buf *out)
{
	struct buf b;
	struct slice rest;

	buf_init(&b, out->max);
	base64_encode(text, &b);
	rest = buf_view(&b);
	while (rest.n) {
		buf_slice(out, slice_take(&rest, width));
		buf_text(out, "\r\n");
	}
	buf_free(&b);
}

struct slice
explainswap_encode(struct explainswap_letter *g, enum explainswap_code code,
    struct slice text, size_t width)
{
	struct slice s;
	struct buf b;

	buf_init(&b, 4 * text.n + 4096);
	if (code == EXPLAINSWAP_8BIT)
		buf_slice(&b, text);
	else if (code == EXPLAINSWAP_QP)
		qp_encode(text, &b);
	else if (code == EXPLAINSWAP_QP_PLAIN)
		qp_plain(text, &b);
	else
		base64_wide(text, width, &b);
	s = slice_of(arena_copy(g->a, buf_view(&b)), b.n);
	g->done += 2 * b.n;
	buf_free(&b);
	return s;
}

static bool
is_as(const struct explainswap_leaf *l, enum explainswap_code code)
{
	switch (code) {
	case EXPLAINSWAP_8BIT:
		return l->encoding != PART_QP && l->encoding != PART_BASE64;
	case EXPLAINSWAP_QP:
	case EXPLAINSWAP_QP_PLAIN:
		return l->encoding == PART_QP;
	case EXPLAINSWAP_BASE64:
	case EXPLAINSWAP_CODES:
		break;
	}
	return l->encoding == PART_BASE64;
}

/* The field that tells the encoding, in a part's own header: its
 * explainswap_place in the body and length. */
static bool
encoding_field(struct explainswap_letter *g, const struct explainswap_leaf *l,
    size_t *from_r, size_t *to_r)
{
	struct slice head = l->head, line;

	while (slice_take_line(&head, &line, NULL) && line.n)
		if (slice_starts_nocase(line, "content-transfer-encoding:")) {
			*from_r = explainswap_place(g, line);
			*to_r = (size_t)(head.p - g->m->body.p);
			return true;
		}
	return false;
}

/* Those octets as the content of a part; its header is made to fit, in all ways
 * that fit. */
void
explainswap_add_part(struct explainswap_letter *g, struct explainswap_leaf *l,
    enum explainswap_code code, struct slice content,
    const struct explainswap *like)
{
	/* What the field said before; "" where it was not there. */
	static const char *const names[EXPLAINSWAP_CODES][3] = {
		{ "8bit", "7bit", "" }, { "quoted-printable", NULL, NULL },
		{ "quoted-printable", NULL, NULL }, { "base64", NULL, NULL }
	};
	struct explainswap s = *like;
	size_t from, to;

	s.from = explainswap_place(g, l->content);
	s.to = s.from + l->content.n;
	s.with = content;
	if (!l->head.n || is_as(l, code))
		add_swap(g, l, &s);
	if (!l->head.n || !encoding_field(g, l, &from, &to))
		return;
	for (size_t i = 0; i < 3 && names[code][i]; i++) {
		struct buf b;

		buf_init(&b, content.n + l->head.n + 64);
		if (*names[code][i])
			buf_fmt(&b, "Content-Transfer-Encoding: %s\r\n",
			    names[code][i]);
		buf_slice(&b, slice_sub(g->m->body, to, s.from));
		buf_slice(&b, content);
		s.with = slice_of(arena_copy(g->a, buf_view(&b)), b.n);
		buf_free(&b);
		s.from = from;
		add_swap(g, l, &s);
		s.from = explainswap_place(g, l->content);
	}
}

/* The text (ending in CRLF) encoded, its last line end its own or
 * not.
 */
void
explainswap_add_text(struct explainswap_letter *g, struct explainswap_leaf *l,
    enum explainswap_code code, size_t width, struct slice text,
    const struct explainswap *like)
{
	size_t end = text.n < 2 ? 0 : text.n - 2;
	struct slice s = explainswap_encode(g, code, text, width);

	explainswap_add_part(g, l, code, s, like);
	/* The CRLF before a boundary is the boundary's. */
	if (l->head.n && s.n > 1)
		explainswap_add_part(
		    g, l, code, slice_sub(s, 0, s.n - 2), like);
	if (code != EXPLAINSWAP_BASE64)
		return;
	s = explainswap_encode(g, code, slice_sub(text, 0, end), width);
	explainswap_add_part(g, l, code,
	    slice_sub(s, 0, l->head.n && s.n > 1 ? s.n - 2 : s.n), like);
}

static size_t
first_width(struct slice content)
{
	struct slice line;

	return slice_take_line(&content, &line, NULL) && line.n ? line.n : 76;
}

/* A text with a piece left out: as it is where the content is the text, else
 * encoded again. */
void
explainswap_add_cut(struct explainswap_letter *g, struct explainswap_leaf *l,
    struct slice text, size_t from, size_t to, const struct explainswap *like)
{
	struct explainswap s = *like;
	struct slice whole;
	struct buf b;

	if (l->encoding != PART_BASE64) {
		s.from = explainswap_place(g, text) + from;
		s.to = explainswap_place(g, text) + to;
		add_swap(g, l, &s);
		return;
	}
	if (g->done > EXPLAINSWAP_OCTETS)
		return;
	buf_init(&b, text.n);
	buf_slice(&b, slice_sub(text, 0, from));
	buf_slice(&b, slice_sub(text, to, text.n));
	whole = slice_of(arena_copy(g->a, buf_view(&b)), b.n);
	buf_free(&b);
	explainswap_add_text(
	    g, l, EXPLAINSWAP_BASE64, first_width(l->content), whole, &s);
	for (enum explainswap_code c = EXPLAINSWAP_8BIT;
	     c < EXPLAINSWAP_BASE64 && !l->head.n; c++)
		explainswap_add_text(g, l, c, 76, whole, &s);
}
