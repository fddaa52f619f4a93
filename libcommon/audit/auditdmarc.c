/* The DMARC policy that applies to a domain (RFC 9989): which record, and what
 * stands in it. Report addresses are auditrua.c's.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/taglist.h"

#include "auth/dmarcview.h"
#include "auth/orgdomain.h"

#include "audit/auditdmarc.h"

#define LENGTH_NOTICE 450 /* octets */

/* Tags whose value is one word of a few. */
static const struct word_tag {
	const char *name;
	const char *words; /* with spaces around each */
	enum audit_id id;
} word_tags[] = {
	{ "p", " none quarantine reject ", AUDIT_DMARC_P_INVALID },
	{ "sp", " none quarantine reject ", AUDIT_DMARC_SP_INVALID },
	{ "np", " none quarantine reject ", AUDIT_DMARC_NP_INVALID },
	{ "psd", " y n u ", AUDIT_DMARC_PSD_INVALID },
	{ "t", " y n ", AUDIT_DMARC_T_INVALID },
	{ "adkim", " r s ", AUDIT_DMARC_ADKIM_INVALID },
	{ "aspf", " r s ", AUDIT_DMARC_ASPF_INVALID },
};

static bool
is_word(struct slice v, const char *words, struct arena *a)
{
	const char *word = arena_fmt(a, " %.*s ", SLICE_ARG(v));

	return slice_find(v, ' ') == SIZE_MAX &&
	       slice_search_nocase(slice_str(words), slice_str(word)) !=
	           SIZE_MAX;
}

/* fo = dmarc-fo-value *( *WSP ":" *WSP ( "0" / "1" / "d" / "s" ) ) */
static bool
fo_ok(struct slice v)
{
	struct slice item;

	while (taglist_item(&v, ':', &item))
		if (item.n != 1 || !strchr("01dsDS", item.p[0]))
			return false;
	return true;
}

static void
check_pct(
    struct audit *au, const char *owner, const struct tag *t, struct slice text)
{
	uint64_t pct;

	audit_add_tag(au, AUDIT_DMARC_PCT_REMOVED, owner, t, text);
	if (!slice_number(t->value, 100, &pct))
		audit_add_tag(au, AUDIT_DMARC_PCT_INVALID, owner, t, text);
	if (slice_number(t->value, 100, &pct) && pct < 100)
		audit_add_tag(au, AUDIT_DMARC_PCT_PARTIAL, owner, t, text);
}

static void
check_tag(
    struct audit *au, const char *owner, const struct tag *t, struct slice text)
{
	static const char known[] =
	    " v p sp np psd t adkim aspf rua ruf fo pct rf ri ";

	for (size_t i = 0; i < COUNT_OF(word_tags); i++)
		if (slice_is_nocase(t->name, word_tags[i].name) &&
		    !is_word(t->value, word_tags[i].words, au->a))
			audit_add_tag(au, word_tags[i].id, owner, t, text);
	if (slice_is_nocase(t->name, "pct"))
		check_pct(au, owner, t, text);
	else if (slice_is_nocase(t->name, "rf"))
		audit_add_tag(au, AUDIT_DMARC_RF_REMOVED, owner, t, text);
	else if (slice_is_nocase(t->name, "ri"))
		audit_add_tag(au, AUDIT_DMARC_RI_REMOVED, owner, t, text);
	else if (slice_is_nocase(t->name, "fo") && !fo_ok(t->value))
		audit_add_tag(au, AUDIT_DMARC_FO_INVALID, owner, t, text);
	else if (!is_word(t->name, known, au->a))
		audit_add_tag(au, AUDIT_DMARC_TAG_UNKNOWN, owner, t, text);
}

/* The policies against each other. */
static void
check_policies(struct audit *au, const char *owner, const struct taglist *tags,
    const struct dmarc_record *r)
{
	const struct tag *p = taglist_find(tags, "p");
	const struct tag *sp = taglist_find(tags, "sp");
	const struct tag *np = taglist_find(tags, "np");
	enum dmarc_policy sub = r->sp ? r->sp : r->p;

	if (r->p == DMARC_POLICY_NONE)
		audit_add_tag(au,
		    r->rua.n ? AUDIT_DMARC_P_NONE : AUDIT_DMARC_P_NONE_NO_RUA,
		    owner, p, r->text);
	if (r->p == DMARC_POLICY_QUARANTINE)
		audit_add_tag(au, AUDIT_DMARC_P_QUARANTINE, owner, p, r->text);
	if (r->sp == DMARC_POLICY_NONE)
		audit_add_tag(au, AUDIT_DMARC_SP_NONE, owner, sp, r->text);
	if (r->sp && r->sp < r->p)
		audit_add_tag(au, AUDIT_DMARC_SP_WEAKER, owner, sp, r->text);
	if (!np && sub < DMARC_POLICY_REJECT)
		audit_add_tag(au, AUDIT_DMARC_NP_ABSENT, owner, NULL, r->text);
	if (p && p != &tags->tag[1])
		audit_add_tag(au, AUDIT_DMARC_P_NOT_SECOND, owner, p, r->text);
	if (r->np && r->np < sub)
		audit_add_tag(au, AUDIT_DMARC_NP_WEAKER, owner, np, r->text);
	if (!p && r->p)
		audit_add_tag(
		    au, AUDIT_DMARC_P_MISSING_RUA, owner, NULL, r->text);
}

static void
check_modes(struct audit *au, const char *owner, const struct taglist *tags,
    const struct dmarc_record *r)
{
	if (r->testing)
		audit_add_tag(au, AUDIT_DMARC_TEST_MODE, owner,
		    taglist_find(tags, "t"), r->text);
	if (r->psd == DMARC_PSD_NO)
		audit_add_tag(au, AUDIT_DMARC_PSD_N, owner,
		    taglist_find(tags, "psd"), r->text);
	if (r->strict_dkim)
		audit_add_tag(au, AUDIT_DMARC_STRICT, owner,
		    taglist_find(tags, "adkim"), r->text);
	if (r->strict_spf)
		audit_add_tag(au, AUDIT_DMARC_STRICT, owner,
		    taglist_find(tags, "aspf"), r->text);
	if (slice_find(r->fo, '0') != SIZE_MAX &&
	    slice_find(r->fo, '1') != SIZE_MAX)
		audit_add_tag(au, AUDIT_DMARC_FO_REDUNDANT, owner,
		    taglist_find(tags, "fo"), r->text);
	if (r->fo.n && !r->ruf.n)
		audit_add_tag(au, AUDIT_DMARC_FO_NO_RUF, owner,
		    taglist_find(tags, "fo"), r->text);
	if (!r->rua.n && r->p > DMARC_POLICY_NONE)
		audit_add_tag(
		    au, AUDIT_DMARC_RUA_MISSING, owner, NULL, r->text);
	if (r->ruf.n)
		audit_add_tag(au, AUDIT_DMARC_RUF_PRESENT, owner,
		    taglist_find(tags, "ruf"), r->text);
}

/* psd= against the Public Suffix List. */
static void
check_suffix(struct audit *au, const char *domain, const struct dmarc_record *r)
{
	const char *owner = arena_fmt(au->a, "_dmarc.%s", domain);
	bool suffix = orgdomain_is_suffix(domain);

	if (!orgdomain_known())
		return;
	if (r->psd == DMARC_PSD_YES && !suffix)
		audit_add(au, AUDIT_DMARC_PSD_Y_NOT_PSD, owner, "TXT", NULL,
		    "'%s'", domain);
	if (r->psd != DMARC_PSD_YES && suffix)
		audit_add(au, AUDIT_DMARC_ON_PUBLIC_SUFFIX, owner, "TXT", NULL,
		    "'%s'", domain);
}

/* The one record that stands at a name. */
static void
check_record(struct audit *au, const char *domain, struct slice text)
{
	const char *owner = arena_fmt(au->a, "_dmarc.%s", domain);
	struct dmarc_record r;
	struct taglist tags;
	struct err e;
	int got;

	if (taglist_parse(text, &tags, &e) < 0) {
		bool twice = strstr(e.text, "twice") != NULL;

		audit_add(au,
		    twice ? AUDIT_DMARC_TAG_DUPLICATE : AUDIT_DMARC_SYNTAX,
		    owner, "TXT", NULL, "%s", e.text);
	}
	for (size_t i = 0; i < tags.n; i++)
		check_tag(au, owner, &tags.tag[i], text);
	got = dmarc_parse(text, &r, NULL);
	if (got < 0 && !taglist_find(&tags, "p"))
		audit_add_tag(au, AUDIT_DMARC_P_MISSING, owner, NULL, text);
	if (got <= 0)
		return;
	if (text.n > LENGTH_NOTICE)
		audit_add(au, AUDIT_DMARC_OVER_450, owner, "TXT", NULL,
		    "%zu octets", text.n);
	check_suffix(au, domain, &r);
	check_policies(au, owner, &tags, &r);
	check_modes(au, owner, &tags, &r);
	audit_rua(au, domain, &r);
}

/* A TXT record at the _dmarc name that is no DMARC record. */
static void
check_other(struct audit *au, const char *owner, struct slice text)
{
	enum audit_id id = AUDIT_DMARC_UNRELATED_TXT;
	struct slice s = slice_trim_start(text);

	if (slice_starts_nocase(s, "v=spf1"))
		id = AUDIT_DMARC_SPF_HERE;
	else if (slice_starts(s, "v=DMARC1") && s.n != text.n)
		id = AUDIT_DMARC_LEADING_SPACE;
	else if (slice_starts_nocase(s, "v=DMARC1"))
		id = AUDIT_DMARC_VERSION_CASE;
	else if (slice_search_nocase(s, slice_str("v=DMARC1")) != SIZE_MAX)
		id = AUDIT_DMARC_VERSION_NOT_FIRST;
	audit_add(au, id, owner, "TXT", NULL, "'%.*s'",
	    (int)size_min(text.n, 60), text.p);
}

/* All TXT records at the _dmarc name: how many are DMARC. */
static size_t
check_name(struct audit *au, const char *domain)
{
	const char *owner = arena_fmt(au->a, "_dmarc.%s", domain);
	struct slice text = { 0 };
	struct dmarc_record r;
	struct dns_answer got;
	size_t count = 0;

	audit_ask(au, owner, DNS_TXT, &got);
	if (got.wildcard && got.count)
		audit_add(
		    au, AUDIT_DNS_WILDCARD_SYNTH, owner, "TXT", NULL, "%s", "");
	for (size_t i = 0; i < got.count; i++) {
		struct slice t = got.records[i].txt.text;

		if (dmarc_parse(t, &r, NULL) == 0) {
			check_other(au, owner, t);
			continue;
		}
		text = t;
		count++;
	}
	if (count > 1)
		audit_add(au, AUDIT_DMARC_MULTIPLE, owner, "TXT", NULL,
		    "%zu records", count);
	if (count == 1)
		check_record(au, domain, text);
	return count;
}

static void
check_apex(struct audit *au)
{
	struct dns_answer r;

	audit_ask(au, au->r->ascii, DNS_TXT, &r);
	for (size_t i = 0; i < r.count; i++)
		if (slice_starts_nocase(
			slice_trim_start(r.records[i].txt.text), "v=DMARC1"))
			audit_add(au, AUDIT_DMARC_AT_APEX, au->r->ascii, "TXT",
			    NULL, "%s", "");
}

static void
take_policy(
    struct audit *au, const struct dmarc_walk *w, const struct dmarc_step *step)
{
	struct audit_report *r = au->r;
	const struct dmarc_record *record = step->record;
	bool own = step == &w->step[0];

	r->dmarc_state = "record";
	r->dmarc_record = record->text;
	r->dmarc_at = step->domain;
	r->dmarc_policy = own || !record->sp ? record->p : record->sp;
	if (own)
		return;
	audit_add(au, AUDIT_DMARC_INHERITED,
	    arena_fmt(au->a, "_dmarc.%s", step->domain), "TXT", NULL,
	    "policy of '%s'", step->domain);
	check_name(au, step->domain);
}

/* What receivers of the two generations make of it. */
static void
check_views(struct audit *au, const struct dmarc_walk *w)
{
	const char *owner = arena_fmt(au->a, "_dmarc.%s", au->r->ascii);
	struct audit_report *r = au->r;
	struct dmarc_view old;

	dmarc_view_of(w, &r->dmarc_view);
	if (dmarc_view_old(au->dns, r->ascii, au->a, &old, au->e) < 0) {
		au->broken = true;
		return;
	}
	r->dmarc_old = old;
	if (!r->dmarc_view.known || !old.known ||
	    (!w->step[0].record && !r->dmarc_view.record && !old.record))
		return;
	if (!dns_name_equal(r->dmarc_view.org, old.org))
		audit_add(au, AUDIT_DMARC_PSL_DIFFERS, owner, "TXT", NULL,
		    "'%s' by the tree, '%s' by the list", r->dmarc_view.org,
		    old.org);
	if (r->dmarc_view.domain != old.domain)
		audit_add(au, AUDIT_DMARC_POLICY_PSL_DIFFERS, owner, "TXT",
		    NULL, "%s by the tree, %s by the list",
		    dmarc_policy_name(r->dmarc_view.domain),
		    dmarc_policy_name(old.domain));
}

void
audit_dmarc(struct audit *au)
{
	struct audit_report *r = au->r;
	const struct dmarc_step *step;
	struct dmarc_walk w;
	size_t own;

	r->dmarc_state = "unknown";
	if (au->nxdomain || dmarc_walk(au->dns, r->ascii, au->a, &w, au->e) < 0)
		return;
	own = check_name(au, r->ascii);
	check_views(au, &w);
	if (w.step[0].record && w.step[0].record->sp && !w.unknown &&
	    !dns_name_equal(w.org, r->ascii))
		audit_add(au, AUDIT_DMARC_SP_INEFFECTIVE,
		    arena_fmt(au->a, "_dmarc.%s", r->ascii), "TXT", NULL, "%s",
		    "");
	check_apex(au);
	r->dmarc_org = w.unknown ? NULL : w.org;
	step = dmarc_policy_step(&w);
	if (w.unknown)
		audit_add(au, AUDIT_DMARC_WALK_UNKNOWN,
		    arena_fmt(au->a, "_dmarc.%s", w.step[w.count - 1].domain),
		    "TXT", NULL, "%s",
		    dns_status_name(w.step[w.count - 1].status));
	if (step && (!w.unknown || step == &w.step[0])) {
		take_policy(au, &w, step);
		return;
	}
	if (w.unknown || w.step[0].outside)
		return;
	r->dmarc_state = own ? "bad" : "none";
	if (own == 0)
		audit_add(au, AUDIT_DMARC_MISSING,
		    arena_fmt(au->a, "_dmarc.%s", r->ascii), "TXT", NULL, "%s",
		    "");
}
