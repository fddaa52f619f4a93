/* Bodies as they may have been when they were signed (see explain.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/qp.h"

#include "auth/explainparts.h"
#include "auth/letter.h"

#define PEEKED    5000 /* lines from the end where a footer may begin */
#define LONG_LINE 900  /* octets from which on servers cut lines */

/* A body in canonical lines, without their ends. */
struct lines {
	struct slice *v;
	size_t n;
};

struct guessing {
	const struct dkim_letter *m;
	const struct dkim_signature *s;
	struct arena *a;
	struct explain_hit *hit;
	struct slice want;  /* bh= decoded */
	struct lines lines; /* of the body as it is */
	uint64_t hashed;
};

static void
read_lines(struct guessing *g, struct slice body, struct lines *r)
{
	struct slice rest = body, line;
	size_t n = 1;

	for (size_t i = 0; i < body.n && n < EXPLAIN_LINES; i++)
		n += body.p[i] == '\n';
	r->v = arena_array(g->a, n, sizeof(*r->v));
	r->n = 0;
	while (r->n < n && slice_take_line(&rest, &line, NULL)) {
		struct buf b;

		if (g->s->body_mode == CANON_RELAXED && line.n) {
			/* As a field's value, but for the blanks in front. */
			buf_init(&b, line.n + 8);
			if (ascii_is_blank(line.p[0]))
				buf_char(&b, ' ');
			for (size_t i = 0; i < line.n; i++) {
				int c = (unsigned char)line.p[i];

				if (!ascii_is_blank(c))
					buf_char(&b, c);
				else if (b.n && b.p[b.n - 1] != ' ')
					buf_char(&b, ' ');
			}
			if (b.n && b.p[b.n - 1] == ' ')
				b.n--;
			line = slice_of(arena_copy(g->a, buf_view(&b)), b.n);
			buf_free(&b);
		}
		r->v[r->n++] = line;
	}
}

static void
add(struct digest *d, const void *p, size_t n, uint64_t *left)
{
	size_t some = *left < n ? (size_t)*left : n;

	digest_add(d, p, some);
	*left -= some;
}

/* Does the body with those lines have the hash that was signed? Lines from..to
 * are left out, and the line more, if any, stands in front of line from. */
static bool
matches(struct guessing *g, const struct lines *l, size_t from, size_t to,
    const struct slice *more)
{
	unsigned char sum[DIGEST_MAX];
	uint64_t left = g->s->limit;
	struct digest d;
	size_t blank = 0;
	bool any = false;

	if (g->hashed > EXPLAIN_OCTETS ||
	    digest_begin(&d, g->s->digest, NULL) < 0)
		return false;
	for (size_t i = 0; i <= l->n; i++) {
		struct slice line = i < l->n ? l->v[i] : slice_of(NULL, 0);

		if (i == from && more) {
			line = *more;
			more = NULL;
			i--;
		} else if (i == l->n || (i >= from && i < to)) {
			continue;
		}
		if (!line.n) {
			blank++;
			continue;
		}
		for (; blank; blank--)
			add(&d, "\r\n", 2, &left);
		add(&d, line.p, line.n, &left);
		add(&d, "\r\n", 2, &left);
		g->hashed += line.n + 16;
		any = true;
	}
	if (!any && g->s->body_mode == CANON_SIMPLE)
		add(&d, "\r\n", 2, &left);
	digest_end(&d, sum);
	return slice_equal(g->want, slice_of(sum, digest_size(g->s->digest)));
}

static bool
found(struct guessing *g, const char *what, const char *text, size_t line,
    size_t count)
{
	*g->hit = (struct explain_hit){
		.what = what, .text = text, .line = line, .count = count
	};
	for (size_t i = line; count && i < line + count; i++)
		if (i && i <= g->lines.n)
			g->hit->octets += g->lines.v[i - 1].n + 2;
	return true;
}

/* A footer: the body was signed up to some line. One pass tells for all. */
static bool
guess_appended(struct guessing *g)
{
	unsigned char sum[DIGEST_MAX];
	uint64_t left = g->s->limit;
	struct digest d;
	size_t blank = 0, at = SIZE_MAX;

	if (digest_begin(&d, g->s->digest, NULL) < 0)
		return false;
	for (size_t i = 0; i < g->lines.n && at == SIZE_MAX; i++) {
		struct slice line = g->lines.v[i];

		if (!line.n) {
			blank++;
			continue;
		}
		for (; blank; blank--)
			add(&d, "\r\n", 2, &left);
		add(&d, line.p, line.n, &left);
		add(&d, "\r\n", 2, &left);
		if (i + PEEKED > g->lines.n && digest_peek(&d, sum) &&
		    slice_equal(
			g->want, slice_of(sum, digest_size(g->s->digest))))
			at = i + 1;
	}
	digest_end(&d, NULL);
	return at != SIZE_MAX &&
	       found(g, "lines-appended", "lines were appended", at + 1,
		   g->lines.n - at);
}

static bool
guess_prepended(struct guessing *g)
{
	for (size_t n = 1; n < g->lines.n; n++)
		if (matches(g, &g->lines, 0, n, NULL))
			return found(g, "lines-prepended",
			    "lines were put in front", 1, n);
	return false;
}

static bool
guess_emptied(struct guessing *g)
{
	return matches(g, &g->lines, 0, g->lines.n, NULL) &&
	       found(g, "lines-appended", "it was empty when it was signed", 1,
		   g->lines.n);
}

/* Lines in the middle; shortest blocks first. */
static bool
guess_inserted(struct guessing *g)
{
	for (size_t n = 1; n <= EXPLAIN_BLOCK; n++)
		for (size_t i = 1; i + n < g->lines.n; i++)
			if (matches(g, &g->lines, i, i + n, NULL))
				return found(g, "lines-inserted",
				    "lines were inserted", i + 1, n);
	return false;
}

/* A line that is gone can be told only where it is known: an empty one, or one
 * of which there are others. */
static bool
guess_removed(struct guessing *g)
{
	const struct slice empty = slice_of("", 0);

	for (size_t k = 0; k <= g->lines.n; k++) {
		struct slice line = k ? g->lines.v[k - 1] : empty;

		if (k && !line.n)
			continue;
		for (size_t i = 0; i <= g->lines.n; i++)
			if (matches(g, &g->lines, i, i, &line)) {
				found(g, "line-removed", "a line was removed",
				    i + 1, 0);
				g->hit->before = line;
				return true;
			}
		if (g->hashed > EXPLAIN_OCTETS)
			break;
	}
	return false;
}

/* Makes another body of the one there is; line by line. */
typedef void (*remake)(struct slice line, size_t i, struct buf *out);

static void
unquote_from(struct slice line, size_t i, struct buf *out)
{
	struct slice rest = line;

	(void)i;
	while (slice_take_prefix(&rest, ">"))
		;
	if (rest.n < line.n && slice_starts(rest, "From "))
		slice_get(&line);
	buf_slice(out, line);
	buf_text(out, "\r\n");
}

static void
quote_from(struct slice line, size_t i, struct buf *out)
{
	(void)i;
	if (slice_starts(line, "From "))
		buf_char(out, '>');
	buf_slice(out, line);
	buf_text(out, "\r\n");
}

static void
without_trailing(struct slice line, size_t i, struct buf *out)
{
	(void)i;
	while (line.n && ascii_is_blank(line.p[line.n - 1]))
		line.n--;
	buf_slice(out, line);
	buf_text(out, "\r\n");
}

static void
with_signature_blank(struct slice line, size_t i, struct buf *out)
{
	(void)i;
	buf_slice(out, line);
	buf_text(out, slice_is(line, "--") ? " \r\n" : "\r\n");
}

static void
without_cr(struct slice line, size_t i, struct buf *out)
{
	(void)i;
	while (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	buf_slice(out, line);
	buf_text(out, "\r\n");
}

static void
cr_as_line_end(struct slice line, size_t i, struct buf *out)
{
	(void)i;
	for (size_t k = 0; k < line.n; k++)
		if (line.p[k] == '\r')
			buf_text(out, "\r\n");
		else
			buf_char(out, line.p[k]);
	buf_text(out, "\r\n");
}

static void
cr_dropped(struct slice line, size_t i, struct buf *out)
{
	(void)i;
	for (size_t k = 0; k < line.n; k++)
		if (line.p[k] != '\r')
			buf_char(out, line.p[k]);
	buf_text(out, "\r\n");
}

static void
with_cr(struct slice line, size_t i, struct buf *out)
{
	(void)i;
	buf_slice(out, line);
	buf_text(out, "\r\r\n");
}

static void
halved(struct slice line, size_t i, struct buf *out)
{
	if (i % 2 == 0) {
		buf_slice(out, line);
		buf_text(out, "\r\n");
	}
}

static void
doubled(struct slice line, size_t i, struct buf *out)
{
	(void)i;
	buf_slice(out, line);
	buf_text(out, "\r\n\r\n");
}

static void
rejoined(struct slice line, size_t i, struct buf *out)
{
	(void)i;
	buf_slice(out, line);
	if (line.n < LONG_LINE)
		buf_text(out, "\r\n");
}

/* The blank that the cut put in front of the next line goes too. */
static void
rejoined_blank(struct slice line, size_t i, struct buf *out)
{
	bool open = i && out->n && out->p[out->n - 1] != '\n';

	if (open && line.n && ascii_is_blank(line.p[0]))
		slice_get(&line);
	rejoined(line, i, out);
}

static bool
guess_remade(struct guessing *g)
{
	static const struct {
		remake make;
		const char *what, *text;
	} guesses[] = {
		{ unquote_from, "from-escaped",
		    "\">\" was put before \"From \"" },
		{ quote_from, "from-unescaped",
		    "\">\" was taken off \">From \"" },
		{ without_trailing, "trailing-blanks",
		    "blanks were added at ends of lines" },
		{ with_signature_blank, "trailing-blanks",
		    "the blank of \"-- \" was taken off" },
		{ without_cr, "line-ends", "CR was added at ends of lines" },
		{ cr_as_line_end, "line-ends",
		    "line ends were changed to CR alone" },
		{ cr_dropped, "line-ends", "CR was added" },
		{ with_cr, "line-ends", "CR was taken off line ends" },
		{ halved, "line-ends", "line ends were doubled" },
		{ doubled, "line-ends", "every other line end was dropped" },
		{ rejoined, "refolded", "long lines were cut" },
		{ rejoined_blank, "refolded", "long lines were cut" },
	};

	for (size_t k = 0; k < COUNT_OF(guesses); k++) {
		struct slice rest = g->m->body, line;
		struct lines l;
		struct buf b;
		bool good;

		if (g->hashed > EXPLAIN_OCTETS)
			return false;
		g->hashed += 4 * g->m->body.n;
		buf_init(&b, 2 * g->m->body.n + 4096);
		for (size_t i = 0; slice_take_line(&rest, &line, NULL); i++)
			guesses[k].make(line, i, &b);
		read_lines(g, buf_view(&b), &l);
		good = matches(g, &l, 0, 0, NULL);
		buf_free(&b);
		if (good)
			return found(g, guesses[k].what, guesses[k].text, 0, 0);
	}
	return false;
}

/* The whole body decoded, or encoded, as transfer encodings have it. */
static bool
guess_encoding(struct guessing *g)
{
	static const char *const texts[] = {
		"it was changed to quoted-printable",
		"it was changed to base64", "it was decoded: quoted-printable",
		"it was decoded: base64"
	};

	for (size_t k = 0; k < COUNT_OF(texts); k++) {
		struct base64_decoder dec = { 0 };
		struct lines l;
		struct buf b, crlf;
		struct slice rest = g->m->body, line;
		bool good;

		if (g->hashed > EXPLAIN_OCTETS)
			return false;
		g->hashed += 4 * g->m->body.n;
		buf_init(&b, 4 * g->m->body.n + 4096);
		buf_init(&crlf, 4 * g->m->body.n + 4096);
		while (slice_take_line(&rest, &line, NULL)) {
			buf_slice(&crlf, line);
			buf_text(&crlf, "\r\n");
		}
		if (k == 0)
			qp_decode(g->m->body, &b);
		else if (k == 1)
			base64_decode_add(&dec, g->m->body, &b);
		else if (k == 2)
			qp_encode(g->m->body, &b);
		else
			base64_encode_lines(buf_view(&crlf), &b);
		if (k == 1)
			base64_decode_finish(&dec, &b);
		read_lines(g, buf_view(&b), &l);
		good = matches(g, &l, 0, 0, NULL);
		buf_free(&b);
		buf_free(&crlf);
		if (good)
			return found(g, "transfer-encoding", texts[k], 0, 0);
	}
	return false;
}

/* Blanks at the end of single lines, which only simple sees. */
static bool
guess_one_blank(struct guessing *g)
{
	for (size_t i = 0; g->s->body_mode == CANON_SIMPLE && i < g->lines.n;
	     i++) {
		struct slice line = g->lines.v[i], longer, shorter = line;

		if (!line.n)
			continue;
		longer = slice_str(arena_fmt(g->a, "%.*s ", SLICE_ARG(line)));
		while (shorter.n && ascii_is_blank(shorter.p[shorter.n - 1]))
			shorter.n--;
		if (matches(g, &g->lines, i, i + 1, &longer) ||
		    (shorter.n < line.n &&
			matches(g, &g->lines, i, i + 1, &shorter)))
			return found(g, "trailing-blanks",
			    "blanks at the end of a line were changed", i + 1,
			    1);
	}
	return false;
}

bool
explain_body(const struct dkim_letter *m, const struct dkim_signature *s,
    struct arena *a, struct explain *x)
{
	struct explain_hit hit = { 0 };
	struct guessing g = { .m = m, .s = s, .a = a, .hit = &hit };
	struct buf want;

	if (x->hurried)
		g.hashed = EXPLAIN_OCTETS - EXPLAIN_OCTETS / 64;

	buf_init(&want, DKIM_FIELD_MAX);
	base64_decode_fws(s->bh, &want);
	g.want = slice_of(arena_copy(a, buf_view(&want)), want.n);
	buf_free(&want);
	read_lines(&g, m->body, &g.lines);
	if (guess_appended(&g) || guess_emptied(&g) || guess_remade(&g) ||
	    guess_encoding(&g) || guess_prepended(&g) || guess_one_blank(&g)) {
		explain_add(x, &hit);
		return true;
	}
	if (explain_mime(m, s, g.want, a, x))
		return true;
	if (!guess_inserted(&g) && !guess_removed(&g))
		return false;
	explain_add(x, &hit);
	return true;
}
