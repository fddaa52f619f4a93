/* SPF as sets of addresses.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/spfrecord.h"
#include "auth/spfset.h"

/* Addresses that came the same way: the same counts so far. */
struct group {
	struct ipset set;
	unsigned lookups, voids;
};

struct groups {
	struct group v[SPFSET_GROUPS_MAX];
	size_t n;
};

/* One evaluation, for one family. */
struct work {
	struct dns *dns;
	struct arena *a;
	struct spfset *s;
	struct err *e;
	unsigned family;
	bool broken;
	/* The text that stands for the domain's own record, or null. */
	const char *domain;
	const struct slice *text;
};

/* What a record makes of the addresses that come to it. */
struct outcome {
	struct groups pass, other; /* fail, softfail, neutral: go on outside */
	struct ipset of[SPFSET_RESULTS];
};

static void evaluate(struct work *w, const char *domain,
    const struct groups *in, bool top, struct outcome *out);

static struct groups *
new_groups(struct work *w)
{
	return arena_new(w->a, sizeof(struct groups));
}

/* Joined to one with equal counts, where there is one. */
static void
put_group(struct work *w, struct groups *g, const struct group *one)
{
	if (one->set.n == 0)
		return;
	for (size_t i = 0; i < g->n; i++)
		if ((g->v[i].lookups == one->lookups &&
			g->v[i].voids == one->voids) ||
		    i + 1 == SPFSET_GROUPS_MAX) {
			g->v[i].set =
			    ipset_union(&g->v[i].set, &one->set, w->a);
			return;
		}
	g->v[g->n++] = *one;
}

static void
fault(struct work *w, const char *fmt, const char *what)
{
	if (!w->s->problem)
		w->s->problem = arena_fmt(w->a, "%s: '%s'", fmt, what);
}

static void
end_as(struct work *w, struct outcome *out, enum spf_result result,
    const struct ipset *set)
{
	out->of[result] = ipset_union(&out->of[result], set, w->a);
}

static void
ask(struct work *w, const char *name, enum dns_type type, struct dns_answer *r)
{
	*r = (struct dns_answer){ .status = DNS_NXDOMAIN };
	if (!dns_name_ok(name))
		return;
	if (dns_query(w->dns, name, type, w->a, r, w->e) < 0) {
		w->broken = true;
		r->status = DNS_TIMEOUT;
	}
	if (r->outside)
		r->status = DNS_REFUSED; /* nobody was asked */
	w->s->unknown |= dns_unknown(r->status);
}

/* Counts a term that looks up; those over the limit end in permerror. */
static void
count_lookups(struct work *w, struct groups *g, struct outcome *out,
    const struct spfrecord_term *t)
{
	struct groups *left = new_groups(w);

	for (size_t i = 0; i < g->n; i++) {
		struct group one = g->v[i];

		if (++one.lookups > SPF_LOOKUPS_MAX) {
			fault(w, "over 10 lookups", arena_copy(w->a, t->text));
			end_as(w, out, SPF_PERMERROR, &one.set);
		} else {
			put_group(w, left, &one);
		}
	}
	*g = *left;
}

static void
count_voids(
    struct work *w, struct groups *g, struct outcome *out, const char *name)
{
	struct groups *left = new_groups(w);

	for (size_t i = 0; i < g->n; i++) {
		struct group one = g->v[i];

		if (++one.voids > SPF_VOIDS_MAX) {
			fault(w, "over 2 void lookups", name);
			end_as(w, out, SPF_PERMERROR, &one.set);
		} else {
			put_group(w, left, &one);
		}
	}
	*g = *left;
}

static enum spf_result
result_of(int qualifier)
{
	return qualifier == '-'   ? SPF_FAIL
	       : qualifier == '~' ? SPF_SOFTFAIL
	       : qualifier == '?' ? SPF_NEUTRAL
	                          : SPF_PASS;
}

/* Those of the set get the result, the rest goes on. */
static void
decide(struct work *w, struct groups *g, struct outcome *out,
    const struct ipset *set, enum spf_result result)
{
	struct groups *left = new_groups(w);

	for (size_t i = 0; i < g->n; i++) {
		struct group hit = g->v[i], rest = g->v[i];

		hit.set = ipset_common(&g->v[i].set, set, w->a);
		rest.set = ipset_without(&g->v[i].set, set, w->a);
		put_group(
		    w, result == SPF_PASS ? &out->pass : &out->other, &hit);
		end_as(w, out, result, &hit.set);
		put_group(w, left, &rest);
	}
	*g = *left;
}

static struct ipset
addresses(struct work *w, const struct dns_answer *r,
    const struct spfrecord_term *t, struct ipset sum)
{
	unsigned bits = w->family == 4 ? t->prefix4 : t->prefix6;

	for (size_t i = 0; i < r->count; i++) {
		struct ipset net =
		    ipset_net(w->family, &r->records[i].ip, bits, w->a);

		sum = ipset_union(&sum, &net, w->a);
	}
	return sum;
}

static void
end_all(struct work *w, struct groups *g, struct outcome *out,
    enum spf_result result)
{
	for (size_t i = 0; i < g->n; i++)
		end_as(w, out, result, &g->v[i].set);
	g->n = 0;
}

static void
term_a(struct work *w, const char *name, const struct spfrecord_term *t,
    struct groups *g, struct outcome *out)
{
	struct ipset set = ipset_none(w->family);
	struct dns_answer r;

	ask(w, name, w->family == 4 ? DNS_A : DNS_AAAA, &r);
	if (dns_unknown(r.status)) {
		end_all(w, g, out, SPF_TEMPERROR);
		return;
	}
	if (r.count == 0)
		count_voids(w, g, out, name);
	set = addresses(w, &r, t, set);
	decide(w, g, out, &set, result_of(t->qualifier));
}

static void
term_mx(struct work *w, const char *name, const struct spfrecord_term *t,
    struct groups *g, struct outcome *out)
{
	struct ipset set = ipset_none(w->family);
	struct dns_answer mx, r;

	ask(w, name, DNS_MX, &mx);
	if (dns_unknown(mx.status)) {
		end_all(w, g, out, SPF_TEMPERROR);
		return;
	}
	if (mx.count > SPF_MX_MAX) {
		fault(w, "over 10 MX hosts", name);
		end_all(w, g, out, SPF_PERMERROR);
		return;
	}
	if (mx.count == 0)
		count_voids(w, g, out, name);
	for (size_t i = 0; i < mx.count; i++) {
		ask(w, mx.records[i].mx.name, w->family == 4 ? DNS_A : DNS_AAAA,
		    &r);
		set = addresses(w, &r, t, set);
	}
	decide(w, g, out, &set, result_of(t->qualifier));
}

static void
term_include(struct work *w, const char *name, const struct spfrecord_term *t,
    struct groups *g, struct outcome *out)
{
	struct outcome *in = arena_new(w->a, sizeof(*in));
	enum spf_result result = result_of(t->qualifier);

	evaluate(w, name, g, false, in);
	for (size_t i = 0; i < in->pass.n; i++) {
		put_group(w, result == SPF_PASS ? &out->pass : &out->other,
		    &in->pass.v[i]);
		end_as(w, out, result, &in->pass.v[i].set);
	}
	end_as(w, out, SPF_TEMPERROR, &in->of[SPF_TEMPERROR]);
	end_as(w, out, SPF_PERMERROR, &in->of[SPF_PERMERROR]);
	end_as(w, out, SPF_PERMERROR, &in->of[SPF_NONE]);
	*g = in->other;
}

static void
note_dynamic(struct work *w, const struct spfrecord_term *t)
{
	const char *text = arena_copy(w->a, t->text);

	for (size_t i = 0; i < w->s->dynamic_count; i++)
		if (strcmp(w->s->dynamic[i], text) == 0)
			return;
	if (w->s->dynamic_count < SPFSET_DYNAMIC_MAX)
		w->s->dynamic[w->s->dynamic_count++] = text;
}

static void
take_term(struct work *w, const char *domain, const struct spfrecord_term *t,
    struct groups *g, struct outcome *out)
{
	const char *name =
	    t->domain.n ? dns_name_escape(slice_trim_end(t->domain), w->a)
			: domain;
	struct ipset set;

	if (t->kind == SPFRECORD_ALL) {
		set = ipset_all(w->family, w->a);
		decide(w, g, out, &set, result_of(t->qualifier));
		return;
	}
	if (t->kind == SPFRECORD_IP4 || t->kind == SPFRECORD_IP6) {
		set = ipset_net(w->family, &t->ip,
		    w->family == 4 ? t->prefix4 : t->prefix6, w->a);
		decide(w, g, out, &set, result_of(t->qualifier));
		return;
	}
	count_lookups(w, g, out, t);
	if (g->n == 0)
		return;
	if (t->kind == SPFRECORD_PTR || t->kind == SPFRECORD_EXISTS ||
	    slice_find(t->domain, '%') != SIZE_MAX)
		note_dynamic(w, t);
	else if (t->kind == SPFRECORD_A)
		term_a(w, name, t, g, out);
	else if (t->kind == SPFRECORD_MX)
		term_mx(w, name, t, g, out);
	else
		term_include(w, name, t, g, out);
}

/* The record's text: SPF_PASS, or why there is none. */
static enum spf_result
fetch(struct work *w, const char *domain, bool top, struct slice *text_r)
{
	struct dns_answer r;
	size_t count = 0;

	if (top && w->text) {
		*text_r = *w->text;
		return SPF_PASS;
	}
	ask(w, domain, DNS_TXT, &r);
	if (dns_unknown(r.status))
		return SPF_TEMPERROR;
	for (size_t i = 0; i < r.count; i++)
		if (spfrecord_is(r.records[i].txt.text)) {
			*text_r = r.records[i].txt.text;
			count++;
		}
	if (count > 1)
		fault(w, "several SPF records", domain);
	if (count == 0 && !top)
		fault(w, "no SPF record", domain);
	return count > 1 ? SPF_PERMERROR : count ? SPF_PASS : SPF_NONE;
}

/* 6.1 */
static void
redirect(struct work *w, const struct spfrecord *r, struct groups *g,
    struct outcome *out)
{
	const struct spfrecord_term *t = r->redirect;
	struct outcome *in = arena_new(w->a, sizeof(*in));

	count_lookups(w, g, out, t);
	if (slice_find(t->domain, '%') != SIZE_MAX) {
		note_dynamic(w, t);
		return;
	}
	evaluate(
	    w, dns_name_escape(slice_trim_end(t->domain), w->a), g, false, in);
	for (size_t i = 0; i < SPFSET_RESULTS; i++)
		end_as(w, out,
		    i == SPF_NONE ? SPF_PERMERROR : (enum spf_result)i,
		    &in->of[i]);
	for (size_t i = 0; i < in->pass.n; i++)
		put_group(w, &out->pass, &in->pass.v[i]);
	for (size_t i = 0; i < in->other.n; i++)
		put_group(w, &out->other, &in->other.v[i]);
	g->n = 0;
}

/* What a domain's record makes of the groups. The recursion ends because every
 * include and redirect counts, and without addresses nothing is asked. */
static void
evaluate(struct work *w, const char *domain, const struct groups *in, bool top,
    struct outcome *out)
{
	struct groups *g = new_groups(w);
	struct spfrecord_fault bad;
	struct spfrecord r;
	struct slice text = { 0 };
	enum spf_result got;

	*g = *in;
	for (size_t i = 0; i < SPFSET_RESULTS; i++)
		out->of[i] = ipset_none(w->family);
	got = fetch(w, domain, top, &text);
	if (got == SPF_PASS && spfrecord_read(text, w->a, &r, &bad) < 0) {
		fault(w, bad.why, arena_copy(w->a, bad.term));
		got = SPF_PERMERROR;
	}
	if (top)
		w->s->record = text;
	if (top && got == SPF_NONE)
		w->s->none = true;
	if (got != SPF_PASS) {
		end_all(w, g, out, got);
		return;
	}
	for (size_t i = 0; i < r.count && g->n; i++)
		if (r.terms[i].kind < SPFRECORD_REDIRECT)
			take_term(w, domain, &r.terms[i], g, out);
	if (g->n && r.redirect)
		redirect(w, &r, g, out);
	for (size_t i = 0; i < g->n; i++) {
		put_group(w, &out->other, &g->v[i]);
		end_as(w, out, SPF_NEUTRAL, &g->v[i].set);
	}
}

static int
compute(struct dns *d, const char *domain, const struct slice *text,
    struct arena *a, struct spfset *s, struct err *e)
{
	*s = (struct spfset){ 0 };
	for (int i = 0; i < 2; i++) {
		struct work w = { .dns = d,
			.a = a,
			.s = s,
			.e = e,
			.family = i ? 16 : 4,
			.domain = domain,
			.text = text };
		struct outcome *out = arena_new(a, sizeof(*out));
		struct groups *all = arena_new(a, sizeof(*all));

		all->v[all->n++].set = ipset_all(w.family, a);
		evaluate(&w, domain, all, true, out);
		for (size_t r = 0; r < SPFSET_RESULTS; r++)
			s->of[r][i] = out->of[r];
		if (w.broken)
			return -1;
	}
	return 0;
}

int
spfset_of(struct dns *d, const char *domain, struct arena *a, struct spfset *s,
    struct err *e)
{
	return compute(d, domain, NULL, a, s, e);
}

int
spfset_of_text(struct dns *d, const char *domain, struct slice text,
    struct arena *a, struct spfset *s, struct err *e)
{
	if (!spfrecord_is(text))
		return err_set(e, ERR_DATA, "'%.*s' is no SPF record",
		    (int)size_min(text.n, 60), text.p);
	return compute(d, domain, &text, a, s, e);
}

bool
spfset_equal(const struct spfset *x, const struct spfset *y)
{
	for (size_t r = 0; r < SPFSET_RESULTS; r++)
		for (int i = 0; i < 2; i++)
			if (!ipset_equal(&x->of[r][i], &y->of[r][i]))
				return false;
	return true;
}

/* The qualifier of the set being written. */
struct writing {
	struct buf *out;
	const char *qualifier;
};

static void
write_net(const struct ip *ip, unsigned bits, void *arg)
{
	struct writing *w = arg;
	char text[IP_TEXT_MAX];

	ip_write(ip, text);
	buf_fmt(
	    w->out, " %s%s:%s", w->qualifier, ip->n == 4 ? "ip4" : "ip6", text);
	if (bits < ip->n * 8)
		buf_fmt(w->out, "/%u", bits);
}

/* The result that most addresses get: what "all" is to say. */
static enum spf_result
most_of(const struct spfset *s)
{
	static const enum spf_result results[] = { SPF_FAIL, SPF_SOFTFAIL,
		SPF_NEUTRAL, SPF_PASS };
	enum spf_result best = SPF_FAIL;

	for (size_t i = 0; i < COUNT_OF(results); i++)
		if (ipset_size(&s->of[results[i]][1]) >
		    ipset_size(&s->of[best][1]))
			best = results[i];
	return best;
}

int
spfset_flatten(struct dns *d, const char *domain, const struct spfset *s,
    struct arena *a, struct buf *out, struct err *e)
{
	static const char *const qualifiers[] = { [SPF_NEUTRAL] = "?",
		[SPF_PASS] = "",
		[SPF_FAIL] = "-",
		[SPF_SOFTFAIL] = "~" };
	enum spf_result rest = most_of(s);
	struct spfset again;
	size_t at = out->n;

	if (s->dynamic_count)
		return err_set(e, ERR_DATA,
		    "'%s' depends on more than the client's address: it cannot "
		    "be flattened",
		    s->dynamic[0]);
	if (s->none || s->unknown || s->problem)
		return err_set(e, s->unknown ? ERR_TEMP : ERR_DATA, "%s",
		    s->unknown   ? "a lookup failed: nothing is certain"
		    : s->problem ? s->problem
				 : "there is no SPF record");
	buf_text(out, "v=spf1");
	for (enum spf_result r = SPF_NEUTRAL; r <= SPF_SOFTFAIL; r++)
		for (int i = 0; i < 2 && r != rest; i++)
			ipset_each(&s->of[r][i], write_net,
			    &(struct writing){ out, qualifiers[r] });
	buf_fmt(out, " %sall", qualifiers[rest]);
	if (spfset_of_text(d, domain, slice_sub(buf_view(out), at, out->n), a,
		&again, e) < 0)
		return -1;
	if (buf_over(out) || !spfset_equal(s, &again))
		return err_set(e, ERR_DATA,
		    "the flattened record of '%s' is not equal to it", domain);
	return 0;
}
