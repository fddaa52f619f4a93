/* mdkimsign: signs messages with DKIM; makes keys and prints their records. A
 * filter: it opens a key, never the network.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/date.h"
#include "text/eol.h"
#include "text/idna.h"
#include "text/taglist.h"

#include "auth/arc.h"
#include "auth/dkim.h"
#include "auth/dkim2.h"
#include "auth/letter.h"

#include "filter.h"
#include "mdkimsign.h"

#define SET struct mdkimsign_settings

#define BRIEF(k, n, field, a, h)                                               \
	{                                                                      \
		.kind = (k), .name = (n), .arg = (a), .help = (h),             \
		.at = offsetof(SET, field), .flags = OPT_BRIEF                 \
	}

static const struct opt options[] = {
	OPT_HEAD("Signing"),
	OPT_TEXT('d', "domain", SET, domain, "DOMAIN", "that signs (d=)"),
	OPT_MANY('s', "selector", SET, selectors, "SEL:KEY",
	    "selector and key file; again for more signatures"),
	OPT_TEXT('c', "canonicalization", SET, canon, "H/B",
	    "each relaxed (default) or simple"),
	OPT_TEXT('h', "headers", SET, headers, "LIST",
	    "fields to sign, instead of the usual"),
	OPT_DURATION('x', "expire", SET, expire, "TIME",
	    "the signature ends so long from now"),
	OPT_TEXT('i', "identity", SET, identity, "AUID", "user or agent (i=)"),
	OPT_TEXT('t', "timestamp", SET, time, "TIME", "instead of now (t=)"),
	OPT_TEXT(0, "seal", SET, seal, "ID",
	    "add an ARC set with the results of ID"),
	BRIEF(OPT_KIND_CHOICE, "cv", cv, "none|pass|fail",
	    "of the ARC chain that is there"),
	BRIEF(OPT_KIND_TEXT, "keys", table, "FILE",
	    "lines: domain selector key, by From"),
	{ .kind = OPT_KIND_NUMBER,
	    .name = "pin-fd",
	    .arg = "N",
	    .help = "descriptor to read the key's PIN from",
	    .at = offsetof(SET, pin_fd),
	    .max = 1023,
	    .flags = OPT_BRIEF },
	BRIEF(OPT_KIND_FLAG, "no-oversign", plain, NULL,
	    "let fields be added later"),
	BRIEF(OPT_KIND_FLAG, "replace", replace, NULL,
	    "take out older signatures of the domain"),
	BRIEF(OPT_KIND_FLAG, "header-only", header_only, NULL,
	    "print only the new fields"),
	BRIEF(OPT_KIND_FLAG, "dkim2", dkim2, NULL,
	    "add a DKIM2 hop (with --experimental)"),
	BRIEF(OPT_KIND_FLAG, "experimental", experimental, NULL,
	    "let what is a draft be made"),
	{ .kind = OPT_KIND_TEXT,
	    .name = "from",
	    .arg = "ADDR",
	    .help = "sender of the envelope, for --dkim2",
	    .at = offsetof(SET, from),
	    .flags = OPT_BRIEF | OPT_EMPTY },
	BRIEF(OPT_KIND_MANY, "rcpt", rcpt, "ADDR",
	    "recipient of the envelope, for --dkim2"),
	BRIEF(OPT_KIND_FLAG, "force", force, NULL,
	    "sign even what will not survive the way"),
	OPT_HEAD("Keys"),
	OPT_TEXT(
	    0, "genkey", SET, genkey, "TYPE", "make a key: rsa:2048, ed25519"),
	OPT_TEXT('o', "output", SET, output, "FILE",
	    "put the key there, never over another"),
	OPT_TEXT(0, "record", SET, record, "KEY",
	    "print the DNS record for -d and -s"),
	BRIEF(OPT_KIND_CHOICE, "format", format, "zone|text|json|nsupdate",
	    "of the record"),
	BRIEF(OPT_KIND_TEXT, "check-pair", check, "KEY",
	    "is the record on standard input its own?"),
	OPT_TEXT(0, "rotate", SET, rotate, "FILE",
	    "keys that take turns: show their records"),
	BRIEF(OPT_KIND_FLAG, "step", step, NULL,
	    "move the rotation on, if that is safe"),
	BRIEF(OPT_KIND_DURATION, "lag", lag, "TIME",
	    "from the record's being out to signing (1d)"),
	BRIEF(OPT_KIND_DURATION, "keep", keep, "TIME",
	    "records after the last signature (7d)"),
	BRIEF(OPT_KIND_DURATION, "every", every, "TIME", "a new key (90d)"),
	OPT_MORE(tool_common_options, SET, common),
	OPT_DONE,
};

/* All that signing needs, the same for every message. */
struct signing {
	struct tool_run *run;
	const SET *set;
	struct dkim_plan plan;
	struct dkim_signer signers[DKIM_SIGNERS_MAX];
	struct key *keys[DKIM_SIGNERS_MAX];
	struct mdkimsign_table *table;
	struct filter filter;
};

static bool
read_mode(struct slice word, enum canon_mode *mode_r)
{
	*mode_r = slice_is(word, "simple") ? CANON_SIMPLE : CANON_RELAXED;
	return slice_is(word, canon_name(*mode_r));
}

static int
read_canon(struct signing *g, struct err *e)
{
	struct slice body = slice_str(g->set->canon), header;

	g->plan.header_mode = g->plan.body_mode = CANON_RELAXED;
	if (!body.n)
		return 0;
	header = slice_take_until(&body, '/', NULL);
	if (!body.n)
		body = header;
	if (read_mode(header, &g->plan.header_mode) &&
	    read_mode(body, &g->plan.body_mode))
		return 0;
	return err_set(e, ERR_USAGE,
	    "-c: '%s' is not made of relaxed and simple", g->set->canon);
}

static int
read_time(struct signing *g, struct err *e)
{
	struct slice text = slice_str(g->set->time);
	uint64_t seconds;

	g->plan.lifetime = g->set->expire / 1000;
	g->plan.made = given_now(&g->run->given);
	if (!text.n || date_parse_3339(text, &g->plan.made, NULL))
		return 0;
	if (!slice_number(text, INT64_MAX / 2, &seconds))
		return err_set(e, ERR_USAGE,
		    "-t: '%s' is not a time: write 2026-01-31T12:00:00Z or "
		    "seconds since 1970",
		    g->set->time);
	g->plan.made = (int64_t)seconds;
	return 0;
}

static int
open_keys(struct signing *g, struct err *e)
{
	const struct opt_list *l = &g->set->selectors;

	if (l->n > DKIM_SIGNERS_MAX)
		return err_set(
		    e, ERR_USAGE, "more than %d signatures", DKIM_SIGNERS_MAX);
	for (size_t i = 0; i < l->n; i++) {
		struct slice file = slice_str(l->v[i]), selector;
		const char *name;
		bool both;

		selector = slice_take_until(&file, ':', &both);
		if (!both || !selector.n || !file.n)
			return err_set(e, ERR_USAGE,
			    "-s: '%s' is not SELECTOR:KEY", l->v[i]);
		if (dkimkey_name(selector, slice_str(g->set->domain),
			&g->run->arena, &name, e) < 0)
			return err_set(e, ERR_USAGE,
			    "'%.*s' and '%s' make no name for a key: a "
			    "selector and a domain have letters, digits, '-' "
			    "and dots",
			    SLICE_ARG(selector), g->set->domain);
		if (mdkimsign_open(g->run, g->set, file.p, &g->keys[i], e) < 0)
			return -1;
		g->signers[i].selector = arena_copy(&g->run->arena, selector);
		g->signers[i].key = g->keys[i];
		g->plan.signer_count++;
	}
	return 0;
}

static int
make_plan(struct signing *g, struct err *e)
{
	struct slice domain;

	if (g->set->table && (g->set->domain || g->set->selectors.n))
		return err_set(e, ERR_USAGE, "--keys goes without -d and -s");
	if (!g->set->table && (!g->set->domain || !g->set->selectors.n))
		return err_set(e, ERR_USAGE,
		    "nothing to sign with: give -d DOMAIN and -s "
		    "SELECTOR:KEY");
	g->plan.signers = g->signers;
	g->plan.names = g->set->headers;
	g->plan.plain = g->set->plain;
	g->plan.auid = g->set->identity;
	g->plan.short_keys = g->set->force;
	if (g->set->table)
		return read_canon(g, e) < 0 || read_time(g, e) < 0
		           ? -1
		           : mdkimsign_table_open(g->run, g->set, &g->table, e);
	if (idna_to_dns(slice_str(g->set->domain), &g->run->arena, &domain, e) <
	    0) {
		e->kind = ERR_USAGE;
		return err_in(e, "-d");
	}
	g->plan.domain = domain.p;
	if (g->set->seal && g->set->selectors.n > 1)
		return err_set(e, ERR_USAGE, "--seal takes one -s");
	if (g->set->dkim2 &&
	    (!g->set->experimental || !g->set->from || !g->set->rcpt.n))
		return err_set(e, ERR_USAGE,
		    "--dkim2 is a draft: it needs --experimental, and the "
		    "envelope with --from and --rcpt");
	if (g->set->replace && (g->set->header_only || g->set->seal))
		return err_set(e, ERR_USAGE,
		    "--replace goes without --header-only and --seal");
	if (g->set->cv && !g->set->seal)
		return err_set(e, ERR_USAGE, "--cv goes with --seal");
	if (read_canon(g, e) < 0 || read_time(g, e) < 0)
		return -1;
	return open_keys(g, e);
}

/* What the next server would mend, and break the signature by it (RFC 6376
 * 5.3; RFC 5322 2.1.1). */
static int
check_lines(const struct io_map *map, struct slice message, struct err *e)
{
	struct eol_facts f;

	eol_scan_map(message, map, &f);
	if (f.bare_cr_line)
		return err_set(e, ERR_DATA,
		    "line %llu: a CR without LF, which servers change or "
		    "refuse: mend it, or --force",
		    (unsigned long long)f.bare_cr_line);
	if (f.long_line)
		return err_set(e, ERR_DATA,
		    "line %llu: over %d octets, which servers wrap: encode "
		    "it, or --force",
		    (unsigned long long)f.long_line, EOL_LINE_MAX);
	return 0;
}

/* One-click unsubscription counts only when it is signed (RFC 8058 4). */
static int
check_list(struct signing *g, const struct dkim_letter *m, struct err *e)
{
	static const char *const fields[] = { "List-Unsubscribe",
		"List-Unsubscribe-Post" };

	for (size_t i = 0; g->plan.names && i < COUNT_OF(fields); i++) {
		struct slice list = slice_str(g->plan.names), name;
		bool named = false;
		size_t at = 0;

		while (at < m->count &&
		       !slice_is_nocase(
			   letter_field_name(m->fields[at]), fields[i]))
			at++;
		while (taglist_item(&list, ':', &name))
			named |= slice_is_nocase(name, fields[i]);
		if (at < m->count && !named)
			return err_set(e, ERR_DATA,
			    "line %zu: %s, which RFC 8058 wants signed, is "
			    "not named by -h: name it, or --force",
			    letter_line(m, at), fields[i]);
	}
	return 0;
}

static int
seal(struct signing *g, const struct dkim_letter *m,
    const struct dkim_plan *plan, const char *eol, struct buf *out,
    struct err *e)
{
	struct slice cv = slice_str(g->set->cv);
	struct arc_plan p = { .authserv_id = g->set->seal,
		.sign = *plan,
		.cv = slice_is(cv, "none")   ? ARC_NONE
		      : slice_is(cv, "pass") ? ARC_PASS
		      : slice_is(cv, "fail") ? ARC_FAIL
		                             : ARC_UNKNOWN };

	p.sign.plain = true; /* forwarders add fields */
	return arc_seal(m, &p, eol, out, e);
}

static int
add_fields(struct signing *g, const struct dkim_letter *m, const char *eol,
    struct buf *out, struct err *e)
{
	const struct dkim2_envelope env = { .sender = g->set->from,
		.recipients = g->set->rcpt.v,
		.recipient_count = g->set->rcpt.n };
	struct dkim_signer room[DKIM_SIGNERS_MAX];
	struct dkim_plan plan = g->plan;
	struct arena a = { 0 };
	int r = 0;

	if (g->table)
		r = mdkimsign_table_plan(g->table, m, &plan, room, &a, e);
	if (r == 0 && g->set->seal)
		r = seal(g, m, &plan, eol, out, e);
	else if (r == 0 && g->set->dkim2)
		r = dkim2_sign(m, &plan, &env, eol, out, e);
	else if (r == 0)
		r = dkim_sign(m, &plan, eol, out, e);
	arena_free(&a);
	return r;
}

/* An older signature of the same domain, or of any with a table. */
static bool
is_replaced(const struct signing *g, struct slice field)
{
	struct taglist tags;

	if (!slice_is_nocase(letter_field_name(field), "DKIM-Signature"))
		return false;
	slice_take_until(&field, ':', NULL);
	taglist_parse(field, &tags, NULL);
	return !g->plan.domain ||
	       slice_is_nocase(taglist_get(&tags, "d", ""), g->plan.domain);
}

/* The header without what is replaced, behind the new fields; the message goes
 * on behind it. */
static void
replace(
    const struct signing *g, struct filter_item *i, const struct dkim_letter *m)
{
	const char *end = i->bytes.p;

	for (size_t k = 0; k < m->count; k++) {
		if (!is_replaced(g, m->fields[k]))
			buf_slice(&i->made, m->fields[k]);
		end = m->fields[k].p + m->fields[k].n;
	}
	slice_take(&i->bytes, (size_t)(end - i->bytes.p));
}

static void
sign(struct filter_item *i, void *arg)
{
	struct signing *g = arg;
	struct dkim_letter m;
	struct slice message = i->bytes;

	i->bad = (!g->set->force && check_lines(i->map, message, &i->e) < 0) ||
	         letter_read(message, &i->arena, &m, &i->e) < 0 ||
	         (!g->set->force && check_list(g, &m, &i->e) < 0);
	if (i->bad)
		return;
	m.map = i->map;
	i->bad = add_fields(g, &m, letter_eol(message), &i->made, &i->e) < 0;
	if (!i->bad && g->set->replace)
		replace(g, i, &m);
}

/* The fields on top, and the message as it came. */
static void
put(struct filter_item *i, void *arg)
{
	struct signing *g = arg;

	if (g->set->header_only)
		tool_output(g->run, buf_view(&i->made));
	else
		filter_put(&g->filter, i, buf_view(&i->made), i->bytes);
}

static void
sign_all(struct tool_run *run, const SET *set)
{
	struct signing g = { .run = run, .set = set };
	struct err e;

	g.filter =
	    (struct filter){ .run = run, .work = sign, .done = put, .arg = &g };
	if (set->common.json) {
		err_set(&e, ERR_USAGE, "--json goes with --record");
		tool_fail(run, &e);
	} else if (make_plan(&g, &e) < 0) {
		tool_fail(run, &e);
	} else {
		filter_run(&g.filter);
	}
	for (size_t i = 0; i < DKIM_SIGNERS_MAX; i++)
		key_free(&g.keys[i]);
	mdkimsign_table_free(&g.table);
}

int
main(int argc, char **argv)
{
	static const struct tool tool = {
		.name = "mdkimsign",
		.synopsis = "-d DOMAIN -s SEL:KEY [option ...] [file ...]",
		.purpose = "sign messages with DKIM",
		.note = "DKIM2: " DKIM2_DRAFT " (--experimental)",
		.options = options,
		.settings_size = sizeof(SET),
	};
	SET set = { 0 };
	struct tool_run run;
	struct err e;

	if (tool_begin(&run, &tool, argc, argv, &set) < 0)
		return tool_end(&run);
	if (!set.rotate && (set.step || set.lag || set.keep || set.every)) {
		err_set(&e, ERR_USAGE, "%s is for --rotate FILE",
		    set.step   ? "--step"
		    : set.lag  ? "--lag"
		    : set.keep ? "--keep"
			       : "--every");
		tool_fail(&run, &e);
	} else if (set.rotate)
		mdkimsign_rotate(&run, &set);
	else if (set.genkey)
		mdkimsign_genkey(&run, &set);
	else if (set.check)
		mdkimsign_check(&run, &set);
	else if (set.record)
		mdkimsign_record(&run, &set);
	else
		sign_all(&run, &set);
	return tool_end(&run);
}
