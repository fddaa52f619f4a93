/* A received letter judged whole (see verify.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/idna.h"

#include "auth/author.h"
#include "auth/letter.h"
#include "auth/verify.h"

const char *
verify_answer_name(enum verify_answer a)
{
	static const char *const names[] = { [VERIFY_PASS] = "pass",
		[VERIFY_FAIL] = "fail",
		[VERIFY_NONE] = "none",
		[VERIFY_POLICY] = "policy",
		[VERIFY_TEMP] = "temperror" };

	return names[a];
}

static int
check_spf(const struct verify_plan *p, struct arena *a, struct verify *v,
    struct err *e)
{
	struct spf_query q = { .ip = p->ip,
		.helo = p->helo,
		.mailfrom = p->mailfrom,
		.now = p->now };

	v->spf.result = SPF_NONE;
	v->spf.identity = "mailfrom";
	if (!p->ip.n)
		v->spf_reason = "the client's address is not known";
	else if (!p->helo && !(p->mailfrom && *p->mailfrom))
		v->spf_reason = "neither sender nor HELO name is known";
	if (v->spf_reason)
		return 0;
	if (spf_check(p->dns, &q, a, &v->spf, e) < 0)
		return -1;
	v->spf_reason = v->spf.problem;
	return 0;
}

/* The author's domain in A-labels; null with the reason in the verdict when
 * there is not exactly one From with one domain (RFC 9989 5.3). */
static const char *
author_domain(struct arena *a, struct verify *v)
{
	struct slice domain, value, *found;
	size_t fields = 0, n;

	for (size_t i = 0; i < v->letter.count; i++) {
		value = v->letter.fields[i];
		if (!slice_is_nocase(letter_field_name(value), "From"))
			continue;
		fields++;
		slice_take_until(&value, ':', NULL);
		n = author_domains(value, a, &found);
		if (fields > 1)
			continue;
		v->from = found;
		v->from_count = n;
	}
	v->dmarc.result = DMARC_PERMERROR;
	if (fields != 1)
		v->dmarc.problem =
		    fields ? "several From fields" : "no From field";
	else if (!v->from_count)
		v->dmarc.problem = "From has no address with a domain";
	for (size_t i = 1; i < v->from_count; i++)
		if (!idna_equal(v->from[0], v->from[i]))
			v->dmarc.problem = "From has several domains";
	if (v->dmarc.problem)
		return NULL;
	if (idna_to_dns(v->from[0], a, &domain, NULL) < 0) {
		v->dmarc.problem = "the domain of From is none";
		return NULL;
	}
	return domain.p;
}

/* A pass with l= that leaves octets of the body unsigned is DKIM's pass, but
 * the letter as it is read is nobody's (RFC 6376 8.2). */
static bool
vouches(const struct verify_plan *p, const struct dkim_signature *s)
{
	return s->result == DKIM_PASS &&
	       (!s->unsigned_octets || p->policy == DKIM_POLICY_RFC);
}

static int
check_dmarc(const struct verify_plan *p, struct arena *a, struct verify *v,
    struct err *e)
{
	const char **passed = arena_array(a, v->dkim.count, sizeof(*passed));
	struct dmarc_input in = { .dkim_domains = passed,
		.suffixes = p->policy == DKIM_POLICY_LEGACY };
	const char *from = author_domain(a, v);

	if (!from)
		return 0;
	in.from = from;
	for (size_t i = 0; i < v->dkim.count; i++) {
		if (vouches(p, &v->dkim.sig[i]))
			passed[in.dkim_count++] = v->dkim.sig[i].domain;
		in.temporary |= v->dkim.sig[i].result == DKIM_TEMPERROR;
	}
	if (v->spf.result == SPF_PASS)
		in.spf_domain = v->spf.domain;
	in.temporary |= v->spf.result == SPF_TEMPERROR;
	return dmarc_check(p->dns, &in, a, &v->dmarc, e);
}

static enum verify_answer
dmarc_answer(enum dmarc_result r)
{
	switch (r) {
	case DMARC_PASS:
		return VERIFY_PASS;
	case DMARC_FAIL:
		return VERIFY_FAIL;
	case DMARC_TEMPERROR:
		return VERIFY_TEMP;
	case DMARC_PERMERROR:
		return VERIFY_POLICY;
	case DMARC_NONE:
		break;
	}
	return VERIFY_NONE;
}

static enum verify_answer
signed_answer(enum dkim_result r)
{
	switch (r) {
	case DKIM_PASS:
		return VERIFY_PASS;
	case DKIM_FAIL:
		return VERIFY_FAIL;
	case DKIM_TEMPERROR:
		return VERIFY_TEMP;
	case DKIM_POLICY:
	case DKIM_PERMERROR:
		return VERIFY_POLICY;
	case DKIM_NONE:
	case DKIM_NEUTRAL:
		break;
	}
	return VERIFY_NONE;
}

static enum verify_answer
dkim_answer(const struct verify_plan *p, const struct verify *v)
{
	enum dkim_result r = dkim_overall(&v->dkim);

	if (r != DKIM_PASS)
		return signed_answer(r);
	for (size_t i = 0; i < v->dkim.count; i++)
		if (vouches(p, &v->dkim.sig[i]))
			return VERIFY_PASS;
	return VERIFY_POLICY;
}
static enum verify_answer
spf_answer(enum spf_result r)
{
	switch (r) {
	case SPF_PASS:
		return VERIFY_PASS;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
		return VERIFY_FAIL;
	case SPF_TEMPERROR:
		return VERIFY_TEMP;
	case SPF_PERMERROR:
		return VERIFY_POLICY;
	case SPF_NONE:
	case SPF_NEUTRAL:
		break;
	}
	return VERIFY_NONE;
}

static enum verify_answer
arc_answer(const struct arc_report *r)
{
	return r->cv == ARC_NONE   ? VERIFY_NONE
	       : r->cv == ARC_PASS ? VERIFY_PASS
	       : r->temporary      ? VERIFY_TEMP
	                           : VERIFY_FAIL;
}

/* ARC vouches for others' findings, not for the letter: its answer counts
 * where nothing else was asked for. */
static void
answer(const struct verify_plan *p, struct verify *v)
{
	v->answer = p->dmarc ? dmarc_answer(v->dmarc.result) : VERIFY_NONE;
	v->by = "dmarc";
	if (v->answer == VERIFY_NONE && p->dkim) {
		v->answer = dkim_answer(p, v);
		v->by = "dkim";
	}
	if (v->answer == VERIFY_NONE && p->spf) {
		v->answer = spf_answer(v->spf.result);
		v->by = "spf";
	}
	if (v->answer == VERIFY_NONE && !p->dkim && !p->spf && !p->dmarc) {
		v->answer = p->dkim2 ? signed_answer(v->dkim2.result)
		                     : arc_answer(&v->arc);
		v->by = p->dkim2 ? "dkim2" : "arc";
	}
	if (v->answer == VERIFY_NONE)
		v->by = NULL;
}

static int
explain(const struct dkim_judge *j, struct arena *a, struct verify *v,
    struct err *e)
{
	v->explain = arena_array(a, v->dkim.count, sizeof(*v->explain));
	for (size_t i = 0; i < v->dkim.count; i++)
		if (explain_signature(&v->letter, j, &v->dkim.sig[i], a,
			&v->explain[i], e) < 0)
			return -1;
	return 0;
}

static int
check_dkim2(const struct verify_plan *p, const struct dkim_judge *j,
    struct arena *a, struct verify *v, struct err *e)
{
	const struct dkim2_envelope env = { .sender = p->mailfrom,
		.recipients = p->recipients,
		.recipient_count = p->recipient_count };

	return dkim2_verify(&v->letter, j, &env, a, &v->dkim2, e);
}

/* DMARC rests on the other two, so they are looked at for it even where only
 * DMARC was asked for. */
int
verify_message(const struct verify_plan *p, struct slice message,
    const struct io_map *map, struct arena *a, struct verify *v_r,
    struct err *e)
{
	struct dkim_judge judge = { .dns = p->dns,
		.now = p->now,
		.policy = p->policy,
		.tlsrpt = p->tlsrpt,
		.trace = p->trace };

	*v_r = (struct verify){ 0 };
	if (letter_read(message, a, &v_r->letter, e) < 0)
		return -1;
	v_r->letter.map = map;
	if ((p->dkim || p->dmarc) &&
	    dkim_verify(&v_r->letter, &judge, a, &v_r->dkim, e) < 0)
		return -1;
	if (p->explain && explain(&judge, a, v_r, e) < 0)
		return -1;
	if ((p->spf || p->dmarc) && check_spf(p, a, v_r, e) < 0)
		return -1;
	if (p->dmarc && check_dmarc(p, a, v_r, e) < 0)
		return -1;
	if (p->dkim2 && check_dkim2(p, &judge, a, v_r, e) < 0)
		return -1;
	if (p->arc && arc_verify(&v_r->letter, &judge, a, &v_r->arc, e) < 0)
		return -1;
	answer(p, v_r);
	return 0;
}

/* b= without its white space, as short as tells the signatures apart, 8 or
 * more characters (RFC 6008). */
static struct slice
short_b(const struct verify *v, size_t which, struct arena *a)
{
	char *text = arena_new(a, v->dkim.sig[which].b.n + 1);
	struct slice b = v->dkim.sig[which].b;
	size_t n = 0, want = 8;

	for (size_t i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] > ' ')
			text[n++] = b.p[i];
	for (size_t i = 0; i < v->dkim.count; i++) {
		struct slice other = v->dkim.sig[i].b;

		if (i == which || slice_equal(other, b))
			continue;
		while (want < n && want < other.n &&
		       memcmp(text, other.p, want) == 0)
			want++;
	}
	return slice_of(text, size_min(n, want));
}

static void
add_dkim(const struct verify *v, struct arena *a, struct result *r)
{
	for (size_t i = 0; i < v->dkim.count && i < DKIM_JUDGED_MAX; i++) {
		const struct dkim_signature *s = &v->dkim.sig[i];
		struct result_method *m =
		    result_add(r, a, "dkim", dkim_result_name(s->result));

		m->reason = slice_str(s->reason);
		if (s->bits)
			m->comment = slice_str(arena_fmt(a, "%u-bit key%s",
			    s->bits, s->testing ? ", testing" : ""));
		if (s->domain)
			result_prop(m, a, "header", "d", slice_str(s->domain));
		if (s->i.n)
			result_prop(m, a, "header", "i", s->i);
		if (s->a.n)
			result_prop(m, a, "header", "a", s->a);
		if (s->s.n)
			result_prop(m, a, "header", "s", s->s);
		if (s->b.n)
			result_prop(m, a, "header", "b", short_b(v, i, a));
	}
	if (!v->dkim.count)
		result_add(r, a, "dkim", "none")->reason =
		    slice_str("no signature");
}

static void
add_spf(const struct verify_plan *p, const struct verify *v, struct arena *a,
    struct result *r)
{
	struct result_method *m =
	    result_add(r, a, "spf", spf_result_name(v->spf.result));

	m->reason = slice_str(v->spf_reason);
	if (p->mailfrom && *p->mailfrom)
		result_prop(m, a, "smtp", "mailfrom", slice_str(p->mailfrom));
	else if (p->helo)
		result_prop(m, a, "smtp", "helo", slice_str(p->helo));
}

static void
add_dmarc(const struct verify *v, struct arena *a, struct result *r)
{
	const struct dmarc_verdict *d = &v->dmarc;
	struct result_method *m =
	    result_add(r, a, "dmarc", dmarc_result_name(d->result));

	m->reason = slice_str(d->problem);
	if (d->record_at)
		m->comment =
		    slice_str(arena_fmt(a, "%s=%s at %s", d->tag ? d->tag : "p",
			dmarc_policy_name(d->policy), d->record_at));
	if (d->from)
		result_prop(m, a, "header", "from", slice_str(d->from));
	else if (v->from_count)
		result_prop(m, a, "header", "from", v->from[0]);
}

/* RFC 8617 10.2: header.oldest-pass only for pass; smtp.remote-ip is SPF's. */
static void
add_arc(const struct verify *v, struct arena *a, struct result *r)
{
	const struct arc_report *arc = &v->arc;
	struct result_method *m = result_add(r, a, "arc", arc_cv_name(arc->cv));

	m->reason = slice_str(arc->reason);
	if (arc->count)
		m->comment = slice_str(arena_fmt(
		    a, "%zu set%s", arc->count, arc->count == 1 ? "" : "s"));
}

void
verify_result(const struct verify_plan *p, const struct verify *v,
    const char *authserv_id, struct arena *a, struct result *r_r)
{
	*r_r = (struct result){ .authserv_id = authserv_id };
	if (p->dkim)
		add_dkim(v, a, r_r);
	if (p->spf)
		add_spf(p, v, a, r_r);
	if (p->dmarc)
		add_dmarc(v, a, r_r);
	if (p->arc)
		add_arc(v, a, r_r);
}
