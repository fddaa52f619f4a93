/* The text of a bounce (see notice.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/codes.h"
#include "report/noticeline.h"

/* Addresses by their digest, so that many are one pass. */
struct reader {
	struct notice *n;
	struct arena *arena;
	const struct slice *mine;
	size_t mine_count;
	size_t cap;
	uint32_t *slots; /* number in v, + 1 */
	size_t slot_count;
	size_t line;
	bool list, head;
	bool marked; /* words have called one a recipient */
	size_t last; /* number + 1 of one of weight NOTICE_CALLED or more */
	size_t told; /* indent + 1 of the line that lists whom this paragraph
	              * is about; 0: none yet */
	struct slice text;
};

static uint32_t
digest(struct slice s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint32_t)ascii_lower((unsigned char)s.p[i])) *
		    16777619u;
	return h;
}

static uint32_t *
slot_of(struct reader *r, struct slice address)
{
	size_t i = digest(address) & (r->slot_count - 1);

	while (r->slots[i] &&
	       !slice_equal_nocase(r->n->v[r->slots[i] - 1].address, address))
		i = (i + 1) & (r->slot_count - 1);
	return &r->slots[i];
}

/* Each address has a sign "@": there is room for as many, at most. */
static void
make_room(struct reader *r)
{
	struct slice rest = r->text;
	size_t at;

	r->cap = 1;
	while (r->cap < NOTICE_RCPTS_MAX &&
	       (at = slice_find(rest, '@')) != SIZE_MAX) {
		slice_take(&rest, at + 1);
		r->cap++;
	}
	for (r->slot_count = 4; r->slot_count < 2 * r->cap;)
		r->slot_count *= 2;
	r->n->v = arena_array(r->arena, r->cap, sizeof(*r->n->v));
	r->slots = arena_array(r->arena, r->slot_count, sizeof(*r->slots));
}

/* The entry of an address, made when it is new; null beyond the limit. */
static struct notice_rcpt *
entry(struct reader *r, struct slice address)
{
	struct notice *n = r->n;
	uint32_t *slot;

	if (!r->cap)
		make_room(r);
	slot = slot_of(r, address);
	if (*slot)
		return &n->v[*slot - 1];
	if (n->n == r->cap)
		return NULL;
	n->v[n->n].address = address;
	*slot = (uint32_t)++n->n;
	return &n->v[n->n - 1];
}

static bool
is_mine(const struct reader *r, struct slice address)
{
	for (size_t i = 0; i < r->mine_count; i++)
		if (slice_equal_nocase(r->mine[i], address))
			return true;
	return slice_starts_nocase(address, "postmaster@") ||
	       slice_starts_nocase(address, "mailer-daemon@");
}

static size_t
offset(const struct reader *r, const char *p)
{
	return (size_t)(p - r->text.p);
}

/* An address of a line, with its weight there. */
static void
note(struct reader *r, const struct noticeline *l,
    const struct noticeline_address *at)
{
	enum notice_weight weight = at->weight;
	struct notice_rcpt *e;

	if (at->origin) {
		if (r->last && !r->n->v[r->last - 1].origin.n)
			r->n->v[r->last - 1].origin = at->address;
		if (r->last)
			return;
		weight = NOTICE_SEEN;
	}
	if (weight > NOTICE_SEEN && !at->headed && is_mine(r, at->address))
		weight = weight == NOTICE_LISTED ? NOTICE_ALONE : NOTICE_SEEN;
	if (weight == NOTICE_SEEN && is_mine(r, at->address) && !at->origin)
		return;
	if (weight == NOTICE_NONE)
		return;
	/* who signs it stands alone in a line, too */
	if (weight == NOTICE_CALLED && !at->marked && r->marked)
		weight = NOTICE_SEEN;
	r->marked = r->marked || (at->marked && weight == NOTICE_CALLED);
	/* what is set in further is said of the one above */
	if (r->told && l->indent >= r->told && weight > NOTICE_SEEN)
		weight = NOTICE_SEEN;
	else if (weight == NOTICE_LISTED)
		r->told = l->indent + 1;
	e = entry(r, at->address);
	if (!e)
		return;
	if (l->reply && !e->coded.n)
		e->coded = slice_sub(r->text, offset(r, l->raw.p), r->text.n);
	if (weight > e->weight) {
		e->weight = weight;
		e->line = r->line;
		e->at = offset(r, at->behind);
	}
	if (weight >= NOTICE_CALLED)
		r->last = (size_t)(e - r->n->v) + 1;
}

/* Of a line "To:". */
static void
note_to(struct reader *r, struct slice address)
{
	if (!r->n->to.n && !is_mine(r, address))
		r->n->to = address;
}

/* True when the line is where the returned message begins. */
static bool
stops(const struct reader *r, const struct noticeline *l)
{
	int c = slice_peek(l->raw);

	if (!(l->signs & (1u << FORMAT_STOP)) ||
	    (l->signs & (1u << FORMAT_SKIP)) || (r->head && l->field))
		return false;
	/* fields set in are told of the message before its recipients are */
	return r->last != 0 || c == '-' || c == '*' || c == '=' ||
	       (l->anchored && !l->indent);
}

static void
take_line(struct reader *r, const struct noticeline *l)
{
	if (!l->flat_n) {
		r->told = 0;
		return;
	}
	r->n->signs |= l->signs;
	if (l->reply && !r->n->coded.n)
		r->n->coded =
		    slice_sub(r->text, offset(r, l->raw.p), r->text.n);
	r->head = l->head || (r->head && l->field);
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].field)
			note_to(r, l->v[i].address);
	if (r->head && !l->head)
		return;
	for (size_t i = 0; i < l->n; i++)
		note(r, l, &l->v[i]);
	if (l->lone && r->list && !r->n->lone.n)
		r->n->lone = l->raw;
	if (l->signs & (1u << FORMAT_LIST))
		r->list = true;
}

/* What is said of one: from behind its address to an empty line, or over the
 * first one when nothing stood before it; not into the next recipient's. */
static struct slice
said_of(struct slice text, size_t from, size_t to)
{
	struct slice rest = slice_sub(text, from, to), line;
	size_t end = from;
	bool any = false;

	while (slice_take_line(&rest, &line, NULL)) {
		line = slice_trim(line);
		while (line.n && strchr(">:.,;\"')]", line.p[0]))
			slice_get(&line);
		if (!slice_trim(line).n && any)
			break;
		any = any || slice_trim(line).n > 0;
		end = to - rest.n;
		if (end - from > NOTICE_DIAG_MAX)
			break;
	}
	if (end - from > NOTICE_DIAG_MAX)
		end = from + NOTICE_DIAG_MAX;
	return slice_trim(slice_sub(text, from, end));
}

/* A line with a code and those that go on with it. */
static struct slice
coded_at(struct slice s)
{
	struct slice rest = s, line;
	size_t n = 0;

	for (int i = 0; i < 6 && slice_take_line(&rest, &line, NULL); i++) {
		if (i && !slice_trim(line).n)
			break;
		n = s.n - rest.n;
	}
	return slice_trim(slice_sub(s, 0, size_min(n, NOTICE_DIAG_MAX)));
}

/* Only the greatest weight counts; of those that nothing calls recipients all
 * are kept. */
static void
choose(struct notice *n)
{
	enum notice_weight best = NOTICE_NONE;
	size_t kept = 0;

	for (size_t i = 0; i < n->n; i++)
		if (n->v[i].weight > best)
			best = n->v[i].weight;
	if (best < NOTICE_CALLED)
		return;
	for (size_t i = 0; i < n->n; i++)
		if (n->v[i].weight == best)
			n->v[kept++] = n->v[i];
	n->n = kept;
}

static void
set_diags(struct reader *r)
{
	struct notice *n = r->n;
	size_t end = n->said.n;

	if (n->coded.n)
		n->coded = coded_at(
		    slice_sub(r->text, offset(r, n->coded.p), n->said.n));
	for (size_t i = n->n; i-- > 0;) {
		struct notice_rcpt *e = &n->v[i];

		if (e->coded.n)
			e->coded = coded_at(slice_sub(
			    r->text, offset(r, e->coded.p), n->said.n));
		e->diag = said_of(r->text, e->at, end > e->at ? end : e->at);
		while (e->diag.n && strchr(">:.,;\"')] ", e->diag.p[0])) {
			slice_get(&e->diag);
			e->diag = slice_trim(e->diag);
		}
		/* lists of bare addresses share what comes behind them */
		if (!e->diag.n && i + 1 < n->n)
			e->diag = n->v[i + 1].diag;
		/* the next one's line begins where its address's does */
		end = e->at;
		while (end && r->text.p[end - 1] != '\n')
			end--;
	}
}

void
notice_read(struct slice text, const struct slice *mine, size_t mine_count,
    struct arena *a, struct notice *n_r)
{
	struct reader r = {
		.n = n_r, .arena = a, .mine = mine, .mine_count = mine_count
	};
	struct slice rest, line;

	memset(n_r, 0, sizeof(*n_r));
	r.text = slice_sub(text, 0, NOTICE_TEXT_MAX);
	rest = r.text;
	n_r->said = r.text;
	for (; slice_take_line(&rest, &line, NULL); r.line++) {
		NOT_ZEROED struct noticeline l;
		size_t at = offset(&r, line.p);

		if (noticeline_quoted(line)) {
			n_r->quoted = true;
			continue;
		}
		noticeline_read(&l, line, r.list);
		if (!stops(&r, &l)) {
			take_line(&r, &l);
			continue;
		}
		n_r->said = slice_sub(r.text, 0, at);
		n_r->returned = l.anchored && l.field
		                    ? slice_sub(r.text, at, r.text.n)
		                    : rest;
		break;
	}
	choose(n_r);
	set_diags(&r);
}
