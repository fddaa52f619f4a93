/* mkrules NAME FILE...: reads rules (report/rulesread.h), checks that each row
 * decides about its own example, and prints them as the C tables NAME. Run by
 * the build, on the machine that builds.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/reasons.h"
#include "report/rulesread.h"

static int
fail(const char *file, const char *why)
{
	fprintf(stderr, "mkrules: %s: %s\n", file, why);
	return 1;
}

static size_t
read_file(const char *path, char *out, size_t max)
{
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(out, 1, max, f) : 0;

	if (f)
		fclose(f);
	return n;
}

static void
put_string(const char *s)
{
	if (!s) {
		printf("0");
		return;
	}
	putchar('"');
	for (; *s; s++)
		if (*s == '"' || *s == '\\' || (unsigned char)*s > 126)
			printf("\\%03o", (unsigned char)*s);
		else
			putchar(*s);
	putchar('"');
}

static void
put_numbers(const char *type, const char *name, const char *part,
    const uint16_t *v, size_t n)
{
	printf("static const %s %s_%s[%zu + 1] = {", type, name, part, n);
	for (size_t i = 0; i < n; i++)
		printf("%s%u,", i % 12 ? " " : "\n\t", v[i]);
	printf("\n\t0\n};\n\n");
}

static void
put_octets(const uint8_t v[256])
{
	printf("{");
	for (size_t i = 0; i < 256; i++)
		printf("%s%u,", i % 16 ? " " : "\n\t", v[i]);
	printf(" },\n");
}

static void
put_set(const uint32_t *v)
{
	printf("\t{");
	for (size_t i = 0; i < MATCH_WORDS; i++)
		printf("%s%lu,", i % 8 ? " " : "\n\t", (unsigned long)v[i]);
	printf(" },\n");
}

static void
put_places(const char *name, const struct match *m)
{
	printf("static const struct match_place %s_places[%zu] = {", name,
	    m->place_count);
	for (size_t i = 0; i < m->place_count; i++)
		printf("%s{ %u, %u, %u },", i % 4 ? " " : "\n\t",
		    m->places[i].base, m->places[i].check, m->places[i].out);
	printf("\n};\n\nstatic const struct match_tail %s_tails[%zu + 1] = {",
	    name, m->tail_count);
	for (size_t i = 0; i < m->tail_count; i++)
		printf("%s{ %lu, %u, %u },", i % 4 ? " " : "\n\t",
		    (unsigned long)m->tails[i].at, m->tails[i].n,
		    m->tails[i].out);
	printf("\n\t{ 0, 0, 0 }\n};\n\n");
}

static void
put_match(const char *name, const struct match *m)
{
	put_places(name, m);
	put_numbers("uint16_t", name, "hits", m->hits, m->hit_count);
	printf("static const unsigned char %s_rest[%zu + 1] = {", name,
	    m->rest_count);
	for (size_t i = 0; i < m->rest_count; i++)
		printf("%s%u,", i % 16 ? " " : "\n\t", m->rest[i]);
	printf("\n\t0\n};\n\n");
	printf("static const struct match_jump %s_jumps[] = {", name);
	for (size_t i = 0; i <= m->jump_mask; i++)
		printf("%s{ UINT64_C(%" PRIu64 "), %u, %u },",
		    i % 2 ? " " : "\n\t", m->jumps[i].key, m->jumps[i].state,
		    m->jumps[i].depth);
	printf("\n};\n\n");
	printf("static const struct match_starts %s_starts = {\n", name);
	put_set(m->starts->all);
	put_set(m->starts->two);
	put_set(m->starts->four);
	put_set(m->starts->eight);
	printf("};\n\n");
}

static void
put_rows(const char *name, const struct rules *r)
{
	printf("static const struct rule %s_rows[] = {\n", name);
	for (size_t i = 0; i < r->row_count; i++) {
		const struct rule *row = &r->rows[i];

		printf("\t{ ");
		put_string(row->id);
		printf(", ");
		put_string(row->status);
		printf(", ");
		put_string(row->host);
		printf(", %u, %u, %u, %u },\n", row->reply, row->what,
		    row->parts, row->many);
	}
	printf("};\n\nstatic const struct rule_piece %s_pieces[] = {\n", name);
	for (size_t i = 0; i < r->piece_count; i++)
		printf("\t{ %u, %u, %u, %u },\n", r->pieces[i].row,
		    r->pieces[i].length, r->pieces[i].part, r->pieces[i].flags);
	printf("};\n\n");
}

static void
put(const char *name, const struct rules *r)
{
	printf("/* Made by mkrules. */\n#include \"config.h\"\n\n"
	       "#include \"report/rules.h\"\n\n"
	       "extern const struct rules %s;\n\n",
	    name);
	put_match(name, &r->match);
	put_rows(name, r);
	put_numbers("uint16_t", name, "plain", r->plain, r->plain_count);
	printf("const struct rules %s = {\n\t{ ", name);
	put_octets(r->match.class_of);
	put_octets(r->match.kind_of);
	printf("\t%s_places, %s_tails, %s_hits, %s_rest, &%s_starts,\n"
	       "\t%s_jumps, %zu, %zu, %zu, %zu, %zu, NULL },\n",
	    name, name, name, name, name, name, r->match.jump_mask,
	    r->match.place_count, r->match.tail_count, r->match.hit_count,
	    r->match.rest_count);
	printf("\t%s_rows, %s_pieces, %s_plain, %zu, %zu, %zu, %zu,\n};\n",
	    name, name, name, r->row_count, r->piece_count, r->many_count,
	    r->plain_count);
}

int
main(int argc, char **argv)
{
	static char text[RULES_TSV_MAX];
	char why[RULES_WHY_MAX];
	struct rules_made m;
	rules_meaning *meaning;
	size_t n = 0;

	if (argc < 3)
		return fail("usage", "mkrules NAME FILE...");
	for (int i = 2; i < argc; i++)
		n += read_file(argv[i], text + n, sizeof(text) - n);
	meaning = strcmp(argv[1], "reason_rules") == 0 ? reason_id_named
	                                               : format_sign_named;
	if (rules_read(slice_of(text, n), meaning, &m, why) < 0 ||
	    rules_check(&m, meaning == format_sign_named, why) < 0)
		return fail(argv[2], why);
	put(argv[1], &m.rules);
	rules_made_free(&m);
	return fflush(stdout) != 0 || ferror(stdout);
}
