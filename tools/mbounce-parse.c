/* mbounce-parse: reads bounces, complaints and every other machine-made
 * report, prints a fact for each recipient.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msg/header.h"

#include "report/unpack.h"
#include "report/verp.h"

#include "mbounce.h"

#define MESSAGE_ROOM 65536 /* octets that most messages do with */

#define BRIEF(k, n, field, a, h)                                               \
	{                                                                      \
		.kind = OPT_KIND_##k, .name = (n), .arg = (a), .help = (h),    \
		.at = offsetof(struct settings, field), .flags = OPT_BRIEF     \
	}

static const struct opt options[] = {
	OPT_TEXT('k', "kinds", struct settings, kinds, "LIST",
	    "only these: bounce,delay,arf,..."),
	OPT_FLAG('q', "quiet", struct settings, quiet,
	    "say nothing of messages that are no report"),
	OPT_FLAG(0, "tsv", struct settings, tsv, "columns with TAB between"),
	OPT_TEXT(
	    0, "fields", struct settings, fields, "LIST", "columns of --tsv"),
	OPT_FLAG(0, "explain", struct settings, explain,
	    "tell the words that chose the reason"),
	OPT_MANY('r', "rules", struct settings, rules, "FILE",
	    "rules asked before those built in"),
	OPT_FLAG(0, "check-rules", struct settings, check_rules,
	    "check these rules, and end"),
	OPT_FLAG(0, "rule-stats", struct settings, rule_stats,
	    "count how often each rule decided"),
	OPT_FLAG(0, "classify", struct settings, classify,
	    "read lines of SMTP replies"),
	OPT_MANY(0, "my-domain", struct settings, my_domains, "DOMAIN",
	    "tell whether a report is of our mail"),
	OPT_MANY(0, "my-relay", struct settings, my_relays, "HOST",
	    "a server our mail goes through"),
	OPT_MANY(0, "verp-key", struct settings, verp_keys, "FILE",
	    "key of tags in addresses bounces come to"),
	OPT_MANY(0, "envid-key", struct settings, envid_keys, "FILE",
	    "key of tags in envelope ids"),
	BRIEF(MANY, "batv-key", batv_keys, "FILE",
	    "key of senders signed by prvs="),
	BRIEF(MANY, "verp", verp, "PATTERN",
	    "how our senders tell the recipient"),
	BRIEF(MANY, "zone", zones, "FILE",
	    "master file with the keys of our signatures"),
	OPT_FLAG(0, "require-ours", struct settings, require_ours,
	    "print only what is of our mail"),
	OPT_SIZE(0, "max-inflate", struct settings, inflate, "SIZE",
	    "refuse reports larger than that unpacked (25M)"),
	OPT_MORE(tool_common_options, struct settings, common),
	OPT_DONE,
};

static void
identify(struct item *i, bool digest)
{
	unsigned char sum[DIGEST_MAX];
	struct err e;
	int64_t t;

	if (digest && digest_of(DIGEST_SHA256, i->m->bytes, sum, &e) == 0)
		digest_hex(sum, DIGEST_SHA256_SIZE, i->sha256);
	if ((i->set->common.json || i->set->tsv) &&
	    date_parse(i->r.date, &t, NULL))
		date_make_3339(t, 0, i->date);
}

static void
parse(struct item *i, const struct rules *own)
{
	struct report_options how = { .inflate = (size_t)i->set->inflate,
		.own = own,
		.verp = i->set->verp.v,
		.verp_count = i->set->verp.n };
	struct ours_names names = { i->set->my_domains.v, i->set->my_relays.v,
		i->set->my_domains.n, i->set->my_relays.n, i->keys,
		OURS_SIGNED_NOT_ASKED };
	struct slice bytes = i->m->bytes;
	struct err e;
	size_t cr = slice_find(i->m->from_, '\r');

	/* with CR as line ends, the mbox line goes on to the end */
	if (cr != SIZE_MAX && !bytes.n)
		bytes = slice_sub(i->m->from_, cr + 1, i->m->from_.n);
	if (!unpack_is_packed(bytes) && header_refuse_binary(bytes, &e) < 0) {
		err_in(&e, "%s, message %llu", i->m->path,
		    (unsigned long long)i->m->in_path);
		tool_fail(i->run, &e);
		i->r.why = "binary data";
	} else if (report_read(bytes, &how, i->arena, &i->r, &e) < 0) {
		memset(&i->r, 0, sizeof(i->r));
		i->r.why = arena_string(i->arena, e.text);
	}
	names.signed_by_us = signed_by_us(i);
	i->ours = ours_of(&i->r, &names, i->arena, &i->ours_by);
	identify(i, i->set->common.json && i->r.kind != REPORT_NONE);
	if (i->r.d.cut)
		tool_warn(i->run, "%s: message %llu is over the limits: cut",
		    i->m->path, (unsigned long long)i->m->in_path);
}

/* All recipients, as many at once as fit. */
static void
show_all(struct item *i, struct counts *counts)
{
	struct arena_mark mark = arena_mark(i->arena);

	do {
		show_item(i);
		if (i->set->rule_stats)
			stats_count(i, counts);
		arena_release(i->arena, mark);
	} while (!tool_stopping() && report_more(&i->r, i->arena));
}

/* Of mail of ours. */
struct proofs {
	struct tagkeys keys;
	struct dns *dns; /* or null */
};

/* Lines printed. */
static size_t
parse_all(struct tool_run *run, const struct settings *set,
    const struct rules *own, const struct proofs *proofs, struct counts *counts)
{
	struct source_message m;
	struct arena arena = { 0 };
	struct buf out;
	struct source *s;
	struct err e;
	size_t shown = 0;
	int r;

	buf_init(&out, SIZE_MAX);
	arena_reserve(&arena, MESSAGE_ROOM);
	source_open(&s, run->rest.v, run->rest.n);
	while (!tool_stopping() && (r = source_next(s, &m, &e)) != 0) {
		struct arena_mark mark = arena_mark(&arena);
		struct item i = { .run = run,
			.set = set,
			.keys = proofs->keys.n ? &proofs->keys.of : NULL,
			.dns = proofs->dns,
			.m = &m,
			.arena = &arena,
			.out = &out };

		if (r < 0) {
			tool_fail(run, &e);
			continue;
		}
		parse(&i, own);
		show_all(&i, counts);
		shown += i.shown;
		arena_release(&arena, mark);
	}
	source_free(&s);
	arena_free(&arena);
	buf_free(&out);
	return shown;
}

/* The words of --kinds and --fields. */
static int
check_words(const struct settings *set, struct err *e)
{
	struct slice kinds = slice_str(set->kinds), one;
	bool more = set->kinds != NULL;
	enum report_kind k;

	while (more) {
		one = slice_trim(slice_take_until(&kinds, ',', &more));
		for (k = REPORT_NONE; k <= REPORT_ESP; k++)
			if (slice_is(one, report_kind_name(k)))
				break;
		if (k > REPORT_ESP)
			return err_set(e, ERR_USAGE, "--kinds knows no '%.*s'",
			    SLICE_ARG(one));
	}
	return show_check_fields(set->fields, e);
}

static int
load_keys(struct tagkeys *k, const struct settings *set, struct err *e)
{
	if (tagkeys_load(k, "batv-key", &set->batv_keys, k->of.batv,
		&k->of.batv_count, e) < 0)
		return -1;
	if (tagkeys_load(k, "verp-key", &set->verp_keys, k->of.verp,
		&k->of.verp_count, e) < 0)
		return -1;
	return tagkeys_load(k, "envid-key", &set->envid_keys, k->of.envid,
	    &k->of.envid_count, e);
}

static int
open_proofs(struct proofs *p, struct tool_run *run, const struct settings *set,
    struct err *e)
{
	p->keys.of.now = given_now(&run->given);
	for (size_t i = 0; i < set->verp.n; i++)
		if (verp_check(set->verp.v[i], e) < 0)
			return -1;
	if (set->verp.n > VERP_PATTERNS_MAX)
		return err_set(e, ERR_USAGE, "--verp: %d patterns at most",
		    VERP_PATTERNS_MAX);
	if (load_keys(&p->keys, set, e) < 0)
		return -1;
	return signed_open(run, set, &p->dns, e);
}

static void
work(struct tool_run *run, const struct settings *set, const struct rules *own,
    const struct proofs *proofs)
{
	struct counts counts = { NULL, NULL };
	size_t shown;

	if (set->classify) {
		classify_lines(run, set, own);
		return;
	}
	counts.builtin = arena_array(
	    &run->arena, reason_rules.row_count, sizeof(*counts.builtin));
	counts.own = arena_array(
	    &run->arena, own ? own->row_count : 1, sizeof(*counts.own));
	shown = parse_all(run, set, own, proofs, &counts);
	if (set->rule_stats)
		stats_show(run, &counts, own);
	else if (!shown && (set->quiet || set->kinds))
		tool_status(run, ERR_NO);
}

int
main(int argc, char **argv)
{
	static const struct tool tool = {
		.name = "mbounce-parse",
		.synopsis = "[option ...] [file ...]",
		.purpose = "read bounces: who was not reached, and why",
		.options = options,
		.settings_size = sizeof(struct settings),
	};
	struct settings set = {
		.fields = "src,kind,rcpt,status,class,reason,scope,rmta,"
			  "orig_msgid,diag",
	};
	struct tool_run run;
	struct rules_made made = { .rows = NULL };
	struct proofs proofs = { .dns = NULL };
	struct buf text;
	struct err e;
	int r;

	if (tool_begin(&run, &tool, argc, argv, &set) < 0)
		return tool_end(&run);
	buf_init(&text, RULES_TSV_MAX);
	r = check_words(&set, &e);
	if (r == 0)
		r = rules_load(&set, &made, &text, &e);
	if (r < 0 || open_proofs(&proofs, &run, &set, &e) < 0)
		tool_fail(&run, &e);
	else if (!set.check_rules)
		work(&run, &set, r ? &made.rules : NULL, &proofs);
	tagkeys_wipe(&proofs.keys);
	dns_free(&proofs.dns);
	if (r > 0)
		rules_made_free(&made);
	buf_free(&text);
	return tool_end(&run);
}
