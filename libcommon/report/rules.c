/* Rules as data (see rules.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/octets.h"

#include "report/rules.h"

/* "x" stands for any class, "*" at the end for the rest. */
static bool
status_fits(struct slice status, const char *want)
{
	for (size_t i = 0; want[i]; i++) {
		if (want[i] == '*')
			return true;
		if (want[i] == 'x' && !i && status.n)
			continue;
		if (slice_at(status, i) != (unsigned char)want[i])
			return false;
		if (!want[i + 1])
			return status.n == i + 1;
	}
	return false;
}

static bool
reply_fits(unsigned reply, unsigned want)
{
	return want < 10 ? reply / 100 == want : reply == want;
}

static inline bool
fits(const struct rule *r, const struct rules_facts *f)
{
	return (!r->reply || reply_fits(f->reply, r->reply)) &&
	       (!r->status || status_fits(f->status, r->status)) &&
	       (!r->host || slice_ends_nocase(f->host, r->host));
}

static bool
is_word(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c >= 128;
}

/* The piece that ends at end stands as it should. */
static bool
stands(const struct rule_piece *p, struct slice text, size_t end)
{
	size_t start = end - p->length;

	if ((p->flags & RULES_WORD_BEFORE) && start &&
	    is_word(slice_at(text, start - 1)))
		return false;
	return !(p->flags & RULES_WORD_AFTER) || !is_word(slice_at(text, end));
}

/* How far rows with gaps have come. */
struct progress {
	uint8_t next[RULES_MANY_MAX + 1];
	uint16_t end[RULES_MANY_MAX + 1];
};

/* True when the row's words are all there. */
static bool
advance(struct progress *g, const struct rule *row, const struct rule_piece *p,
    size_t end)
{
	if (row->parts == 1)
		return true;
	if (g->next[row->many] != p->part ||
	    (p->part && end - p->length < g->end[row->many]))
		return false;
	g->end[row->many] = (uint16_t)end;
	return ++g->next[row->many] == row->parts;
}

/* A scan under way. */
struct scan {
	const struct rules *r;
	struct slice text;
	rules_found *found;
	void *context;
	struct progress g;
};

/* A literal stands in the text from start to end: its pieces. */
static void
tell(struct scan *s, const uint16_t *hits, size_t start, size_t end)
{
	for (; *hits; hits++) {
		const struct rule_piece *p = &s->r->pieces[*hits - 1];
		struct rules_hit hit = { &s->r->rows[p->row], p->row, start,
			end };

		if (stands(p, s->text, end) && advance(&s->g, hit.row, p, end))
			s->found(s->context, &hit);
	}
}

/* The literal that goes on behind a leaf, whose state ends before i. */
static void
compare(struct scan *s, const struct match_tail *tail, size_t start, size_t i)
{
	const struct match *m = &s->r->match;

	if (s->text.n - i >= tail->n &&
	    memcmp(s->text.p + i, m->rest + tail->at, tail->n) == 0)
		tell(s, &m->hits[tail->out], start, i + tail->n);
}

/* Those of eight octets and more that start at an offset: the first ones led to
 * a state. */
static void
walk(struct scan *s, uint32_t state, size_t start, size_t i)
{
	const struct match *m = &s->r->match;

	while (state) {
		const struct match_place *place = &m->places[state];

		if (place->base == MATCH_LEAF) {
			compare(s, &m->tails[place->out], start, i);
			break;
		}
		if (place->out)
			tell(s, &m->hits[place->out], start, i);
		if (i == s->text.n)
			break;
		state = match_step(m, state, (unsigned char)s->text.p[i++]);
	}
}

/* Those of less than eight octets that start at an offset. */
static void
walk_short(struct scan *s, size_t start)
{
	const struct match *m = &s->r->match;
	size_t end = size_min(s->text.n, start + MATCH_JUMP_FROM - 1);
	uint32_t state = 0;

	for (size_t i = start; i < end; i++) {
		const struct match_place *place;

		state = match_step(m, state, (unsigned char)s->text.p[i]);
		if (!state)
			break;
		place = &m->places[state];
		if (place->base == MATCH_LEAF) {
			const struct match_tail *tail = &m->tails[place->out];

			if (i + 1 + tail->n <= start + MATCH_JUMP_FROM - 1)
				compare(s, tail, start, i + 1);
			break;
		}
		if (place->out)
			tell(s, &m->hits[place->out], start, i + 1);
	}
}

/* The literals that start at an offset, by their length. */
static void
enter(struct scan *s, size_t at)
{
	const struct match *m = &s->r->match;
	uint64_t v = eight_load(s->text.p + at, s->text.n - at);
	const struct match_jump *jump = match_long(m, v);

	if (match_short(m, v))
		walk_short(s, at);
	if (jump && s->text.n - at >= MATCH_JUMP_FROM)
		walk(s, jump->state, at, at + jump->depth);
}

/* Octets whose places are looked at together: the processor likes two loops
 * better than one with a choice in it. */
#define TOGETHER 256

/* Where, of sixteen octets, the words of a row may start: no letter or digit in
 * a word; blanks: at a blank, too. before: 1 when a word's octet is in front.
 */
static inline uint32_t
places(octets v, bool blanks, uint32_t *before)
{
	uint32_t alnum = octets_mask(octets_alnum(v));
	uint32_t word = alnum | octets_mask(v);
	uint32_t inside = alnum & (word << 1 | *before);
	uint32_t none = blanks ? 0 : octets_mask(octets_are(v, ' '));

	*before = word >> (OCTETS - 1);
	return 0xffff & ~inside & ~none;
}

/* Of the places at in sixteen octets, those where a literal may start, as
 * offsets from from; how many. open: four octets are behind each. */
static inline size_t
keep_starts(const struct match *m, struct slice text, size_t i, uint32_t at,
    size_t from, bool open, uint16_t *out)
{
	size_t n = 0;

	for (; at; at &= at - 1) {
		size_t k = i + (size_t)__builtin_ctz(at);

		if (!open && k >= text.n)
			break;
		out[n] = (uint16_t)(k - from);
		n += match_may_start(
		    m, eight_four(text.p + k, open ? 4 : text.n - k));
	}
	return n;
}

/* The last octets of a text, zeros behind them. */
static octets
load_last(struct slice text, size_t i)
{
	char last[OCTETS] = { 0 };

	memcpy(last, text.p + i, size_min(text.n - i, OCTETS));
	return octets_load(last);
}

/* The places of from..to-1 where a literal may start. */
static size_t
entries(const struct match *m, struct slice text, size_t from, size_t to,
    uint16_t out[TOGETHER])
{
	bool blanks = m->kind_of[' '] & MATCH_FIRST;
	uint32_t before = 0, at;
	size_t n = 0, i = from;

	if (from && m->kind_of[slice_at(text, from - 1)] & MATCH_WORD)
		before = 1;
	for (; i < to && i + OCTETS + 4 <= text.n; i += OCTETS) {
		at = places(octets_load(text.p + i), blanks, &before);
		n += keep_starts(m, text, i, at, from, true, out + n);
	}
	/* the last ones, and what stands behind them */
	for (; i < to; i += OCTETS) {
		at = places(load_last(text, i), blanks, &before);
		n += keep_starts(m, text, i, at, from, false, out + n);
	}
	return n;
}

void
rules_scan(
    const struct rules *r, struct slice text, rules_found *found, void *context)
{
	NOT_ZEROED struct scan s;
	NOT_ZEROED uint16_t v[TOGETHER];

	s.r = r;
	s.text = text;
	s.found = found;
	s.context = context;
	memset(s.g.next, 0, r->many_count + 1);
	for (size_t from = 0; from < text.n; from += TOGETHER) {
		size_t to = size_min(from + TOGETHER, text.n);
		size_t n = entries(&r->match, text, from, to, v);

		for (size_t k = 0; k < n; k++)
			enter(&s, from + v[k]);
	}
}

struct choice {
	const struct rules_facts *f;
	int what;
	size_t best, end;
};

static void
consider(void *context, const struct rules_hit *hit)
{
	struct choice *c = context;

	if (hit->number >= c->best || !fits(hit->row, c->f) ||
	    (c->what >= 0 && hit->row->what != c->what))
		return;
	c->best = hit->number;
	c->end = hit->end;
}

size_t
rules_decide(
    const struct rules *r, const struct rules_facts *f, int what, size_t *end_r)
{
	struct choice c = { f, what, SIZE_MAX, 0 };

	if (f->text.n)
		rules_scan(r, f->text, consider, &c);
	for (size_t k = 0; k < r->plain_count && r->plain[k] < c.best; k++) {
		const struct rule *row = &r->rows[r->plain[k]];

		if (fits(row, f) && (what < 0 || row->what == what)) {
			c.best = r->plain[k];
			c.end = 0;
		}
	}
	*end_r = c.end;
	return c.best;
}

/* U+00C0..U+00DE and U+0410..U+042F to their small letters. */
static size_t
fold_two(int a, int b, char *out)
{
	if (a == 0xc3 && b >= 0x80 && b <= 0x9e) {
		b += 0x20;
	} else if (a == 0xd0 && b >= 0x90 && b <= 0x9f) {
		b += 0x20;
	} else if (a == 0xd0 && b >= 0xa0 && b <= 0xaf) {
		a = 0xd1;
		b -= 0x20;
	}
	out[0] = (char)a;
	out[1] = (char)b;
	return 2;
}

/* Sixteen octets that are flat but for their capitals. */
static bool
flatten_many(struct slice in, size_t at, char *out, size_t n)
{
	octets v;

	if (in.n - at < OCTETS)
		return false;
	v = octets_load(in.p + at);
	if (!octets_flat(v, out[n - 1] == ' '))
		return false;
	octets_store(out + n, octets_small(v));
	return true;
}

static size_t
flatten_one(struct slice in, size_t at, char *out, size_t *n)
{
	int c = ascii_lower((unsigned char)in.p[at]);

	if ((c == 0xc3 || c == 0xd0) && at + 1 < in.n) {
		*n += fold_two(c, (unsigned char)in.p[at + 1], out + *n);
		return 2;
	}
	if (c > 32 && c != 127)
		out[(*n)++] = (char)c;
	else if (out[*n - 1] != ' ')
		out[(*n)++] = ' ';
	return 1;
}

struct slice
rules_flatten(struct slice in, char out[RULES_TEXT_MAX])
{
	const size_t max = RULES_TEXT_MAX - 3;
	size_t n = 0, i = 0;

	out[n++] = ' ';
	while (i < in.n && n < max) {
		size_t end = size_min(i + EIGHT_OCTETS, in.n);

		if (n + OCTETS <= max && flatten_many(in, i, out, n)) {
			n += OCTETS;
			i += OCTETS;
			continue;
		}
		while (i < end && n < max)
			i += flatten_one(in, i, out, &n);
	}
	if (out[n - 1] != ' ')
		out[n++] = ' ';
	return slice_of(out, n);
}
