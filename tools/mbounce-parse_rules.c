/* mbounce-parse: rules of the user, what they decide, and how often.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <unistd.h>

#include "base/io.h"
#include "base/jsonline.h"
#include "base/lines.h"

#include "report/codes.h"
#include "report/reasons.h"

#include "mbounce.h"

#define REPLY_MAX 1000000 /* octets of a line of --classify */

int
rules_load(const struct settings *set, struct rules_made *m, struct buf *text,
    struct err *e)
{
	char why[RULES_WHY_MAX];

	for (size_t i = 0; i < set->rules.n; i++) {
		if (io_read_file(set->rules.v[i], text, e) < 0)
			return -1;
		buf_char(text, '\n');
	}
	if (!set->rules.n)
		return 0;
	if (rules_read(buf_view(text), reason_id_named, m, why) < 0)
		return err_set(e, ERR_CONFIG, "rules: %s", why);
	if (rules_check(m, false, why) == 0)
		return 1;
	rules_made_free(m);
	return err_set(e, ERR_CONFIG, "rules: %s", why);
}

static void
classify(struct tool_run *run, const struct settings *set,
    const struct rules *own, struct slice line, struct buf *o)
{
	static const char *const confidence[] = { "rule", "code", "field",
		"guess" };
	struct reason_facts f = { .action = REASON_FAILED, .text = line };
	struct reason_why why;
	const struct reason *r;

	codes_status(line, 0, &f.status);
	f.reply = codes_reply(line);
	r = reason_of(&f, own, &why);
	if (!set->common.json) {
		tool_print(run, "%s\t%s\t%s\t%s\t%s\t%.*s\n",
		    reason_class_name(r->class), r->name,
		    reason_scope_name(r->scope), reason_act_name(r->act),
		    why.rule, SLICE_ARG(line));
		return;
	}
	buf_reset(o);
	jsonline_begin(o);
	jsonline_slice(o, "text", line);
	if (f.status.n)
		jsonline_slice(o, "status", f.status);
	if (f.reply)
		jsonline_number(o, "reply", f.reply);
	jsonline_text(o, "class", reason_class_name(r->class));
	jsonline_text(o, "reason", r->name);
	jsonline_text(o, "scope", reason_scope_name(r->scope));
	jsonline_text(o, "act", reason_act_name(r->act));
	jsonline_text(o, "rule", why.rule);
	if (set->explain && why.words.n)
		jsonline_slice(o, "words", slice_trim(why.words));
	jsonline_text(o, "confidence", confidence[why.confidence]);
	jsonline_end(o);
	tool_output(run, buf_view(o));
}

void
classify_lines(
    struct tool_run *run, const struct settings *set, const struct rules *own)
{
	struct lines in = {
		.fd = STDIN_FILENO, .name = "'standard input'", .max = REPLY_MAX
	};
	struct slice line;
	struct buf o;
	struct err e;
	int r = 0;

	buf_init(&o, SIZE_MAX);
	while (!tool_stopping() && (r = lines_next(&in, &line, &e)) > 0) {
		line = slice_trim(line);
		if (line.n)
			classify(run, set, own, line, &o);
	}
	if (r < 0)
		tool_fail(run, &e);
	lines_free(&in);
	buf_free(&o);
}

void
stats_count(const struct item *i, struct counts *c)
{
	for (size_t k = 0; k < i->r.d.n; k++) {
		const struct dsn_recipient *v = &i->r.d.v[k];

		if (v->row == SIZE_MAX)
			continue;
		if (v->own_rule)
			c->own[v->row]++;
		else
			c->builtin[v->row]++;
	}
}

static void
show_some(struct tool_run *run, const struct rules *r, const uint64_t *v)
{
	for (size_t i = 0; i < r->row_count; i++)
		if (v[i])
			tool_print(run, "%llu\t%s\t%s\n",
			    (unsigned long long)v[i], r->rows[i].id,
			    reasons[r->rows[i].what].name);
}

void
stats_show(
    struct tool_run *run, const struct counts *c, const struct rules *own)
{
	if (own)
		show_some(run, own, c->own);
	show_some(run, &reason_rules, c->builtin);
}
