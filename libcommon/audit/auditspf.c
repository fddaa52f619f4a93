/* SPF records as a tree: every term looked at as if it were evaluated (RFC
 * 7208). The syntax of one record is auditspfterm.c's.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/buf.h"

#include "auth/spf.h"

#include "audit/auditparts.h"
#include "audit/auditspf.h"

#define SEVERAL_MAX   1000 /* octets of several records that are told */
#define LENGTH_NOTICE 450  /* octets (3.4) */
#define LENGTH_WARN   512
#define LOOKUPS_NEAR  9
#define TIME_MAX      20000 /* ms (4.6.4) */

static bool
has_macro(struct slice s)
{
	return slice_find(s, '%') != SIZE_MAX;
}

/* The domain of a term as a name; null when macros make it. */
static const char *
target(struct spf_walk *w, const struct spfrecord_term *t)
{
	if (t->domain.n == 0)
		return w->path[w->depth - 1];
	if (has_macro(t->domain))
		return NULL;
	return dns_name_escape(slice_trim_end(t->domain), w->au->a);
}

static void
count_void(struct spf_walk *w, const char *name, const char *record,
    const struct spfrecord_term *t)
{
	w->voids++;
	audit_add(w->au, AUDIT_SPF_VOID, record, "TXT", t->span,
	    "'%.*s': '%s' has no records", SLICE_ARG(t->text), name);
}

static void
walk_mx(struct spf_walk *w, const char *name, const char *record,
    const struct spfrecord_term *t)
{
	struct dns_answer r;

	audit_ask(w->au, name, DNS_MX, &r);
	if (audit_says_no(&r))
		audit_add(w->au, AUDIT_SPF_MX_VOID, record, "TXT", t->span,
		    "'%s'", name);
	if (r.count > SPF_MX_MAX)
		audit_add(w->au, AUDIT_SPF_MX_LIMIT, record, "TXT", t->span,
		    "'%s' has %zu MX hosts", name, r.count);
	if (audit_says_no(&r))
		count_void(w, name, record, t);
}

static void
walk_a(struct spf_walk *w, const char *name, const char *record,
    const struct spfrecord_term *t)
{
	struct dns_answer v4, v6 = { .status = DNS_NODATA };

	audit_ask(w->au, name, DNS_A, &v4);
	if (t->kind == SPFRECORD_A)
		audit_ask(w->au, name, DNS_AAAA, &v6);
	if (!audit_says_no(&v4) || !audit_says_no(&v6))
		return;
	count_void(w, name, record, t);
	if (t->kind == SPFRECORD_A)
		audit_add(w->au, AUDIT_SPF_A_VOID, record, "TXT", t->span,
		    "'%s'", name);
}

static bool
is_seen(struct spf_walk *w, const char *name)
{
	for (size_t i = 0; i < w->seen_count; i++)
		if (dns_name_equal(w->seen[i], name))
			return true;
	return false;
}

static bool
is_on_path(struct spf_walk *w, const char *name)
{
	for (size_t i = 0; i < w->depth; i++)
		if (dns_name_equal(w->path[i], name))
			return true;
	return false;
}

/* include and redirect. */
static void
walk_other(struct spf_walk *w, const char *name, const char *record,
    const struct spfrecord_term *t)
{
	bool include = t->kind == SPFRECORD_INCLUDE;
	enum spf_state got;

	if (is_on_path(w, name)) {
		audit_add(w->au,
		    include ? AUDIT_SPF_INCLUDE_LOOP : AUDIT_SPF_REDIRECT_LOOP,
		    record, "TXT", t->span, "'%.*s' leads back",
		    SLICE_ARG(t->text));
		return;
	}
	if (include && is_seen(w, name))
		audit_add(w->au, AUDIT_SPF_INCLUDE_DUPLICATE, record, "TXT",
		    t->span, "'%.*s'", SLICE_ARG(t->text));
	got = audit_spf_walk(w, name, !include && w->last);
	if (got == SPF_STATE_NONE)
		audit_add(w->au,
		    include ? AUDIT_SPF_INCLUDE_NO_RECORD
			    : AUDIT_SPF_REDIRECT_NO_RECORD,
		    record, "TXT", t->span, "'%s' has no SPF record", name);
	else if (got == SPF_STATE_BAD && include)
		audit_add(w->au, AUDIT_SPF_INCLUDE_ERROR, record, "TXT",
		    t->span, "'%s'", name);
	else if (got == SPF_STATE_UNKNOWN && include)
		audit_add(w->au, AUDIT_SPF_INCLUDE_TEMPERROR, record, "TXT",
		    t->span, "'%s'", name);
	else if (got == SPF_STATE_OPEN && include)
		audit_add(w->au, AUDIT_SPF_INCLUDE_ALL_PASS, record, "TXT",
		    t->span, "'%s' ends in +all", name);
}

/* A term that looks something up (4.6.4). */
static void
walk_term(
    struct spf_walk *w, const char *record, const struct spfrecord_term *t)
{
	const char *name = target(w, t);

	w->lookups++;
	if (!name)
		return;
	if (audit_is_unregistered(w->au, name))
		audit_add(w->au, AUDIT_SPF_INCLUDE_UNREGISTERED, record, "TXT",
		    t->span, "'%s'", name);
	switch (t->kind) {
	case SPFRECORD_INCLUDE:
	case SPFRECORD_REDIRECT:
		walk_other(w, name, record, t);
		break;
	case SPFRECORD_MX:
		walk_mx(w, name, record, t);
		break;
	case SPFRECORD_A:
	case SPFRECORD_EXISTS:
		walk_a(w, name, record, t);
		break;
	default: /* ptr asks about the client */
		break;
	}
}

static void
walk_exp(struct spf_walk *w, const char *record, const struct spfrecord_term *t)
{
	const char *name = target(w, t);
	struct dns_answer r;

	if (!name)
		return;
	audit_ask(w->au, name, DNS_TXT, &r);
	if (r.count > 1)
		audit_add(w->au, AUDIT_SPF_EXP_MULTIPLE_TXT, record, "TXT",
		    t->span, "'%s' has %zu", name, r.count);
	else if (r.count == 1 &&
		 !spfrecord_macros_ok(r.records[0].txt.text, true))
		audit_add(w->au, AUDIT_SPF_EXP_BAD_MACRO, name, "TXT", NULL,
		    "'%.*s'", (int)size_min(r.records[0].txt.text.n, 100),
		    r.records[0].txt.text.p);
	if (audit_says_no(&r))
		audit_add(w->au, AUDIT_SPF_EXP_NO_TXT, record, "TXT", t->span,
		    "'%s'", name);
}

static enum spf_state
walk_terms(struct spf_walk *w, const char *record, const struct spfrecord *r)
{
	enum spf_state state = SPF_STATE_GOOD;
	bool all = false;

	for (size_t i = 0; i < r->count; i++) {
		const struct spfrecord_term *t = &r->terms[i];

		if (t->kind == SPFRECORD_ALL && !all) {
			all = true;
			if (w->last)
				w->all = t->qualifier;
			if (t->qualifier == '+')
				state = SPF_STATE_OPEN;
		}
		if ((all && t->kind != SPFRECORD_EXP) ||
		    t->kind == SPFRECORD_REDIRECT || t->kind == SPFRECORD_IP4 ||
		    t->kind == SPFRECORD_IP6 || t->kind == SPFRECORD_UNKNOWN)
			continue;
		if (t->kind == SPFRECORD_EXP)
			walk_exp(w, record, t);
		else
			walk_term(w, record, t);
	}
	if (!all && r->redirect)
		walk_term(w, record, r->redirect);
	return state;
}

/* TXT records that are meant to be SPF and are none (4.5). */
static void
check_lookalike(struct audit *au, const char *owner, struct slice text)
{
	struct slice s = slice_trim_start(text);

	if (s.n != text.n && slice_starts_nocase(s, "v=spf1"))
		audit_add(au, AUDIT_SPF_LEADING_SPACE, owner, "TXT", NULL,
		    "'%.*s'", (int)size_min(text.n, 40), text.p);
	else if (slice_starts_nocase(text, "v=spf1"))
		audit_add(au, AUDIT_SPF_VERSION_GLUED, owner, "TXT", NULL,
		    "'%.*s'", (int)size_min(text.n, 40), text.p);
	else if (slice_starts_nocase(text, "\"v=spf1"))
		audit_add(au, AUDIT_SPF_QUOTE_IN_DATA, owner, "TXT", NULL,
		    "'%.*s'", (int)size_min(text.n, 40), text.p);
	else if (slice_starts_nocase(text, "spf2.0/"))
		audit_add(au, AUDIT_SPF_SENDERID, owner, "TXT", NULL, "'%.*s'",
		    (int)size_min(text.n, 40), text.p);
}

static void
check_length(struct audit *au, const char *owner, size_t n)
{
	if (n > LENGTH_NOTICE)
		audit_add(au,
		    n > LENGTH_WARN ? AUDIT_SPF_OVER_512 : AUDIT_SPF_OVER_450,
		    owner, "TXT", NULL, "%zu octets", n);
}

static int
compare_text(const void *a, const void *b)
{
	return slice_compare(
	    *(const struct slice *)a, *(const struct slice *)b);
}

/* Each of them, in an order that servers do not change. */
static void
tell_several(struct audit *au, const char *name, const struct dns_answer *r)
{
	struct slice *texts = arena_array(au->a, r->count, sizeof(*texts));
	size_t n = 0;
	struct buf out;

	for (size_t i = 0; i < r->count; i++)
		if (spfrecord_is(r->records[i].txt.text))
			texts[n++] = r->records[i].txt.text;
	qsort(texts, n, sizeof(*texts), compare_text);
	buf_init(&out, SEVERAL_MAX);
	for (size_t i = 0; i < n; i++)
		buf_fmt(
		    &out, "%s\"%.*s\"", i ? " and " : "", SLICE_ARG(texts[i]));
	audit_add(au, AUDIT_SPF_MULTIPLE, name, "TXT", NULL, "%zu records: %s",
	    n, buf_str(&out));
	buf_free(&out);
}

enum spf_state
audit_spf_walk(struct spf_walk *w, const char *name, bool last)
{
	const struct dns_record *found = NULL;
	struct dns_answer answer;
	struct spfrecord r;
	bool outer = w->last;
	enum spf_state state;
	size_t count = 0;

	if (w->depth == AUDIT_DEPTH_MAX || w->seen_count == AUDIT_RECORDS_MAX)
		return SPF_STATE_UNKNOWN;
	w->seen[w->seen_count++] = name;
	audit_ask(w->au, name, DNS_TXT, &answer);
	if (dns_unknown(answer.status) || answer.outside)
		return dns_unknown(answer.status) ? SPF_STATE_UNKNOWN
		                                  : SPF_STATE_OUTSIDE;
	for (size_t i = 0; i < answer.count; i++) {
		if (spfrecord_is(answer.records[i].txt.text)) {
			found = &answer.records[i];
			count++;
		} else {
			check_lookalike(
			    w->au, name, answer.records[i].txt.text);
		}
	}
	if (count > 1)
		tell_several(w->au, name, &answer);
	if (count != 1)
		return count ? SPF_STATE_BAD : SPF_STATE_NONE;
	if (w->depth == 0)
		w->au->r->spf_record = found->txt.text;
	check_length(w->au, name, found->txt.text.n);
	if (answer.marks & DNS_TOO_LONG && found->txt.n > 1)
		audit_add(w->au, AUDIT_SPF_STRING_OVER_255, name, "TXT", NULL,
		    "%s", "");
	w->path[w->depth++] = name;
	w->last = last;
	state = audit_spf_record(w, name, found, &r) ? walk_terms(w, name, &r)
	                                             : SPF_STATE_BAD;
	w->last = outer;
	w->depth--;
	return state;
}

static void
check_limits(struct spf_walk *w, const char *domain)
{
	if (w->lookups > SPF_LOOKUPS_MAX)
		audit_add(w->au, AUDIT_SPF_LOOKUP_LIMIT, domain, "TXT", NULL,
		    "%u terms look something up, 10 may", w->lookups);
	else if (w->lookups >= LOOKUPS_NEAR)
		audit_add(w->au, AUDIT_SPF_LOOKUP_NEAR, domain, "TXT", NULL,
		    "%u of 10", w->lookups);
	if (w->voids > SPF_VOIDS_MAX)
		audit_add(w->au, AUDIT_SPF_VOID_LIMIT, domain, "TXT", NULL,
		    "%u lookups have no answer, 2 may", w->voids);
}

/* How the record of the domain ends. */
static void
check_end(struct audit *au, const struct spf_walk *w, const char *domain)
{
	static const struct {
		int qualifier;
		enum audit_id id;
	} ends[] = {
		{ '+', AUDIT_SPF_ALL_PASS },
		{ '?', AUDIT_SPF_ALL_NEUTRAL },
		{ '~', AUDIT_SPF_ALL_SOFTFAIL },
	};

	if (slice_is_nocase(au->r->spf_record, "v=spf1 -all"))
		audit_add(au, AUDIT_SPF_NULL, domain, "TXT", NULL, "%s", "");
	for (size_t i = 0; i < COUNT_OF(ends); i++)
		if (w->all == ends[i].qualifier)
			audit_add(
			    au, ends[i].id, domain, "TXT", NULL, "%s", "");
}

/* 3.4: all TXT records at the domain travel in one answer. */
static void
check_answer(struct audit *au)
{
	struct dns_answer r;
	size_t total = 0;

	audit_ask(au, au->r->ascii, DNS_TXT, &r);
	for (size_t i = 0; i < r.count; i++)
		total += r.records[i].txt.text.n;
	if (total > LENGTH_WARN)
		audit_add(au,
		    total > DNS_UDP_SIZE ? AUDIT_DNS_TXT_RRSET_OVER_1232
					 : AUDIT_DNS_TXT_RRSET_OVER_512,
		    au->r->ascii, "TXT", NULL, "%zu octets in %zu records",
		    total, r.count);
}

/* 2.3: the names that mail hosts greet with, where they are the domain's. */
static void
check_hosts(struct audit *au)
{
	for (size_t i = 0; i < au->r->host_count; i++) {
		const char *host = au->r->hosts[i].name;
		bool there = false;
		struct dns_answer r;

		if (!dns_name_under(host, au->r->ascii) ||
		    dns_name_equal(host, au->r->ascii) ||
		    au->r->hosts[i].count == 0)
			continue;
		audit_ask(au, host, DNS_TXT, &r);
		for (size_t j = 0; j < r.count; j++)
			there |= spfrecord_is(r.records[j].txt.text);
		if (!there && !dns_unknown(r.status) && !r.outside)
			audit_add(au, AUDIT_SPF_HELO_MISSING, host, "TXT", NULL,
			    "%s", "");
	}
}

void
audit_spf(struct audit *au)
{
	static const char *const names[] = { "record", "record", "bad", "none",
		"unknown", "unknown" };
	struct audit_report *r = au->r;
	struct spf_walk w = { .au = au };
	struct dns_answer old;
	uint64_t start = au->took;
	enum spf_state state = audit_spf_walk(&w, r->ascii, true);

	r->spf_state = names[state];
	r->spf_lookups = w.lookups;
	r->spf_voids = w.voids;
	r->spf_all = w.all;
	if (state == SPF_STATE_NONE && !au->nxdomain)
		audit_add(
		    au, AUDIT_SPF_MISSING, r->ascii, "TXT", NULL, "%s", "");
	check_answer(au);
	check_limits(&w, r->ascii);
	if (au->took - start > TIME_MAX)
		audit_add(au, AUDIT_SPF_TIME_LIMIT, r->ascii, "TXT", NULL,
		    "%llu seconds",
		    (unsigned long long)(au->took - start) / 1000);
	check_end(au, &w, r->ascii);
	if (state == SPF_STATE_GOOD)
		check_hosts(au);
	audit_ask(au, r->ascii, DNS_SPF, &old);
	if (old.count)
		audit_add(
		    au, AUDIT_SPF_TYPE99, r->ascii, "SPF", NULL, "%s", "");
}
