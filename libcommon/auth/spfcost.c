/* What the terms of an SPF record cost.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/spfcost.h"

#define DEPTH_MAX   12   /* includes within includes */
#define LOOKUPS_MAX 1000 /* counted at most */

struct work {
	struct dns *dns;
	struct arena *a;
	struct err *e;
	unsigned depth, sum;
	bool broken, unknown, dynamic;
};

static bool
read_record(struct work *w, const char *domain, struct spfrecord *r)
{
	struct spfrecord_fault bad;
	struct slice text = { 0 };
	struct dns_answer got;

	if (!dns_name_ok(domain))
		return false;
	if (dns_query(w->dns, domain, DNS_TXT, w->a, &got, w->e) < 0) {
		w->broken = true;
		return false;
	}
	w->unknown |= dns_unknown(got.status) || got.outside;
	for (size_t i = 0; i < got.count; i++)
		if (spfrecord_is(got.records[i].txt.text))
			text = got.records[i].txt.text;
	return text.n && spfrecord_read(text, w->a, r, &bad) == 0;
}

static bool
looks_up(const struct spfrecord_term *t, bool all)
{
	return t->kind == SPFRECORD_REDIRECT
	           ? !all
	           : t->kind != SPFRECORD_ALL && t->kind != SPFRECORD_IP4 &&
	                 t->kind != SPFRECORD_IP6 &&
	                 t->kind < SPFRECORD_REDIRECT;
}

static bool
has_all(const struct spfrecord *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->terms[i].kind == SPFRECORD_ALL)
			return true;
	return false;
}

/* The term and all that stands behind it. */
static unsigned
cost_of(struct work *w, const struct spfrecord_term *t)
{
	struct spfrecord r;
	unsigned sum = 1;
	bool other =
	    t->kind == SPFRECORD_INCLUDE || t->kind == SPFRECORD_REDIRECT;

	w->dynamic |= t->kind == SPFRECORD_PTR || t->kind == SPFRECORD_EXISTS ||
	              slice_find(t->domain, '%') != SIZE_MAX;
	if (!other || slice_find(t->domain, '%') != SIZE_MAX ||
	    w->depth == DEPTH_MAX || w->sum++ > LOOKUPS_MAX ||
	    !read_record(
		w, dns_name_escape(slice_trim_end(t->domain), w->a), &r))
		return sum;
	w->depth++;
	for (size_t i = 0; i < r.count; i++)
		if (looks_up(&r.terms[i], has_all(&r)))
			sum += cost_of(w, &r.terms[i]);
	w->depth--;
	return sum;
}

/* The fewest: always the most expensive that can be replaced. */
static void
choose(struct spfcost *c)
{
	unsigned left = c->lookups;

	while (left > SPF_LOOKUPS_MAX) {
		struct spfcost_term *best = NULL;

		for (size_t i = 0; i < c->count; i++)
			if (!c->terms[i].chosen && c->terms[i].fixed &&
			    c->terms[i].term->kind != SPFRECORD_REDIRECT &&
			    (!best || c->terms[i].lookups > best->lookups))
				best = &c->terms[i];
		if (!best)
			return;
		best->chosen = true;
		left -= best->lookups;
	}
}

int
spfcost_of(struct dns *d, const char *domain, struct arena *a,
    struct spfcost *c, struct err *e)
{
	struct work w = { .dns = d, .a = a, .e = e };
	struct spfrecord r = { 0 };

	*c = (struct spfcost){ 0 };
	if (!read_record(&w, domain, &r)) {
		c->unknown = w.unknown;
		c->problem = "there is no SPF record that can be read";
		return w.broken ? -1 : 0;
	}
	c->record = r.text;
	c->terms = arena_array(a, r.count, sizeof(*c->terms));
	for (size_t i = 0; i < r.count; i++) {
		struct spfcost_term *t = &c->terms[c->count];

		if (!looks_up(&r.terms[i], has_all(&r)))
			continue;
		w.dynamic = false;
		*t = (struct spfcost_term){ .term = &r.terms[i] };
		t->lookups = cost_of(&w, t->term);
		t->fixed = !w.dynamic;
		c->lookups += t->lookups;
		c->count++;
	}
	c->unknown = w.unknown;
	choose(c);
	return w.broken ? -1 : 0;
}
