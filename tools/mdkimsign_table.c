/* mdkimsign's table of keys (see mdkimsign.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/io.h"
#include "base/mem.h"

#include "text/idna.h"

#include "auth/author.h"
#include "auth/dkim.h"
#include "auth/letter.h"

#include "mdkimsign.h"

#define TABLE_MAX (4u << 20) /* octets of a table */

struct row {
	const char *domain; /* A-labels, "." for all */
	struct dkim_signer signer;
	struct key *key;
};

struct mdkimsign_table {
	struct arena arena;
	struct row *rows;
	size_t count;
};

static struct slice
take_word(struct slice *line)
{
	struct slice word = *line;
	size_t n = 0;

	while (n < word.n && !ascii_is_blank(word.p[n]))
		n++;
	word = slice_take(line, n);
	*line = slice_trim_start(*line);
	return word;
}

static int
read_row(struct tool_run *run, const struct mdkimsign_settings *set,
    struct mdkimsign_table *t, struct slice line, struct err *e)
{
	struct row *row = &t->rows[t->count];
	struct slice domain = take_word(&line), dns = slice_str(".");
	struct slice selector = take_word(&line), path = slice_trim_end(line);

	if (!path.n)
		return err_set(e, ERR_CONFIG, "is not DOMAIN SELECTOR KEY");
	if (!slice_is(domain, ".") &&
	    idna_to_dns(domain, &t->arena, &dns, e) < 0)
		return -1;
	row->domain = arena_copy(&t->arena, dns);
	row->signer.selector = arena_copy(&t->arena, selector);
	if (mdkimsign_open(
		run, set, arena_copy(&t->arena, path), &row->key, e) < 0)
		return -1;
	row->signer.key = row->key;
	t->count++;
	return 0;
}

static int
read_rows(struct tool_run *run, const struct mdkimsign_settings *set,
    struct mdkimsign_table *t, struct slice text, struct err *e)
{
	struct slice line;

	for (size_t n = 1; slice_take_line(&text, &line, NULL); n++) {
		line = slice_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (t->count == MDKIMSIGN_ROWS_MAX)
			return err_set(e, ERR_CONFIG, "'%s': more than %d keys",
			    set->table, MDKIMSIGN_ROWS_MAX);
		if (read_row(run, set, t, line, e) < 0)
			return err_in(e, "%s:%zu", set->table, n);
	}
	return t->count
	           ? 0
	           : err_set(e, ERR_CONFIG, "'%s' has no keys", set->table);
}

int
mdkimsign_table_open(struct tool_run *run, const struct mdkimsign_settings *set,
    struct mdkimsign_table **t_r, struct err *e)
{
	struct mdkimsign_table *t = mem_new(sizeof(*t));
	struct buf b;
	int r;

	*t_r = t;
	t->rows = arena_array(&t->arena, MDKIMSIGN_ROWS_MAX, sizeof(*t->rows));
	buf_init(&b, TABLE_MAX);
	r = io_read_file(set->table, &b, e);
	if (r == 0)
		r = read_rows(run, set, t, buf_view(&b), e);
	buf_free(&b);
	return r;
}

void
mdkimsign_table_free(struct mdkimsign_table **t)
{
	if (!*t)
		return;
	for (size_t i = 0; i < (*t)->count; i++)
		key_free(&(*t)->rows[i].key);
	arena_free(&(*t)->arena);
	mem_free(*t);
	*t = NULL;
}

/* The domain of the first author, in A-labels. */
static int
author(const struct dkim_letter *m, struct arena *a, const char **domain_r,
    struct err *e)
{
	for (size_t i = 0; i < m->count; i++) {
		struct slice value = m->fields[i], *found, dns;

		if (!slice_is_nocase(letter_field_name(value), "From"))
			continue;
		slice_take_until(&value, ':', NULL);
		if (!author_domains(value, a, &found))
			break;
		if (idna_to_dns(found[0], a, &dns, e) < 0)
			return -1;
		*domain_r = dns.p;
		return 0;
	}
	return err_set(e, ERR_DATA, "From has no address to find a key by");
}

int
mdkimsign_table_plan(const struct mdkimsign_table *t,
    const struct dkim_letter *m, struct dkim_plan *p, struct dkim_signer *room,
    struct arena *a, struct err *e)
{
	const char *domain, *best = NULL;

	if (author(m, a, &domain, e) < 0)
		return -1;
	for (size_t i = 0; i < t->count; i++) {
		const char *d = t->rows[i].domain;

		if (strcmp(d, ".") == 0 ? best != NULL
					: !dns_name_under(domain, d))
			continue;
		if (!best || strcmp(best, ".") == 0 || strlen(d) > strlen(best))
			best = d;
	}
	if (!best)
		return err_set(e, ERR_DATA,
		    "no key for the domain '%s' of From in the table", domain);
	p->domain = strcmp(best, ".") == 0 ? domain : best;
	p->signers = room;
	p->signer_count = 0;
	for (size_t i = 0; i < t->count; i++)
		if (dns_name_equal(t->rows[i].domain, best) &&
		    p->signer_count < DKIM_SIGNERS_MAX)
			room[p->signer_count++] = t->rows[i].signer;
	return 0;
}
