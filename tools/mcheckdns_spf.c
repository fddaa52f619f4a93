/* mcheckdns: the SPF check of one client, and what an SPF record means.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/spf.h"

#include "mcheckdns.h"

struct json *
mcheckdns_spf_json(
    const struct spf_verdict *v, struct json *steps, const char *ip)
{
	struct json *o = json_new_object(), *spf = json_new_object();

	json_put_text(spf, "result", spf_result_name(v->result));
	json_put_text(spf, "explanation", v->explanation);
	if (v->term.n) {
		struct json *span = json_new_array();

		json_put_slice(spf, "term", v->term);
		json_add_number(span, (int64_t)v->span[0]);
		json_add_number(span, (int64_t)v->span[1]);
		json_put(spf, "span", span);
	} else {
		json_put_null(spf, "term");
		json_put_null(spf, "span");
	}
	json_put_number(spf, "lookups", v->lookups);
	json_put_number(spf, "voids", v->voids);
	json_put_text(spf, "identity", v->identity);
	json_put_text(spf, "domain", v->domain);
	json_put_text(spf, "at", v->at);
	json_put_text(spf, "problem", v->problem);
	if (steps)
		json_put(spf, "steps", steps);
	if (ip)
		json_put_text(o, "ip", ip);
	json_put(o, "spf", spf);
	return o;
}

static void
print_spf(struct tool_run *run, const struct spf_verdict *v)
{
	tool_print(run, "%s\n", spf_result_name(v->result));
	tool_print(run, "  %s: %s\n", v->identity, v->domain);
	if (v->term.n)
		tool_print(run,
		    "  decided by: %.*s (octets %zu to %zu of %s)\n",
		    SLICE_ARG(v->term), v->span[0], v->span[1], v->at);
	if (v->problem)
		tool_print(run, "  because: %s\n", v->problem);
	if (v->explanation)
		tool_print(run, "  explanation: %s\n", v->explanation);
	tool_print(run, "  %u of %d lookups, %u of %d void\n", v->lookups,
	    SPF_LOOKUPS_MAX, v->voids, SPF_VOIDS_MAX);
}

static void
count_result(struct session *s, enum spf_result result)
{
	if (result == SPF_TEMPERROR)
		tool_status(s->run, ERR_TEMP);
	else if (result == SPF_FAIL || result == SPF_PERMERROR)
		tool_status(s->run, ERR_NO);
}

/* Steps on the way to a verdict, for spf why. */
struct path {
	struct session *s;
	struct json *steps; /* null: as text */
};

static void
put_step(const struct spf_step *t, void *arg)
{
	struct path *p = arg;
	struct json *o, *span;

	if (!p->steps) {
		tool_print(p->s->run, "%*s%.*s%s%s: %s (%u lookups, %u void)\n",
		    (int)(2 + 2 * t->depth), "", SLICE_ARG(t->term),
		    t->target ? " -> " : "", t->target ? t->target : "",
		    t->said, t->lookups, t->voids);
		return;
	}
	o = json_new_object();
	span = json_new_array();
	json_add_number(span, (int64_t)t->span[0]);
	json_add_number(span, (int64_t)t->span[1]);
	json_put_number(o, "depth", t->depth);
	json_put_text(o, "at", t->at);
	json_put_slice(o, "term", t->term);
	json_put(o, "span", span);
	json_put_text(o, "target", t->target);
	json_put_text(o, "said", t->said);
	json_put_number(o, "lookups", t->lookups);
	json_put_number(o, "voids", t->voids);
	json_add(p->steps, o);
}

/* mcheckdns spf [why] --ip IP --helo NAME --mailfrom ADDR */
static int
evaluate(struct session *s, bool why, struct err *e)
{
	const struct settings *set = s->set;
	struct path path = { .s = s };
	struct spf_query q = { .helo = set->helo,
		.mailfrom = set->mailfrom,
		.receiver = s->run->given.hostname,
		.now = given_now(&s->run->given) };
	struct spf_verdict v;

	if (!set->ip || (!set->helo && !set->mailfrom))
		return err_set(
		    e, ERR_USAGE, "spf needs --ip, and --mailfrom or --helo");
	if (!ip_read(slice_str(set->ip), &q.ip))
		return err_set(e, ERR_USAGE,
		    "--ip '%s' is neither an IPv4 nor an IPv6 address",
		    set->ip);
	if (why) {
		q.step = put_step;
		q.arg = &path;
		if (s->run->common->json)
			path.steps = json_new_array();
	}
	if (spf_check(s->dns, &q, &s->run->arena, &v, e) < 0) {
		json_free(&path.steps);
		return -1;
	}
	if (s->run->common->json)
		tool_json(s->run, mcheckdns_spf_json(&v, path.steps, NULL));
	else
		print_spf(s->run, &v);
	count_result(s, v.result);
	return 0;
}

int
mcheckdns_spf(struct session *s, struct words w, struct err *e)
{
	static const char *const sets[] = { "set", "diff", "flatten", "cost" };
	bool why = w.n == 1 && strcmp(w.v[0], "why") == 0;

	for (size_t i = 0; i < COUNT_OF(sets) && w.n; i++)
		if (strcmp(w.v[0], sets[i]) == 0)
			return mcheckdns_spfset(s, w, e);
	if (w.n && strcmp(w.v[0], "lint") == 0)
		w = (struct words){ w.v + 1, w.n - 1 };
	if (w.n && !s->set->ip && !why) {
		s->want.parts = AUDIT_PART_SPF;
		return mcheckdns_audit(s, w, e);
	}
	if (w.n && !why)
		return err_set(e, ERR_USAGE, "spf knows no word '%s'", w.v[0]);
	if (mcheckdns_no_record(s, "a check of a client", e) < 0 ||
	    mcheckdns_dns(s, e) < 0)
		return -1;
	return s->set->batch ? mcheckdns_batch(s, e) : evaluate(s, why, e);
}
