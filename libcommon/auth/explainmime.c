/* Bodies of several parts as they may have been when they were signed: what
 * lists and gateways put into parts, encode anew, or wrap (see explain.h). A
 * guess is a piece of the body that is replaced; two parts may be changed at
 * once in one manner.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/explainswap.h"

#define TAIL 20 /* lines from its end where a footer begins */
#define HEAD 6  /* lines from its start where a banner ends */
#define TAGS 16 /* tags of HTML on a line, from either side */

static void
found(struct explainswap_letter *g, const struct explainswap *s)
{
	struct slice body = g->m->body;
	size_t at = s->from;
	struct explain_hit hit = { .what = s->what, .text = s->text };

	/* The line behind the one whose end was cut. */
	at += slice_starts(slice_sub(body, at, body.n), "\r\n") ? 2 : 0;
	if (s->manner == EXPLAINSWAP_AT_END ||
	    s->manner == EXPLAINSWAP_AT_START) {
		for (size_t i = 0; i < at; i++)
			hit.line += body.p[i] == '\n';
		for (size_t i = at; i < s->to; i++)
			hit.count += body.p[i] == '\n';
		hit.line++;
		hit.count += hit.count == 0;
		if (s->to - s->from > s->with.n)
			hit.octets = s->to - s->from - s->with.n;
	}
	explain_add(g->x, &hit);
}

/* Where lines start: the last TAIL of them, from the end. */
static size_t
last_lines(struct slice text, size_t at[TAIL])
{
	size_t n = 0;

	for (size_t i = text.n; i-- > 1 && n < TAIL;)
		if (text.p[i - 1] == '\n')
			at[n++] = i;
	return n;
}

/* A footer at the end of a part. The CRLF before it was its end, where a
 * boundary comes behind. */
static void
guess_tail(
    struct explainswap_letter *g, struct explainswap_leaf *l, struct slice text)
{
	const struct explainswap like = { .manner = EXPLAINSWAP_AT_END,
		.what = "lines-inserted",
		.text = "lines were added to the end of a part" };
	bool open = l->encoding != PART_BASE64 && l->head.n;
	size_t at[TAIL], n = last_lines(text, at);

	for (size_t i = 0; i < n; i++) {
		size_t from = at[i];

		if (open)
			from -= from > 1 && text.p[from - 2] == '\r' ? 2 : 1;
		explainswap_add_cut(g, l, text, from, text.n, &like);
	}
}

static void
guess_banner(
    struct explainswap_letter *g, struct explainswap_leaf *l, struct slice text)
{
	const struct explainswap like = { .manner = EXPLAINSWAP_AT_START,
		.what = "lines-inserted",
		.text = "lines were put in front of a part" };
	size_t n = 0;

	for (size_t i = 0; i + 1 < text.n && n < HEAD; i++)
		if (text.p[i] == '\n') {
			n++;
			explainswap_add_cut(g, l, text, 0, i + 1, &like);
		}
}

/* HTML before its end tag: from a tag or a line's start on, up to it. */
static void
guess_html_end(
    struct explainswap_letter *g, struct explainswap_leaf *l, struct slice text)
{
	static const char *const ends[] = { "</body>", "</BODY>", "</html>" };
	const struct explainswap like = { .manner = EXPLAINSWAP_AT_END,
		.what = "html-inserted",
		.text = "HTML was put in before its end" };

	for (size_t k = 0; k < COUNT_OF(ends); k++) {
		size_t end = slice_search(text, slice_str(ends[k])), n = 0;

		if (end == SIZE_MAX)
			continue;
		for (size_t i = end; i-- > 0 && n < TAGS;)
			if (text.p[i] == '<' || (i && text.p[i - 1] == '\n')) {
				n++;
				explainswap_add_cut(g, l, text, i, end, &like);
			}
		break;
	}
}

static void
guess_html_start(
    struct explainswap_letter *g, struct explainswap_leaf *l, struct slice text)
{
	const struct explainswap like = { .manner = EXPLAINSWAP_AT_START,
		.what = "html-inserted",
		.text = "HTML was put in at its start" };
	size_t at = slice_search(text, slice_str("<body")), n = 0;

	at = at == SIZE_MAX ? slice_search(text, slice_str("<BODY")) : at;
	if (at == SIZE_MAX)
		return;
	while (at < text.n && text.p[at] != '>')
		at++;
	at++;
	for (size_t i = at; i < text.n && n < TAGS; i++)
		if (text.p[i] == '>' || text.p[i] == '\n') {
			n++;
			explainswap_add_cut(g, l, text, at, i + 1, &like);
			if (text.p[at] == '\r' && at + 2 < i)
				explainswap_add_cut(
				    g, l, text, at + 2, i + 1, &like);
		}
}

/* The same text in another encoding, or in lines of another width. */
static void
guess_encoded(struct explainswap_letter *g, struct explainswap_leaf *l)
{
	static const size_t widths[] = { 76, 72, 64, 60 };
	const struct explainswap like = { .manner = EXPLAINSWAP_ENCODED,
		.what = "transfer-encoding",
		.text = "a part was explainswap_encode anew" };

	for (size_t i = 0; i < COUNT_OF(widths) && !l->readable; i++) {
		struct slice s = explainswap_encode(
		    g, EXPLAINSWAP_BASE64, l->text, widths[i]);

		explainswap_add_part(g, l, EXPLAINSWAP_BASE64, s, &like);
		explainswap_add_part(g, l, EXPLAINSWAP_BASE64,
		    slice_sub(s, 0, s.n < 2 ? 0 : s.n - 2), &like);
	}
	if (!l->readable)
		return;
	for (enum explainswap_code c = EXPLAINSWAP_8BIT; c < EXPLAINSWAP_BASE64;
	     c++)
		explainswap_add_text(g, l, c, 76, l->text, &like);
	for (size_t i = 0; i < COUNT_OF(widths); i++)
		explainswap_add_text(
		    g, l, EXPLAINSWAP_BASE64, widths[i], l->text, &like);
}

static void
guess_leaf(struct explainswap_letter *g, struct explainswap_leaf *l)
{
	struct slice text = l->encoding == PART_BASE64 ? l->text : l->content;

	l->swaps = arena_array(g->a, EXPLAINSWAP_MAX, sizeof(*l->swaps));
	guess_encoded(g, l);
	if (!l->readable)
		return;
	if (l->html) {
		guess_html_end(g, l, text);
		guess_html_start(g, l, text);
	}
	guess_tail(g, l, text);
	guess_banner(g, l, text);
}

static bool
try_one(struct explainswap_letter *g, const struct explainswap_leaf *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (explainswap_matches(g, &l->swaps[i], NULL)) {
			found(g, &l->swaps[i]);
			return true;
		}
	return false;
}

static bool
try_two(struct explainswap_letter *g, const struct explainswap_leaf *l,
    const struct explainswap_leaf *k, enum explainswap_manner manner)
{
	for (size_t i = 0; i < l->count; i++)
		for (size_t j = 0;
		     j < k->count && g->done <= EXPLAINSWAP_OCTETS; j++) {
			const struct explainswap *one = &l->swaps[i];
			const struct explainswap *two = &k->swaps[j];

			if (one->manner != manner || two->manner != manner ||
			    one->to > two->from ||
			    !explainswap_matches(g, one, two))
				continue;
			found(g, one);
			found(g, two);
			return true;
		}
	return false;
}

/* The body is a part of what is there now. */
static bool
guess_wrapped(struct explainswap_letter *g, const struct part *p)
{
	struct explainswap s = { .manner = EXPLAINSWAP_ALONE,
		.with = p->header.body,
		.to = g->m->body.n,
		.what = "wrapped",
		.text = "it was made a part of a new message" };

	if (!explainswap_matches(g, &s, NULL))
		return false;
	found(g, &s);
	g->x->wrapped = true;
	g->x->inner = p->header.block;
	return true;
}

static void
keep_leaf(struct explainswap_letter *g, const struct mime_part *p)
{
	struct explainswap_leaf *l = &g->leaf[g->count];
	const char *body = g->m->body.p, *at = p->part.header.body.p;
	struct buf b, crlf;
	struct slice rest, line;

	if (g->count == EXPLAINSWAP_PARTS ||
	    p->part.header.body.n > EXPLAINSWAP_PART_MAX ||
	    !p->part.header.body.n || at < body || at >= body + g->m->body.n ||
	    (!part_is(&p->part, "text", NULL) &&
		p->part.encoding != PART_BASE64))
		return;
	*l = (struct explainswap_leaf){ .content = p->part.header.body,
		.encoding = p->part.encoding,
		.readable = part_is(&p->part, "text", NULL),
		.html = part_is(&p->part, "text", "html") };
	if (p->depth)
		l->head =
		    slice_of(p->part.bytes.p, (size_t)(at - p->part.bytes.p));
	buf_init(&b, EXPLAINSWAP_PART_MAX);
	buf_init(&crlf, 2 * EXPLAINSWAP_PART_MAX);
	part_decode(&p->part, &b);
	rest = buf_view(&b);
	while (l->readable && slice_take_line(&rest, &line, NULL)) {
		buf_slice(&crlf, line);
		buf_text(&crlf, "\r\n");
	}
	buf_slice(&crlf, rest);
	l->text = slice_of(arena_copy(g->a, buf_view(&crlf)), crlf.n);
	buf_free(&b);
	buf_free(&crlf);
	g->count++;
}

/* The parts, and whether one of them was the body. */
static bool
read_parts(struct explainswap_letter *g)
{
	const char *start = g->m->count ? g->m->fields[0].p : g->m->body.p;
	struct mime *walk = arena_array(g->a, 1, sizeof(*walk));
	struct mime_part p;

	mime_begin(walk,
	    slice_of(start, (size_t)(g->m->body.p + g->m->body.n - start)),
	    g->a);
	for (size_t i = 0;
	     i < EXPLAINSWAP_PARTS && mime_next(walk, &p, NULL) > 0; i++) {
		if (i == 1 && guess_wrapped(g, &p.part))
			return true;
		if (!part_is(&p.part, "multipart", NULL))
			keep_leaf(g, &p);
	}
	return false;
}

static bool
guess_all(struct explainswap_letter *g)
{
	if (read_parts(g))
		return true;
	for (size_t i = 0; i < g->count; i++) {
		guess_leaf(g, &g->leaf[i]);
		if (try_one(g, &g->leaf[i]))
			return true;
	}
	for (enum explainswap_manner how = EXPLAINSWAP_ENCODED;
	     how < EXPLAINSWAP_ALONE; how++)
		for (size_t i = 0; i + 1 < g->count && i < 2; i++)
			if (try_two(g, &g->leaf[i], &g->leaf[i + 1], how))
				return true;
	return false;
}

bool
explain_mime(const struct dkim_letter *m, const struct dkim_signature *s,
    struct slice want, struct arena *a, struct explain *x)
{
	struct explainswap_letter *g = arena_array(a, 1, sizeof(*g));
	bool good;

	if (m->body.n > EXPLAINSWAP_OCTETS / 8)
		return false;
	g->m = m;
	g->s = s;
	g->a = a;
	g->x = x;
	g->want = want;
	if (x->hurried)
		g->done = EXPLAINSWAP_OCTETS - EXPLAINSWAP_OCTETS / 64;
	buf_init(&g->buf, 2 * m->body.n + 4 * EXPLAINSWAP_PART_MAX);
	good = guess_all(g);
	buf_free(&g->buf);
	return good;
}
