/* DMARC: the tree walk, the policy, alignment. Section numbers are those of
 * RFC 9989.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/idna.h"

#include "auth/dmarc.h"
#include "auth/orgdomain.h"

#define LABELS_KEPT 7 /* of a name with 8 labels or more (4.10) */

const char *
dmarc_result_name(enum dmarc_result r)
{
	static const char *const names[] = { "none", "pass", "fail",
		"temperror", "permerror" };

	return names[r];
}

/* One query: the DMARC records at a name; two of them cancel out. */
static int
take_step(struct dns *d, const char *domain, struct arena *a,
    struct dmarc_step *step, struct err *e)
{
	const char *name = arena_fmt(a, "_dmarc.%s", domain);
	struct dmarc_record *found = arena_new(a, sizeof(*found));
	struct dns_answer r = { .status = DNS_NXDOMAIN };
	int good = 0;

	*step = (struct dmarc_step){ .domain = domain };
	/* A long name may leave no room for the label in front. */
	if (dns_name_ok(name) && dns_query(d, name, DNS_TXT, a, &r, e) < 0)
		return -1;
	step->status = r.status;
	step->outside = r.outside;
	for (size_t i = 0; i < r.count; i++) {
		struct dmarc_record record;
		int got = dmarc_parse(r.records[i].txt.text, &record, NULL);

		if (got == 0)
			continue;
		step->candidates++;
		*found = record;
		good = got;
	}
	if (step->candidates == 1 && good == 1)
		step->record = found;
	return 0;
}

static size_t
count_labels(const char *domain)
{
	size_t n = 1;

	for (const char *p = domain; *p; p++)
		n += *p == '.';
	return n;
}

static const char *
without_labels(const char *domain, size_t n)
{
	while (n-- > 0) {
		const char *dot = strchr(domain, '.');

		if (!dot)
			return "";
		domain = dot + 1;
	}
	return domain;
}

/* 4.10.2: a name that says psd=n; else the one below a name that says psd=y;
 * else the highest name with a record; else where the walk started. */
static const char *
organizational(const struct dmarc_walk *w)
{
	const char *highest = w->step[0].domain;

	for (unsigned i = 0; i < w->count; i++) {
		const struct dmarc_record *r = w->step[i].record;

		if (!r)
			continue;
		if (r->psd == DMARC_PSD_NO)
			return w->step[i].domain;
		if (r->psd == DMARC_PSD_YES && i > 0) {
			const char *start = w->step[0].domain;
			size_t above = count_labels(w->step[i].domain);

			return without_labels(
			    start, count_labels(start) - above - 1);
		}
		highest = w->step[i].domain;
	}
	return highest;
}

int
dmarc_walk(struct dns *d, const char *domain, struct arena *a,
    struct dmarc_walk *w, struct err *e)
{
	*w = (struct dmarc_walk){ 0 };
	while (*domain && w->count < DMARC_QUERIES_MAX) {
		struct dmarc_step *step = &w->step[w->count];
		size_t labels = count_labels(domain);

		if (take_step(d, domain, a, step, e) < 0)
			return -1;
		w->count++;
		if (dns_unknown(step->status)) {
			w->unknown = true;
			break;
		}
		if (step->record && step->record->psd != DMARC_PSD_UNKNOWN)
			break;
		domain = without_labels(
		    domain, labels > LABELS_KEPT ? labels - LABELS_KEPT : 1);
	}
	w->org = w->count ? organizational(w) : domain;
	return 0;
}

const struct dmarc_step *
dmarc_policy_step(const struct dmarc_walk *w)
{
	const struct dmarc_step *last =
	    w->count ? &w->step[w->count - 1] : NULL;

	if (!last || w->step[0].record)
		return last ? &w->step[0] : NULL;
	for (unsigned i = 1; i < w->count; i++)
		if (w->step[i].record && strcmp(w->step[i].domain, w->org) == 0)
			return &w->step[i];
	if (last->record && last->record->psd == DMARC_PSD_YES)
		return last;
	return NULL;
}

/* 4.7: which of p, sp and np speaks for the author domain. */
static int
choose_policy(struct dns *d, const struct dmarc_step *step, struct arena *a,
    struct dmarc_verdict *v, struct err *e)
{
	const struct dmarc_record *r = step->record;
	struct dns_answer exists;

	v->record = *r;
	v->record_at = step->domain;
	/* A.6: t=y is what pct=0 had come to mean. */
	v->testing = r->testing || r->pct_zero;
	v->policy = r->p;
	v->tag = "p";
	if (strcmp(step->domain, v->from) == 0)
		return 0;
	if (r->sp != DMARC_POLICY_UNSET) {
		v->policy = r->sp;
		v->tag = "sp";
	}
	if (r->np == DMARC_POLICY_UNSET)
		return 0;
	/* A name that does not exist, nor anything below it (RFC 8020). */
	if (dns_query(d, v->from, DNS_A, a, &exists, e) < 0)
		return -1;
	if (exists.status == DNS_NXDOMAIN) {
		v->policy = r->np;
		v->tag = "np";
	}
	return 0;
}

/* What is being compared with the author domain. */
struct alignment {
	struct dns *dns;
	struct arena *a;
	const struct dmarc_walk *walk; /* of the author domain */
	struct dmarc_verdict *v;
	bool suffixes; /* see struct dmarc_input */
	bool unknown;  /* some organizational domain could not be found out */
};

static const char *
normal(const char *domain, struct arena *a)
{
	struct slice s;

	if (idna_to_dns(slice_str(domain), a, &s, NULL) < 0)
		return NULL;
	return arena_copy(a, s);
}

/* RFC 7489 3.1: one organizational domain, by the Public Suffix List. */
static bool
shares_suffix(struct alignment *al, const char *domain)
{
	const char *org = al->suffixes ? orgdomain_of(domain, al->a) : NULL;

	return org && strcmp(org, orgdomain_of(al->v->from, al->a)) == 0 &&
	       !orgdomain_is_suffix(org);
}

/* 4.4: 1 aligned, 0 not, -1 failed. Strict: the same name; relaxed: the same
 * organizational domain, for which the identifier has a walk of its own. */
static int
is_aligned(struct alignment *al, const char *raw, bool strict, struct err *e)
{
	const char *domain = normal(raw, al->a);
	struct dmarc_walk w;

	if (!domain)
		return 0;
	if (strcmp(domain, al->v->from) == 0)
		return 1;
	/* Names with different last labels have nothing in common. */
	if (strict || strcmp(without_labels(domain, count_labels(domain) - 1),
			  without_labels(
			      al->v->from, count_labels(al->v->from) - 1)) != 0)
		return 0;
	if (shares_suffix(al, domain))
		return 1;
	if (dmarc_walk(al->dns, domain, al->a, &w, e) < 0)
		return -1;
	al->v->queries += w.count;
	if (w.unknown || al->walk->unknown) {
		al->unknown = true;
		return 0;
	}
	return strcmp(w.org, al->walk->org) == 0;
}

static int
align(struct alignment *al, const struct dmarc_input *in, struct err *e)
{
	struct dmarc_verdict *v = al->v;
	size_t n = size_min(in->dkim_count, DMARC_DKIM_MAX);
	int got = 0;

	for (size_t i = 0; i < n && !v->dkim_aligned; i++) {
		got = is_aligned(
		    al, in->dkim_domains[i], v->record.strict_dkim, e);
		if (got < 0)
			return -1;
		v->dkim_aligned = got;
		if (got)
			v->dkim_domain = in->dkim_domains[i];
	}
	if (in->spf_domain)
		got = is_aligned(al, in->spf_domain, v->record.strict_spf, e);
	if (got < 0)
		return -1;
	v->spf_aligned = in->spf_domain && got;
	return 0;
}

/* 5.3 and 4.7 (t): what is asked for a letter that fails. */
static enum dmarc_policy
applied(const struct dmarc_verdict *v)
{
	if (v->result != DMARC_FAIL)
		return DMARC_POLICY_NONE;
	if (v->testing && v->policy > DMARC_POLICY_NONE)
		return v->policy - 1;
	return v->policy;
}

static int
judge(struct alignment *al, const struct dmarc_input *in, struct err *e)
{
	struct dmarc_verdict *v = al->v;

	if (align(al, in, e) < 0)
		return -1;
	if (v->dkim_aligned || v->spf_aligned) {
		v->result = DMARC_PASS;
	} else if (al->unknown || in->temporary) {
		v->result = DMARC_TEMPERROR;
		v->problem =
		    al->unknown
			? "the organizational domain could not be found out"
			: "SPF or DKIM could not be decided";
	} else {
		v->result = DMARC_FAIL;
	}
	v->disposition = applied(v);
	return 0;
}

int
dmarc_check(struct dns *d, const struct dmarc_input *in, struct arena *a,
    struct dmarc_verdict *v, struct err *e)
{
	struct dmarc_walk walk;
	struct alignment al = { .dns = d,
		.a = a,
		.walk = &walk,
		.v = v,
		.suffixes = in->suffixes };
	const struct dmarc_step *step;

	*v = (struct dmarc_verdict){ .disposition = DMARC_POLICY_NONE };
	v->from = in->from ? normal(in->from, a) : NULL;
	if (!v->from) {
		v->result = DMARC_PERMERROR;
		v->problem = "the author's domain is no domain";
		return 0;
	}
	if (dmarc_walk(d, v->from, a, &walk, e) < 0)
		return -1;
	v->queries = walk.count;
	v->org = walk.unknown ? NULL : walk.org;
	step = dmarc_policy_step(&walk);
	if (!step || (walk.unknown && step != &walk.step[0])) {
		v->result = walk.unknown ? DMARC_TEMPERROR : DMARC_NONE;
		if (walk.unknown)
			v->problem = arena_fmt(a, "lookup of '_dmarc.%s': %s",
			    walk.step[walk.count - 1].domain,
			    dns_status_name(walk.step[walk.count - 1].status));
		return 0;
	}
	if (choose_policy(d, step, a, v, e) < 0)
		return -1;
	return judge(&al, in, e);
}
