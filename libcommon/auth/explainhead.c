/* Headers as they may have been when they were signed (see explain.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/dkimsig.h"
#include "auth/explainparts.h"
#include "auth/letter.h"

#define FOLDS_MAX 20 /* blanks of one field where a fold is tried */
#define LINE_CUT  78 /* where folding is tried */

struct slice
explain_canonical(struct explain_head *g, struct slice field)
{
	struct buf b;
	struct slice s;

	buf_init(&b, 2 * field.n + 64);
	canon_field(g->s->header_mode, field, &b);
	s = slice_of(arena_copy(g->a, buf_view(&b)), b.n);
	buf_free(&b);
	return s;
}

bool
explain_may_try(struct explain_head *g, size_t octets)
{
	g->octets += octets;
	return g->tries < g->most && g->octets <= EXPLAIN_HEADER;
}

bool
explain_verifies(struct explain_head *g, const unsigned char *sum)
{
	if (g->known)
		return g->tries++ < g->most &&
		       memcmp(g->digest, sum, digest_size(g->s->digest)) == 0;
	return g->tries++ < g->most &&
	       key_public_verify(g->key, g->s->digest, sum, g->s->signature);
}

/* With other fields in the places at and then, as they would be signed. */
static bool
matches(struct explain_head *g, size_t at, struct slice field, size_t then,
    struct slice other)
{
	unsigned char sum[DIGEST_MAX];
	struct digest d;

	if (!explain_may_try(g, g->last.n) ||
	    digest_begin(&d, g->s->digest, NULL) < 0)
		return false;
	for (size_t i = 0; i < g->s->name_count; i++) {
		struct slice p = i == at     ? explain_canonical(g, field)
		                 : i == then ? explain_canonical(g, other)
		                             : g->piece[i];

		digest_add(&d, p.p, p.n);
		g->octets += p.n;
	}
	digest_add(&d, g->last.p, g->last.n);
	digest_end(&d, sum);
	return explain_verifies(g, sum);
}

static bool
found(struct explain_head *g, const char *what, const char *text,
    struct slice name, struct slice before)
{
	explain_add(g->x, &(struct explain_hit){ .what = what,
			      .text = text,
			      .header = true,
			      .name = name,
			      .before = slice_trim_end(before) });
	return true;
}

/* One field in place at, made anew. */
static bool
guess(struct explain_head *g, const char *what, const char *text, size_t at,
    struct slice field)
{
	return matches(g, at, field, SIZE_MAX, field) &&
	       found(g, what, text, letter_field_name(field), field);
}

/* The place in h= of the first field of that name, SIZE_MAX: none is there. */
static size_t
place_of(struct explain_head *g, const char *name)
{
	for (size_t i = 0; i < g->s->name_count; i++)
		if (g->pick[i] != SIZE_MAX &&
		    slice_is_nocase(g->s->names[i], name))
			return i;
	return SIZE_MAX;
}

/* Hashes a letter with one field less, or one more (drop SIZE_MAX). */
static bool
matches_letter(struct explain_head *g, size_t drop, struct slice more)
{
	size_t n = 0;
	struct slice *fields =
	    arena_array(g->a, g->m->count + 1, sizeof(*fields));
	struct slice *names =
	    arena_array(g->a, g->m->count + 1, sizeof(*names));
	struct dkim_letter m = { .fields = fields };
	struct dkimsig_cover c = { .m = &m,
		.field_names = names,
		.names = g->s->names,
		.name_count = g->s->name_count,
		.own = SIZE_MAX,
		.mode = g->s->header_mode };
	unsigned char sum[DIGEST_MAX];

	if (!explain_may_try(g, g->header))
		return false;
	if (more.n) {
		fields[n] = more;
		names[n++] = letter_field_name(more);
	}
	for (size_t i = 0; i < g->m->count; i++) {
		if (i == drop)
			continue;
		if (i == g->s->field)
			c.own = n;
		fields[n] = g->m->fields[i];
		names[n++] = g->field_names[i];
	}
	m.count = n;
	c.signature = dkimsig_without_b(g->m->fields[g->s->field], g->a);
	return dkimsig_hash(&c, g->s->digest, sum, NULL) == 0 &&
	       explain_verifies(g, sum);
}

static bool
is_named(struct explain_head *g, struct slice name)
{
	for (size_t i = 0; i < g->s->name_count; i++)
		if (slice_equal_nocase(g->s->names[i], name))
			return true;
	return false;
}

static bool
guess_added(struct explain_head *g)
{
	for (size_t i = 0; i < g->m->count; i++) {
		struct slice name = g->field_names[i];
		size_t are = 0;

		if (i == g->s->field || !is_named(g, name) ||
		    !matches_letter(g, i, slice_of(NULL, 0)))
			continue;
		for (size_t k = 0; k < g->m->count; k++)
			are += slice_equal_nocase(g->field_names[k], name);
		return found(g, are > 1 ? "field-doubled" : "field-added",
		    are > 1 ? "one more of it was added" : "it was added", name,
		    slice_of(NULL, 0));
	}
	return false;
}

/* Fields that are gone can be told where their value is well known. */
static bool
guess_removed(struct explain_head *g)
{
	static const char *const known[] = { "MIME-Version: 1.0",
		"Content-Transfer-Encoding: 7bit",
		"Content-Transfer-Encoding: 8bit",
		"Content-Transfer-Encoding: quoted-printable",
		"Content-Transfer-Encoding: base64", "Content-Type: text/plain",
		"Content-Type: text/plain; charset=utf-8",
		"Content-Type: text/plain; charset=UTF-8",
		"Content-Type: text/plain; charset=\"utf-8\"",
		"Content-Type: text/plain; charset=us-ascii",
		"Content-Disposition: inline", "Content-Language: en",
		"Content-Language: en-US",
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
		"Precedence: bulk", "Precedence: list",
		"To: undisclosed-recipients:;" };
	static const char *const same[] = { "From", "To", "Sender", "Reply-To",
		"Cc" };
	size_t from = place_of(g, "From");

	for (size_t i = 0; i < COUNT_OF(known); i++) {
		struct slice f = slice_str(arena_fmt(g->a, "%s\r\n", known[i]));

		if (is_named(g, letter_field_name(f)) &&
		    matches_letter(g, SIZE_MAX, f))
			return found(g, "field-removed", "it was taken out",
			    letter_field_name(f), f);
	}
	for (size_t i = 2; i < COUNT_OF(same) && from != SIZE_MAX; i++) {
		struct slice f = explain_made(
		    g, same[i], explain_value(explain_at(g, from)));

		if (is_named(g, slice_str(same[i])) &&
		    matches_letter(g, SIZE_MAX, f))
			return found(g, "field-removed", "it was taken out",
			    slice_str(same[i]), f);
	}
	/* One of several alike, as a field that was doubled when signed. */
	for (size_t i = 0; i < g->s->name_count; i++)
		if (g->pick[i] != SIZE_MAX &&
		    matches_letter(g, SIZE_MAX, explain_at(g, i)))
			return found(g, "field-removed",
			    "one of two alike was taken out", g->s->names[i],
			    explain_at(g, i));
	return false;
}

/* The field with its folds as that text: "\r\n ", or "" to unfold it. */
static struct slice
with_folds(struct explain_head *g, struct slice field, const char *fold)
{
	struct slice rest = field, line;
	struct buf b;

	buf_init(&b, 8 * field.n + 64);
	while (slice_take_line(&rest, &line, NULL)) {
		if (b.n) {
			buf_text(&b, *fold ? fold : " ");
			line = slice_trim_start(line);
		}
		buf_slice(&b, line);
	}
	line = slice_of(arena_copy(g->a, buf_view(&b)), b.n);
	buf_free(&b);
	return line;
}

/* Folded before each word that would go beyond the line. */
static struct slice
greedy(struct explain_head *g, struct slice text, const char *fold)
{
	struct slice word;
	struct buf b;
	size_t column = 0;

	buf_init(&b, 8 * text.n + 64);
	while (text.n) {
		word = slice_take_until(&text, ' ', NULL);
		if (column && column + 1 + word.n > LINE_CUT) {
			buf_text(&b, fold);
			column = 0;
		} else if (column) {
			buf_char(&b, ' ');
		}
		buf_slice(&b, word);
		column += word.n + 1;
	}
	word = slice_of(arena_copy(g->a, buf_view(&b)), b.n);
	buf_free(&b);
	return word;
}

static struct slice
ended(struct explain_head *g, struct slice text)
{
	return slice_str(arena_fmt(g->a, "%.*s\r\n", SLICE_ARG(text)));
}

static struct slice
refolded(struct explain_head *g, struct slice field, size_t how)
{
	static const char *const folds[] = { "", "\r\n ", "\r\n\t" };

	if (how < COUNT_OF(folds))
		return ended(g, with_folds(g, field, folds[how]));
	return ended(g, greedy(g, with_folds(g, field, ""),
			    folds[how - COUNT_OF(folds) + 1]));
}

/* One fold, at any of the blanks. */
static bool
guess_one_fold(struct explain_head *g, size_t at)
{
	struct slice text = with_folds(g, explain_at(g, at), "");

	for (size_t i = 0, n = 0; i < text.n && n < FOLDS_MAX; i++) {
		if (text.p[i] != ' ')
			continue;
		n++;
		for (int tab = 0; tab < 2; tab++)
			if (guess(g, "refolded", "it was folded anew", at,
				slice_str(arena_fmt(g->a, "%.*s\r\n%c%.*s\r\n",
				    (int)i, text.p, tab ? '\t' : ' ',
				    SLICE_ARG(
					slice_sub(text, i + 1, text.n))))))
				return true;
	}
	return false;
}

/* Every field at once, then each; which only simple sees. */
static bool
guess_refolded(struct explain_head *g)
{
	if (g->s->header_mode != CANON_SIMPLE)
		return false;
	for (size_t how = 0; how < 5; how++) {
		struct slice kept[DKIM_NAMES_MAX];
		bool good;

		memcpy(kept, g->piece, sizeof(kept));
		for (size_t i = 0; i < g->s->name_count; i++)
			if (g->pick[i] != SIZE_MAX)
				g->piece[i] =
				    refolded(g, explain_at(g, i), how);
		good = matches(g, SIZE_MAX, g->last, SIZE_MAX, g->last);
		memcpy(g->piece, kept, sizeof(kept));
		if (good)
			return found(g, "refolded", "fields were folded anew",
			    slice_of(NULL, 0), slice_of(NULL, 0));
		for (size_t i = 0; i < g->s->name_count; i++)
			if (g->pick[i] != SIZE_MAX &&
			    guess(g, "refolded", "it was folded anew", i,
				refolded(g, explain_at(g, i), how)))
				return true;
	}
	return false;
}

static bool
guess_folds(struct explain_head *g)
{
	for (size_t i = 0;
	     g->s->header_mode == CANON_SIMPLE && i < g->s->name_count; i++)
		if (g->pick[i] != SIZE_MAX && guess_one_fold(g, i))
			return true;
	return false;
}

/* Subject and From, each alone. */
static bool
guess_rewritten(struct explain_head *g)
{
	static const char *const lists[] = { "To", "Cc", "Reply-To", "Sender" };
	struct slice *s = arena_array(g->a, EXPLAIN_GUESSES, sizeof(*s));
	struct slice *f = arena_array(g->a, EXPLAIN_GUESSES, sizeof(*f));
	struct slice *o = arena_array(g->a, EXPLAIN_GUESSES, sizeof(*o));
	size_t subject = place_of(g, "Subject"), from = place_of(g, "From");
	size_t s_n = explain_subjects(g, subject, s),
	       f_n = explain_authors(g, from, f);

	for (size_t i = 0; i < s_n; i++)
		if (guess(g, "subject-tag", "something was put in", subject,
			s[i]))
			return true;
	for (size_t i = 0; i < f_n; i++)
		if (guess(g, "display-name", "it was rewritten", from, f[i]))
			return true;
	for (size_t k = 0; k < COUNT_OF(lists); k++) {
		size_t at = place_of(g, lists[k]);
		size_t n = explain_authors(g, at, o);

		for (size_t i = 0; i < n; i++)
			if (guess(g, "display-name", "it was rewritten", at,
				o[i]))
				return true;
	}
	return false;
}

static bool
guess_encoding(struct explain_head *g)
{
	static const char *const values[] = { "7bit", "8bit",
		"quoted-printable", "base64", "7BIT", "8BIT",
		"Quoted-Printable" };
	size_t at = place_of(g, "Content-Transfer-Encoding");

	for (size_t i = 0; at != SIZE_MAX && i < COUNT_OF(values); i++)
		if (guess(g, "transfer-encoding", "the encoding was changed",
			at,
			explain_made(g, "Content-Transfer-Encoding",
			    slice_str(values[i]))))
			return true;
	return false;
}

/* Blanks at the end or behind the colon, the case of the name: simple. */
static bool
guess_blanks(struct explain_head *g)
{
	for (size_t i = 0;
	     i < g->s->name_count && g->s->header_mode == CANON_SIMPLE; i++) {
		struct slice f, name, v;

		if (g->pick[i] == SIZE_MAX)
			continue;
		f = explain_at(g, i);
		name = letter_field_name(f);
		v = explain_value(f);
		if (guess(g, "trailing-blanks", "a blank was taken off", i,
			slice_str(arena_fmt(g->a, "%.*s \r\n",
			    SLICE_ARG(slice_trim_end(f))))) ||
		    guess(g, "trailing-blanks", "blanks were added", i,
			slice_str(arena_fmt(
			    g->a, "%.*s\r\n", SLICE_ARG(slice_trim_end(f))))) ||
		    guess(g, "blanks", "the blank behind its colon changed", i,
			slice_str(arena_fmt(g->a, "%.*s:%.*s\r\n",
			    SLICE_ARG(name), SLICE_ARG(v)))) ||
		    guess(g, "blanks", "the blank behind its colon changed", i,
			slice_str(arena_fmt(g->a, "%.*s: %.*s\r\n",
			    SLICE_ARG(name), SLICE_ARG(v)))))
			return true;
	}
	return false;
}

/* Where tries are slow, what is likely comes first. */
static bool
guess_quick(struct explain_head *g)
{
	const unsigned most = g->most;
	bool good;

	if (g->known)
		return false;
	g->most = g->tries + EXPLAIN_QUICK;
	good = explain_many(g, true);
	g->most = most;
	return good;
}

/* How many hypotheses there may be: what one costs is a hash, or a signature to
 * be verified. */
static unsigned
tries_for(const struct key_public *key)
{
	if (key_public_opens(key))
		return EXPLAIN_HASHES;
	return key_public_bits(key) > KEY_OPEN_BITS ? EXPLAIN_SLOWER
	                                            : EXPLAIN_SLOW;
}

bool
explain_header(const struct dkim_letter *m, const struct dkim_signature *s,
    const struct key_public *key, struct arena *a, struct explain *x)
{
	struct explain_head g = { .m = m,
		.s = s,
		.key = key,
		.a = a,
		.x = x,
		.most = tries_for(key) };

	if (x->hurried) {
		g.octets = EXPLAIN_HEADER - EXPLAIN_HEADER / 64;
		g.tries = g.most - g.most / 16;
	}
	g.known = key_public_open(key, s->digest, s->signature, g.digest);
	/* What no padding is around was signed with another key. */
	if (key_public_opens(key) && !g.known)
		return found(&g, "other-key",
		    "the key did not make this signature, or b= was damaged",
		    slice_of(NULL, 0), slice_of(NULL, 0));
	g.field_names = arena_array(a, m->count, sizeof(*g.field_names));
	for (size_t i = 0; i < m->count; i++)
		g.field_names[i] = letter_field_name(m->fields[i]);
	for (size_t i = 0; i < s->name_count; i++) {
		g.pick[i] = dkimsig_pick(
		    g.field_names, m->count, s->field, s->names, i);
		if (g.pick[i] != SIZE_MAX)
			g.piece[i] =
			    explain_canonical(&g, m->fields[g.pick[i]]);
		g.header += g.piece[i].n;
	}
	g.last =
	    explain_canonical(&g, dkimsig_without_b(m->fields[s->field], a));
	g.last.n -= size_min(g.last.n, 2);
	return guess_added(&g) || guess_encoding(&g) || guess_quick(&g) ||
	       guess_refolded(&g) || guess_blanks(&g) || guess_folds(&g) ||
	       guess_removed(&g) || guess_rewritten(&g) ||
	       explain_many(&g, false);
}
