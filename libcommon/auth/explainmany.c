/* Headers where several fields were changed at once, as lists do it: each field
 * has some forms that it may have had, and all sets of them are tried, small
 * ones first (see explain.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msg/header.h"

#include "auth/explainparts.h"
#include "auth/letter.h"

#define PLACES_MAX  24 /* fields that are guessed at */
#define CHANGED_MAX 5  /* of them at once */
#define FEW         14 /* forms of a field where more than two are changed */
#define DATA_MAX    (1u << 20) /* octets of fields that are signed */
#define FEWEST      4          /* where each try is slow */

/* What a field may have been; an empty piece: it was not there. */
struct choice {
	struct slice field, piece;
	const char *what, *text;
};

struct place {
	size_t at; /* in h= */
	struct choice *v;
	size_t n;
	const struct choice *now; /* that is being tried, or null */
};

struct search {
	struct explain_head *g;
	struct place place[PLACES_MAX];
	size_t count;
	struct buf data; /* what is signed, as it is guessed */
};

static void
add_choice(struct search *s, struct place *p, struct slice field,
    const char *what, const char *text)
{
	struct choice *c = &p->v[p->n];

	if (p->n == EXPLAIN_GUESSES)
		return;
	*c = (struct choice){ .field = field, .what = what, .text = text };
	if (field.n)
		c->piece = explain_canonical(s->g, field);
	p->n++;
}

static size_t
instances(const struct explain_head *g, struct slice name)
{
	size_t n = 0;

	for (size_t i = 0; i < g->m->count; i++)
		n += slice_equal_nocase(g->field_names[i], name);
	return n;
}

static void
add_encodings(struct search *s, struct place *p)
{
	static const char *const values[] = { "8bit", "7bit",
		"quoted-printable", "base64", "8BIT", "7BIT",
		"Quoted-Printable" };

	for (size_t i = 0; i < COUNT_OF(values); i++)
		add_choice(s, p,
		    explain_made(s->g, "Content-Transfer-Encoding",
			slice_str(values[i])),
		    "transfer-encoding", "the encoding was changed");
}

/* Fields that letters are hardly ever without. */
static bool
is_usual(struct slice name)
{
	static const char *const usual[] = { "From", "Subject", "To", "Date",
		"Message-ID", "References" };

	for (size_t i = 0; i < COUNT_OF(usual); i++)
		if (slice_is_nocase(name, usual[i]))
			return true;
	return false;
}

static void
add_place(struct search *s, size_t at)
{
	struct explain_head *g = s->g;
	struct slice name = g->s->names[at];
	struct place *p = &s->place[s->count];
	struct slice *forms =
	    arena_array(g->a, EXPLAIN_GUESSES, sizeof(*forms));
	size_t n = 0;

	*p = (struct place){ .at = at };
	p->v = arena_array(g->a, EXPLAIN_GUESSES, sizeof(*p->v));
	if (g->pick[at] != SIZE_MAX && slice_is_nocase(name, "Subject")) {
		n = explain_subjects(g, at, forms);
		for (size_t i = 0; i < n; i++)
			add_choice(s, p, forms[i], "subject-tag",
			    "something was put in");
	} else if (g->pick[at] != SIZE_MAX && slice_is_nocase(name, "From")) {
		n = explain_authors(g, at, forms);
		for (size_t i = 0; i < n; i++)
			add_choice(
			    s, p, forms[i], "display-name", "it was rewritten");
	}
	if (slice_is_nocase(name, "Content-Transfer-Encoding"))
		add_encodings(s, p);
	if (g->pick[at] != SIZE_MAX && !is_usual(name) &&
	    instances(g, name) == 1)
		add_choice(
		    s, p, slice_of(NULL, 0), "field-added", "it was added");
	s->count += p->n > 0;
}

/* The places in the order that lists change them. */
static void
add_places(struct search *s)
{
	static const char *const first[] = { "From", "Subject", "Reply-To",
		"Content-Transfer-Encoding", "Sender", "Cc" };
	struct explain_head *g = s->g;
	bool done[DKIM_NAMES_MAX] = { false };

	for (size_t k = 0; k <= COUNT_OF(first); k++)
		for (size_t i = 0;
		     i < g->s->name_count && s->count < PLACES_MAX; i++) {
			struct slice name = g->s->names[i];

			if (done[i] || (k < COUNT_OF(first) &&
					   !slice_is_nocase(name, first[k])))
				continue;
			/* The same name again stands for no field. */
			done[i] = true;
			for (size_t j = 0; j < g->s->name_count; j++)
				done[j] = done[j] || slice_equal_nocase(
							 g->s->names[j], name);
			add_place(s, i);
		}
}

static bool
matches(struct search *s)
{
	struct explain_head *g = s->g;
	unsigned char sum[DIGEST_MAX];

	if (!explain_may_try(g, 0))
		return false;
	buf_reset(&s->data);
	for (size_t i = 0; i < g->s->name_count; i++)
		buf_slice(&s->data, g->piece[i]);
	buf_slice(&s->data, g->last);
	g->octets += s->data.n;
	return !buf_over(&s->data) &&
	       digest_of(g->s->digest, buf_view(&s->data), sum, NULL) == 0 &&
	       explain_verifies(g, sum);
}

/* Tries all sets of `left` changes in the places from first on. A place that
 * changed stays so when it is true. */
static bool
search(struct search *s, size_t first, unsigned left, size_t few)
{
	if (!left)
		return matches(s);
	for (size_t i = first; i + left <= s->count; i++) {
		struct place *p = &s->place[i];
		const struct slice kept = s->g->piece[p->at];
		size_t n = size_min(p->n, few);

		for (size_t c = 0; c < n && explain_may_try(s->g, 0); c++) {
			p->now = &p->v[c];
			s->g->piece[p->at] = p->now->piece;
			if (search(s, i + 1, left - 1, few))
				return true;
		}
		p->now = NULL;
		s->g->piece[p->at] = kept;
	}
	return false;
}

static void
tell(struct search *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct place *p = &s->place[i];

		if (p->now)
			explain_add(s->g->x,
			    &(struct explain_hit){ .what = p->now->what,
				.text = p->now->text,
				.header = true,
				.name = s->g->s->names[p->at],
				.before = slice_trim_end(p->now->field) });
	}
}

/* What was the letter's is the part's now: its Content-* fields stand there. */
static void
unwrap(struct explain_head *g)
{
	struct header h;

	if (header_read(g->x->inner, g->a, &h, NULL) < 0)
		return;
	for (size_t i = 0; i < g->s->name_count; i++) {
		struct slice name = g->s->names[i];
		size_t before = 0;
		const struct header_field *f;

		if (!slice_starts_nocase(name, "Content-"))
			continue;
		for (size_t k = 0; k < i; k++)
			before += slice_equal_nocase(g->s->names[k], name);
		f = header_get(&h, arena_copy(g->a, name));
		g->piece[i] = f && !before ? explain_canonical(g, f->raw)
		                           : slice_of(NULL, 0);
	}
}

static bool
try_all(struct search *s, unsigned first, bool quick)
{
	for (unsigned n = first; n <= CHANGED_MAX; n++)
		if (search(s, 0, n,
			quick   ? FEWEST
			: n > 2 ? FEW
				: EXPLAIN_GUESSES))
			return true;
	return false;
}

bool
explain_many(struct explain_head *g, bool quick)
{
	struct search *s = arena_array(g->a, 1, sizeof(*s));
	const bool wrapped = g->x->wrapped;
	struct slice kept[DKIM_NAMES_MAX];
	bool good;

	s->g = g;
	memcpy(kept, g->piece, sizeof(kept));
	if (wrapped)
		unwrap(g);
	add_places(s);
	buf_init(&s->data, DATA_MAX);
	good = try_all(s, wrapped ? 0 : 1, quick);
	buf_free(&s->data);
	if (!good) {
		memcpy(g->piece, kept, sizeof(kept));
		return false;
	}
	if (wrapped)
		explain_add(
		    g->x, &(struct explain_hit){ .what = "wrapped",
			      .text = "Content fields moved into the part",
			      .header = true });
	tell(s);
	return true;
}
