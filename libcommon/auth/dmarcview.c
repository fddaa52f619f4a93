/* DMARC as receivers of two generations apply it.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/dmarcview.h"
#include "auth/orgdomain.h"

static enum dmarc_policy
in_force(enum dmarc_policy p, bool testing)
{
	return testing && p > DMARC_POLICY_NONE ? p - 1 : p;
}

/* The policy for names below the record's own. */
static void
inherit(const struct dmarc_record *r, bool old, struct dmarc_view *v)
{
	enum dmarc_policy sub = r->sp ? r->sp : r->p;
	enum dmarc_policy np = !old && r->np ? r->np : sub;

	v->subdomain = in_force(sub, !old && r->testing);
	v->nonexistent = in_force(np, !old && r->testing);
}

/* The record a name below the walk's first would get, having none itself:
 * that of the organizational domain, or of the public suffix. */
static const struct dmarc_record *
heritage(const struct dmarc_walk *w)
{
	const struct dmarc_record *r = NULL;

	for (unsigned i = 0; i < w->count; i++)
		if (w->step[i].record &&
		    (strcmp(w->step[i].domain, w->org) == 0 ||
			w->step[i].record->psd == DMARC_PSD_YES))
			if (!r)
				r = w->step[i].record;
	return r;
}

void
dmarc_view_of(const struct dmarc_walk *w, struct dmarc_view *v)
{
	const struct dmarc_step *step = dmarc_policy_step(w);
	const struct dmarc_record *below;

	*v = (struct dmarc_view){ .known = !w->unknown, .org = w->org };
	if (w->unknown || !w->count)
		return;
	below = heritage(w);
	if (below)
		inherit(below, false, v);
	if (!step)
		return;
	v->at = step->domain;
	v->record = step->record;
	if (step == &w->step[0])
		v->domain = in_force(step->record->p, step->record->testing);
	else
		v->domain = v->subdomain;
}

/* The one record at _dmarc.domain, or null; false when it cannot be asked. */
static int
one_record(struct dns *d, const char *domain, struct arena *a,
    struct dmarc_record **r_r, bool *known, struct err *e)
{
	const char *name = arena_fmt(a, "_dmarc.%s", domain);
	struct dns_answer r = { .status = DNS_NXDOMAIN };
	size_t count = 0;

	*r_r = NULL;
	if (dns_name_ok(name) && dns_query(d, name, DNS_TXT, a, &r, e) < 0)
		return -1;
	*known &= !dns_unknown(r.status);
	for (size_t i = 0; i < r.count; i++) {
		struct dmarc_record record;
		int got = dmarc_parse(r.records[i].txt.text, &record, NULL);

		if (got == 0)
			continue;
		count++;
		if (got < 0)
			continue;
		*r_r = arena_new(a, sizeof(record));
		**r_r = record;
	}
	if (count > 1)
		*r_r = NULL;
	return 0;
}

int
dmarc_view_old(struct dns *d, const char *domain, struct arena *a,
    struct dmarc_view *v, struct err *e)
{
	struct dmarc_record *own, *above = NULL;

	*v = (struct dmarc_view){ .known = orgdomain_known() };
	v->org = orgdomain_of(domain, a);
	if (!v->known)
		return 0;
	if (one_record(d, domain, a, &own, &v->known, e) < 0)
		return -1;
	if (strcmp(v->org, domain) != 0 &&
	    one_record(d, v->org, a, &above, &v->known, e) < 0)
		return -1;
	if (strcmp(v->org, domain) == 0)
		above = own;
	if (above)
		inherit(above, true, v);
	v->record = own ? own : above;
	v->at = own ? domain : above ? v->org : NULL;
	v->domain = own ? own->p : v->subdomain;
	return 0;
}

static bool
aligned(const char *x, const char *from, bool strict, struct arena *a)
{
	if (dns_name_equal(x, from))
		return true;
	return !strict &&
	       dns_name_equal(orgdomain_of(x, a), orgdomain_of(from, a));
}

int
dmarc_check_old(struct dns *d, const struct dmarc_input *in, struct arena *a,
    struct dmarc_verdict *v, struct err *e)
{
	struct dmarc_view view;

	*v = (struct dmarc_verdict){ .from = in->from,
		.disposition = DMARC_POLICY_NONE };
	if (!orgdomain_known())
		return err_set(e, ERR_UNAVAILABLE,
		    "RFC 7489 needs the Public Suffix List: built without "
		    "libpsl");
	if (dmarc_view_old(d, in->from, a, &view, e) < 0)
		return -1;
	v->org = view.org;
	if (!view.known || !view.record) {
		v->result = view.known ? DMARC_NONE : DMARC_TEMPERROR;
		if (!view.known)
			v->problem = "the policy could not be looked up";
		return 0;
	}
	v->record = *view.record;
	v->record_at = view.at;
	v->policy = view.domain;
	v->tag = strcmp(view.at, in->from) != 0 && view.record->sp ? "sp" : "p";
	for (size_t i = 0; i < in->dkim_count && !v->dkim_aligned; i++)
		if (aligned(in->dkim_domains[i], in->from,
			view.record->strict_dkim, a)) {
			v->dkim_aligned = true;
			v->dkim_domain = in->dkim_domains[i];
		}
	v->spf_aligned = in->spf_domain && aligned(in->spf_domain, in->from,
					       view.record->strict_spf, a);
	v->result = v->dkim_aligned || v->spf_aligned ? DMARC_PASS
	            : in->temporary                   ? DMARC_TEMPERROR
	                                              : DMARC_FAIL;
	if (v->result == DMARC_FAIL)
		v->disposition = v->policy;
	return 0;
}
