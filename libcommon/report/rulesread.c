/* Reads rules from text (see rulesread.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "base/mem.h"

#include "report/codes.h"
#include "report/matchbuild.h"
#include "report/rulesread.h"

enum { ID, PRIO, STATUS, REPLY, HOST, WORDS, MEANING, LANG, EXAMPLE, COLUMNS };

/* A row before it has its place. */
struct line {
	struct slice c[COLUMNS];
	size_t number;
	unsigned prio;
};

struct reading {
	struct line *v;
	size_t n;
	struct slice *literals;
	struct rule_piece *pieces;
	size_t piece_count, many;
	char *text; /* the copy that everything points into */
	rules_meaning *meaning;
	char *why;
};

static int
wrong(struct reading *r, const struct line *l, const char *what)
{
	snprintf(r->why, RULES_WHY_MAX, "line %zu, '%.*s': %s", l->number,
	    SLICE_ARG(l->c[ID]), what);
	return -1;
}

/* "-" is nothing. Text is ended by a NUL in place of its TAB. */
static const char *
text_of(struct reading *r, struct slice s)
{
	if (!s.n || slice_is(s, "-"))
		return NULL;
	r->text[(size_t)(s.p - r->text) + s.n] = '\0';
	return s.p;
}

static int
take_row(struct reading *r, struct slice line, size_t number)
{
	struct line *l = &r->v[r->n];
	uint64_t prio;

	l->number = number;
	for (size_t i = 0; i < COLUMNS; i++) {
		bool more;

		l->c[i] = slice_take_until(&line, '\t', &more);
		if (more != (i + 1 < COLUMNS))
			return wrong(r, l, "it wants 9 columns");
	}
	if (!slice_number(l->c[PRIO], 9, &prio))
		return wrong(r, l, "prio is not 0..9");
	if (!l->c[EXAMPLE].n || slice_is(l->c[EXAMPLE], "-"))
		return wrong(r, l, "no example");
	for (size_t i = 0; i < r->n; i++)
		if (slice_equal(r->v[i].c[ID], l->c[ID]))
			return wrong(r, l, "the id is used already");
	l->prio = (unsigned)prio;
	r->n++;
	return 0;
}

static int
take_rows(struct reading *r, struct slice text)
{
	struct slice line;

	for (size_t n = 1; slice_take_line(&text, &line, NULL); n++) {
		if (!line.n || slice_peek(line) == '#')
			continue;
		if (r->n == RULES_ROWS_MAX) {
			snprintf(r->why, RULES_WHY_MAX, "too many rows");
			return -1;
		}
		if (take_row(r, line, n) < 0)
			return -1;
	}
	return 0;
}

/* By prio, and within one as they came. */
static void
order(struct reading *r)
{
	struct line *sorted = mem_array(r->n + 1, sizeof(*sorted));
	size_t n = 0;

	for (unsigned prio = 0; prio <= 9; prio++)
		for (size_t i = 0; i < r->n; i++)
			if (r->v[i].prio == prio)
				sorted[n++] = r->v[i];
	mem_free(r->v);
	r->v = sorted;
}

static int
add_piece(struct reading *r, const struct line *l, struct slice piece,
    uint16_t row, uint8_t part)
{
	struct rule_piece *p = &r->pieces[r->piece_count];

	p->row = row;
	p->part = part;
	if (slice_take_prefix(&piece, "|"))
		p->flags |= RULES_WORD_BEFORE;
	if (piece.n && piece.p[piece.n - 1] == '|') {
		p->flags |= RULES_WORD_AFTER;
		piece.n--;
	}
	if (piece.n < 2 || piece.n > 200)
		return wrong(r, l, "a piece of words has 2 to 200 octets");
	for (size_t i = 0; i < piece.n; i++)
		if (piece.p[i] >= 'A' && piece.p[i] <= 'Z')
			return wrong(r, l, "words are small letters");
	p->length = (uint16_t)piece.n;
	r->literals[r->piece_count++] = piece;
	return 0;
}

static int
add_words(
    struct reading *r, const struct line *l, uint16_t at, struct rule *row)
{
	struct slice words = l->c[WORDS];
	bool more = !slice_is(words, "-");

	while (more) {
		struct slice piece = slice_take_until(&words, '*', &more);

		if (row->parts == RULES_PARTS_MAX)
			return wrong(r, l, "too many gaps");
		if (add_piece(r, l, piece, at, (uint8_t)row->parts++) < 0)
			return -1;
	}
	if (row->parts > 1)
		row->many = (uint16_t)++r->many;
	return r->many > RULES_MANY_MAX ? wrong(r, l, "too many gaps") : 0;
}

static int
make_row(struct reading *r, size_t i, struct rule *row)
{
	const struct line *l = &r->v[i];
	uint64_t reply = 0;
	int what = r->meaning(l->c[MEANING]);

	if (what < 0)
		return wrong(r, l, "its meaning is not known");
	if (!slice_is(l->c[REPLY], "-") &&
	    !slice_number(l->c[REPLY], 599, &reply))
		return wrong(r, l, "its reply is no code");
	if (add_words(r, l, (uint16_t)i, row) < 0)
		return -1;
	row->what = (uint16_t)what;
	row->reply = (uint16_t)reply;
	row->status = text_of(r, l->c[STATUS]);
	row->host = text_of(r, l->c[HOST]);
	if (!row->parts && !row->status && !reply)
		return wrong(r, l, "it asks for nothing");
	row->id = text_of(r, l->c[ID]);
	return row->id ? 0 : wrong(r, l, "it has no id");
}

static int
make(struct reading *r, struct rules_made *m)
{
	m->rows = mem_array(r->n + 1, sizeof(*m->rows));
	m->examples = mem_array(r->n + 1, sizeof(*m->examples));
	m->plain = mem_array(r->n + 1, sizeof(*m->plain));
	m->rules.plain = m->plain;
	for (size_t i = 0; i < r->n; i++) {
		if (make_row(r, i, &m->rows[i]) < 0)
			return -1;
		m->examples[i] = r->v[i].c[EXAMPLE];
		if (!m->rows[i].parts)
			m->plain[m->rules.plain_count++] = (uint16_t)i;
	}
	m->rules.rows = m->rows;
	m->rules.row_count = r->n;
	m->rules.pieces = r->pieces;
	m->rules.piece_count = r->piece_count;
	m->rules.many_count = r->many;
	if (matchbuild(r->literals, r->piece_count, &m->rules.match) == 0)
		return 0;
	snprintf(r->why, RULES_WHY_MAX, "too many words");
	return -1;
}

int
rules_read(struct slice text, rules_meaning *meaning, struct rules_made *m_r,
    char why_r[RULES_WHY_MAX])
{
	struct reading r = { .meaning = meaning, .why = why_r };
	size_t pieces = RULES_ROWS_MAX * RULES_PARTS_MAX;
	int ret = -1;

	memset(m_r, 0, sizeof(*m_r));
	if (text.n > RULES_TSV_MAX) {
		snprintf(why_r, RULES_WHY_MAX, "more than 4 MiB");
		return -1;
	}
	m_r->text = mem_new(text.n + 1);
	memcpy(m_r->text, text.p ? text.p : "", text.n);
	r.v = mem_array(RULES_ROWS_MAX + 1, sizeof(*r.v));
	r.literals = mem_array(pieces, sizeof(*r.literals));
	r.pieces = mem_array(pieces, sizeof(*r.pieces));
	m_r->pieces = r.pieces;
	r.text = m_r->text;
	if (take_rows(&r, slice_of(m_r->text, text.n)) == 0) {
		order(&r);
		ret = make(&r, m_r);
	}
	mem_free(r.literals);
	mem_free(r.v);
	if (ret < 0)
		rules_made_free(m_r);
	return ret;
}

void
rules_made_free(struct rules_made *m)
{
	matchbuild_free(&m->rules.match);
	mem_free(m->pieces);
	mem_free(m->rows);
	mem_free(m->examples);
	mem_free(m->plain);
	mem_free(m->text);
	memset(m, 0, sizeof(*m));
}

void
rules_example_facts(
    struct slice example, struct slice *host_r, struct slice *text_r)
{
	size_t at = slice_search(example, slice_str(" says: "));

	*host_r = slice_of(NULL, 0);
	*text_r = example;
	if (at == SIZE_MAX)
		return;
	*host_r = slice_sub(example, 0, at);
	*text_r = slice_sub(example, at + 7, example.n);
}

int
rules_check(const struct rules_made *m, bool alike, char why_r[RULES_WHY_MAX])
{
	for (size_t i = 0; i < m->rules.row_count; i++) {
		char flat[RULES_TEXT_MAX];
		struct rules_facts f = { .reply = 0 };
		struct slice text;
		size_t end, got;

		rules_example_facts(m->examples[i], &f.host, &text);
		if (slice_peek(text) == '^')
			f.text = text;
		else
			f.text = rules_flatten(text, flat);
		codes_status(text, 0, &f.status);
		f.reply = codes_reply(text);
		got = rules_decide(
		    &m->rules, &f, alike ? m->rows[i].what : -1, &end);
		if (got == i)
			continue;
		if (got == SIZE_MAX)
			snprintf(why_r, RULES_WHY_MAX,
			    "row '%s' does not fit its own example",
			    m->rows[i].id);
		else
			snprintf(why_r, RULES_WHY_MAX,
			    "row '%s' cannot decide about its example: '%s' "
			    "is in front of it",
			    m->rows[i].id, m->rows[got].id);
		return -1;
	}
	return 0;
}
