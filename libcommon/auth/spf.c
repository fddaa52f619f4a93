/* check_host() of RFC 7208. Section numbers are those of that RFC.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "auth/spf.h"
#include "auth/spfmacro.h"
#include "auth/spfrecord.h"

/* One check, through all its records. */
struct check {
	struct dns *dns;
	struct arena *a;
	struct err *e;
	struct spfmacro macro; /* its domain is that of the record at hand */
	struct spf_verdict *v;
	unsigned lookups, voids;
	bool broken; /* the machine failed; e says how */
	bool early;  /* an answer is not there yet; nothing more is asked */
	const struct spf_query *q;
	unsigned depth; /* includes around the record at hand */
};

/* What became of one mechanism (4.6.2). */
enum match { MATCH_NO, MATCH_YES, MATCH_TEMPERROR, MATCH_PERMERROR };

static enum spf_result check_host(
    struct check *c, struct slice domain, struct spfrecord *r);

const char *
spf_result_name(enum spf_result r)
{
	static const char *const names[] = { "none", "neutral", "pass", "fail",
		"softfail", "temperror", "permerror" };

	return names[r];
}

static const char *
text_of(struct check *c, struct slice s)
{
	return arena_copy(c->a, s);
}

/* Asks all of them together; some may not be there yet. */
static void
ask_early(struct check *c, struct dns_question *q, size_t n)
{
	bool skip = c->early;

	for (size_t i = 0; i < n; i++) {
		bool there = !skip && c->q->ask(c->q->arg, q[i].name, q[i].type,
					  &q[i].answer);

		if (there)
			continue;
		c->early = true;
		q[i].answer = (struct dns_answer){ .status = DNS_TIMEOUT,
			.name = q[i].name };
	}
}

static void
ask_all(struct check *c, struct dns_question *q, size_t n)
{
	if (c->q->ask) {
		ask_early(c, q, n);
	} else if (n && dns_query_all(c->dns, q, n, c->a, c->e) < 0) {
		c->broken = true;
		for (size_t i = 0; i < n; i++)
			q[i].answer.status = DNS_TIMEOUT;
	}
}

/* Asks for raw, a domain as octets. What is no name does not exist. */
static void
ask(struct check *c, struct slice raw, enum dns_type type, struct dns_answer *r)
{
	struct dns_question q = { .name = dns_name_escape(raw, c->a),
		.type = type };

	q.answer =
	    (struct dns_answer){ .status = DNS_NXDOMAIN, .name = q.name };
	if (dns_name_ok(q.name))
		ask_all(c, &q, 1);
	*r = q.answer;
}

/* 4.6.4: a term that looks something up. */
static enum match
count_lookup(struct check *c)
{
	if (++c->lookups <= SPF_LOOKUPS_MAX)
		return MATCH_YES;
	c->v->problem = "more than 10 terms that look something up";
	return MATCH_PERMERROR;
}

/* 4.6.4: a lookup whose answer is empty. */
static enum match
count_void(struct check *c, const struct dns_answer *r)
{
	if (dns_unknown(r->status) || r->count)
		return MATCH_YES;
	if (++c->voids <= SPF_VOIDS_MAX)
		return MATCH_YES;
	c->v->problem = "more than 2 lookups without an answer";
	return MATCH_PERMERROR;
}

static enum match
failed_lookup(struct check *c, const char *name, enum dns_status status)
{
	c->v->problem = arena_fmt(
	    c->a, "lookup of '%s': %s", name, dns_status_name(status));
	return MATCH_TEMPERROR;
}

static enum dns_type
address_type(const struct check *c)
{
	return c->macro.ip.n == 4 ? DNS_A : DNS_AAAA;
}

static bool
has_address(const struct check *c, const struct dns_answer *r,
    const struct spfrecord_term *t)
{
	unsigned bits = c->macro.ip.n == 4 ? t->prefix4 : t->prefix6;

	for (size_t i = 0; i < r->count; i++)
		if (ip_in_net(&c->macro.ip, &r->records[i].ip, bits))
			return true;
	return false;
}

/* 4.8: the domain of a term, macros expanded, or the one at hand. */
static struct slice
target(struct check *c, struct slice spec)
{
	struct buf out;
	struct slice s;

	if (spec.n == 0)
		return c->macro.domain;
	buf_init(&out, SPFMACRO_TEXT_MAX);
	spfmacro_domain(&c->macro, spec, &out);
	s = slice_of(arena_copy(c->a, buf_view(&out)), out.n);
	buf_free(&out);
	return s;
}

/* 5.3: a = "a" [ ":" domain-spec ] [ dual-cidr-length ] */
static enum match
match_a(struct check *c, const struct spfrecord_term *t)
{
	struct dns_answer r;

	ask(c, target(c, t->domain), address_type(c), &r);
	if (dns_unknown(r.status))
		return failed_lookup(c, r.name, r.status);
	if (count_void(c, &r) != MATCH_YES)
		return MATCH_PERMERROR;
	return has_address(c, &r, t) ? MATCH_YES : MATCH_NO;
}

/* 5.4: mx = "mx" [ ":" domain-spec ] [ dual-cidr-length ] */
static enum match
match_mx(struct check *c, const struct spfrecord_term *t)
{
	struct dns_question q[SPF_MX_MAX] = { 0 };
	struct dns_answer r;
	size_t n = 0;

	ask(c, target(c, t->domain), DNS_MX, &r);
	if (dns_unknown(r.status))
		return failed_lookup(c, r.name, r.status);
	if (count_void(c, &r) != MATCH_YES)
		return MATCH_PERMERROR;
	if (r.count > SPF_MX_MAX) {
		c->v->problem = "more than 10 MX hosts in one \"mx\"";
		return MATCH_PERMERROR;
	}
	for (size_t i = 0; i < r.count; i++) {
		if (strcmp(r.records[i].mx.name, ".") == 0)
			continue; /* RFC 7505: no host, so no address */
		q[n].name = r.records[i].mx.name;
		q[n++].type = address_type(c);
	}
	ask_all(c, q, n);
	if (c->broken)
		return MATCH_TEMPERROR;
	for (size_t i = 0; i < n; i++) {
		if (dns_unknown(q[i].answer.status))
			return failed_lookup(c, q[i].name, q[i].answer.status);
		if (has_address(c, &q[i].answer, t))
			return MATCH_YES;
	}
	return MATCH_NO;
}

/* 5.5: the names of the client that resolve back to it, ten at most. Failed
 * lookups count as no match. */
static size_t
validated_names(
    struct check *c, struct dns_question *q, const char **names, bool *void_r)
{
	struct dns_answer r;
	size_t n, count = 0;

	ask(c, slice_str(dns_reverse_name(&c->macro.ip, c->a)), DNS_PTR, &r);
	*void_r = !dns_unknown(r.status) && r.count == 0;
	n = size_min(r.count, SPF_PTR_MAX);
	for (size_t i = 0; i < n; i++) {
		q[i].name = r.records[i].name;
		q[i].type = address_type(c);
	}
	ask_all(c, q, n);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < q[i].answer.count; j++)
			if (ip_in_net(&c->macro.ip, &q[i].answer.records[j].ip,
				c->macro.ip.n * 8)) {
				names[count++] = q[i].name;
				break;
			}
	return count;
}

/* 5.5: ptr = "ptr" [ ":" domain-spec ] */
static enum match
match_ptr(struct check *c, const struct spfrecord_term *t)
{
	const char *wanted = dns_name_escape(target(c, t->domain), c->a);
	struct dns_question q[SPF_PTR_MAX] = { 0 };
	const char *names[SPF_PTR_MAX];
	bool empty;
	size_t n = validated_names(c, q, names, &empty);
	struct dns_answer none = { .status = DNS_NODATA };

	if (empty && count_void(c, &none) != MATCH_YES)
		return MATCH_PERMERROR;
	for (size_t i = 0; i < n; i++)
		if (dns_name_under(names[i], wanted))
			return MATCH_YES;
	return MATCH_NO;
}

/* 7.3, %{p}: the domain at hand if it is among the validated names, else one
 * below it, else any of them, else "unknown". */
static struct slice
validated_name(void *arg)
{
	struct check *c = arg;
	const char *domain = dns_name_escape(c->macro.domain, c->a);
	struct dns_question q[SPF_PTR_MAX] = { 0 };
	const char *names[SPF_PTR_MAX], *best = NULL;
	bool empty;
	size_t n = validated_names(c, q, names, &empty);

	for (size_t i = 0; i < n; i++) {
		if (dns_name_equal(names[i], domain))
			return slice_str(names[i]);
		if (!best || (!dns_name_under(best, domain) &&
				 dns_name_under(names[i], domain)))
			best = names[i];
	}
	return slice_str(best ? best : "unknown");
}

/* 5.7: exists = "exists" ":" domain-spec; always type A. */
static enum match
match_exists(struct check *c, const struct spfrecord_term *t)
{
	struct dns_answer r;

	ask(c, target(c, t->domain), DNS_A, &r);
	if (dns_unknown(r.status))
		return failed_lookup(c, r.name, r.status);
	if (count_void(c, &r) != MATCH_YES)
		return MATCH_PERMERROR;
	return r.count ? MATCH_YES : MATCH_NO;
}

/* 5.2: include = "include" ":" domain-spec */
static enum match
match_include(struct check *c, const struct spfrecord_term *t)
{
	struct slice outer = c->macro.domain;
	struct spf_verdict *v = c->v, inner = { 0 };
	struct spfrecord r;
	enum spf_result result;

	c->v = &inner;
	c->depth++;
	result = check_host(c, target(c, t->domain), &r);
	c->depth--;
	c->v = v;
	c->macro.domain = outer;
	switch (result) {
	case SPF_PASS:
		return MATCH_YES;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
		return MATCH_NO;
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
		*v = inner; /* the place of the fault itself */
		break;
	case SPF_NONE:
		v->problem =
		    arena_fmt(c->a, "'%s' has no SPF record", inner.domain);
	}
	return result == SPF_TEMPERROR ? MATCH_TEMPERROR : MATCH_PERMERROR;
}

static enum match
match(struct check *c, const struct spfrecord_term *t)
{
	switch (t->kind) {
	case SPFRECORD_ALL:
		return MATCH_YES;
	case SPFRECORD_IP4:
	case SPFRECORD_IP6:
		return ip_in_net(&c->macro.ip, &t->ip,
			   t->ip.n == 4 ? t->prefix4 : t->prefix6)
		           ? MATCH_YES
		           : MATCH_NO;
	default:
		break;
	}
	if (count_lookup(c) != MATCH_YES)
		return MATCH_PERMERROR;
	switch (t->kind) {
	case SPFRECORD_INCLUDE:
		return match_include(c, t);
	case SPFRECORD_A:
		return match_a(c, t);
	case SPFRECORD_MX:
		return match_mx(c, t);
	case SPFRECORD_PTR:
		return match_ptr(c, t);
	default:
		return match_exists(c, t);
	}
}

static enum spf_result
result_of(int qualifier)
{
	return qualifier == '-'   ? SPF_FAIL
	       : qualifier == '~' ? SPF_SOFTFAIL
	       : qualifier == '?' ? SPF_NEUTRAL
	                          : SPF_PASS;
}

static void
point_at(struct check *c, struct slice term, const size_t *span)
{
	c->v->term = term;
	c->v->span[0] = span[0];
	c->v->span[1] = span[1];
}

/* 6.1: the result of the other domain, "none" being permerror. */
static enum spf_result
redirect(struct check *c, struct spfrecord *r)
{
	const struct spfrecord_term *t = r->redirect;
	enum spf_result result;
	struct slice domain;

	point_at(c, t->text, t->span);
	if (count_lookup(c) != MATCH_YES)
		return SPF_PERMERROR;
	domain = target(c, t->domain);
	result = check_host(c, domain, r);
	if (result != SPF_NONE)
		return result;
	c->v->problem =
	    arena_fmt(c->a, "'%s' has no SPF record", text_of(c, domain));
	return SPF_PERMERROR;
}

static void
tell(struct check *c, const struct spfrecord_term *t, enum match m)
{
	static const char *const words[] = { "no match", "match", "temperror",
		"permerror" };
	struct spf_step step = { .depth = c->depth,
		.term = t->text,
		.span = { t->span[0], t->span[1] },
		.said = words[m],
		.lookups = c->lookups,
		.voids = c->voids };

	if (!c->q->step)
		return;
	step.at = text_of(c, c->macro.domain);
	if (t->domain.n)
		step.target = text_of(c, target(c, t->domain));
	c->q->step(&step, c->q->arg);
}

/* 4.6: the terms from left to right; the first that matches decides. */
static enum spf_result
evaluate(struct check *c, struct spfrecord *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct spfrecord_term *t = &r->terms[i];
		enum match m;

		if (t->kind >= SPFRECORD_REDIRECT)
			continue;
		point_at(c, t->text, t->span);
		m = match(c, t);
		tell(c, t, m);
		switch (m) {
		case MATCH_NO:
			continue;
		case MATCH_YES:
			return result_of(t->qualifier);
		case MATCH_TEMPERROR:
			return SPF_TEMPERROR;
		case MATCH_PERMERROR:
			return SPF_PERMERROR;
		}
	}
	if (r->redirect)
		return redirect(c, r);
	point_at(c, slice_of(NULL, 0), (size_t[2]){ 0, 0 });
	return SPF_NEUTRAL; /* 4.7 */
}

/* 4.3: more than one label, and no address literal. */
static bool
is_domain(const char *name)
{
	const char *dot = strchr(name, '.');

	return name[0] != '[' && dot && dot[1] && dns_name_ok(name);
}

/* 4.4, 4.5: the one SPF record of the domain. */
static enum spf_result
fetch(struct check *c, struct slice domain, struct slice *text_r)
{
	const char *name = dns_name_escape(domain, c->a);
	struct dns_answer r;
	size_t found = 0;

	if (!is_domain(name)) {
		c->v->problem =
		    arena_fmt(c->a, "'%s' is no domain to ask", name);
		return SPF_NONE;
	}
	ask(c, domain, DNS_TXT, &r);
	if (dns_unknown(r.status)) {
		failed_lookup(c, name, r.status);
		return SPF_TEMPERROR;
	}
	for (size_t i = 0; i < r.count; i++) {
		if (!spfrecord_is(r.records[i].txt.text))
			continue;
		*text_r = r.records[i].txt.text;
		found++;
	}
	if (found > 1)
		c->v->problem =
		    arena_fmt(c->a, "'%s' has %zu SPF records", name, found);
	else if (found == 0)
		c->v->problem = arena_fmt(c->a, "'%s' has no SPF record", name);
	return found > 1 ? SPF_PERMERROR : found ? SPF_PASS : SPF_NONE;
}

/* 4: the result for a domain; *r is the record that gave it, after redirects.
 * The recursion ends because every include and redirect is a lookup. */
static enum spf_result
check_host(struct check *c, struct slice domain, struct spfrecord *r)
{
	struct spfrecord_fault fault;
	struct slice text = { 0 };
	enum spf_result got;

	*r = (struct spfrecord){ 0 };
	c->macro.domain = domain;
	c->v->domain = c->v->at = text_of(c, domain);
	c->v->record = slice_of(NULL, 0);
	point_at(c, c->v->record, (size_t[2]){ 0, 0 });
	got = fetch(c, domain, &text);
	if (got != SPF_PASS)
		return got;
	c->v->record = text;
	if (spfrecord_read(text, c->a, r, &fault) < 0) {
		c->v->problem = arena_string(c->a, fault.why);
		point_at(c, fault.term, fault.span);
		return SPF_PERMERROR;
	}
	return evaluate(c, r);
}

/* 6.2: the text behind exp=; none when anything is wrong with it. */
static const char *
explain(struct check *c, const struct spfrecord *r)
{
	struct spf_verdict scratch = { 0 }, *v = c->v;
	const char *text = NULL;
	struct dns_answer got;
	struct slice s;
	struct buf out;

	if (!r->exp)
		return NULL;
	c->v = &scratch;
	ask(c, target(c, r->exp->domain), DNS_TXT, &got);
	c->v = v;
	if (got.count != 1)
		return NULL;
	s = got.records[0].txt.text;
	if (!spfrecord_macros_ok(s, true))
		return NULL;
	buf_init(&out, SPFMACRO_TEXT_MAX);
	spfmacro_expand(&c->macro, s, &out);
	if (!buf_over(&out))
		text = arena_copy(c->a, buf_view(&out));
	buf_free(&out);
	return text;
}

/* 2.4, 4.3: who is asked about: the sender, or postmaster at the HELO name. */
static void
set_identity(struct check *c, const struct spf_query *q)
{
	struct spfmacro *m = &c->macro;
	const char *helo = q->helo ? q->helo : "";
	bool from_helo = !q->mailfrom || !*q->mailfrom;
	struct slice s = slice_str(from_helo ? helo : q->mailfrom);
	size_t at = from_helo ? SIZE_MAX : slice_find_last(s, '@');

	c->v->identity = from_helo ? "helo" : "mailfrom";
	m->helo = slice_str(helo);
	m->local = slice_str("postmaster");
	if (at != SIZE_MAX && at > 0)
		m->local = slice_sub(s, 0, at);
	m->origin = at == SIZE_MAX ? s : slice_sub(s, at + 1, s.n);
	m->sender = slice_str(arena_fmt(
	    c->a, "%.*s@%.*s", SLICE_ARG(m->local), SLICE_ARG(m->origin)));
}

int
spf_check(struct dns *d, const struct spf_query *q, struct arena *a,
    struct spf_verdict *v, struct err *e)
{
	struct check c = { .dns = d, .a = a, .e = e, .v = v, .q = q };
	struct spfrecord r;
	struct slice domain;

	*v = (struct spf_verdict){ 0 };
	set_identity(&c, q);
	c.macro.ip = ip_unmapped(q->ip);
	c.macro.receiver = slice_str(q->receiver ? q->receiver : "unknown");
	c.macro.now = q->now;
	c.macro.validated = validated_name;
	c.macro.arg = &c;
	domain = c.macro.origin;
	v->result = check_host(&c, domain, &r);
	v->domain = text_of(&c, domain);
	v->identity = !q->mailfrom || !*q->mailfrom ? "helo" : "mailfrom";
	v->lookups = c.lookups;
	v->voids = c.voids;
	if (v->result == SPF_FAIL)
		v->explanation = explain(&c, &r);
	return c.broken ? -1 : c.early;
}
