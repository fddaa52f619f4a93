/* mcheckdns: DMARC of one message's results, and the walk up the tree.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/dmarcview.h"
#include "auth/orgdomain.h"

#include "mcheckdns.h"

static void
put_policy(struct json *o, const char *key, enum dmarc_policy p)
{
	json_put_text(o, key, p ? dmarc_policy_name(p) : NULL);
}

static struct json *
verdict_json(const struct dmarc_verdict *v, const char *reader)
{
	struct json *o = json_new_object(), *dmarc = json_new_object();

	json_put_text(dmarc, "reader", reader);
	json_put_text(dmarc, "result", dmarc_result_name(v->result));
	put_policy(dmarc, "policy", v->policy);
	put_policy(dmarc, "disposition", v->disposition);
	json_put_text(dmarc, "tag", v->tag);
	json_put_bool(dmarc, "spf_aligned", v->spf_aligned);
	json_put_bool(dmarc, "dkim_aligned", v->dkim_aligned);
	json_put_text(dmarc, "at", v->record_at);
	json_put_text(dmarc, "org", v->org);
	json_put_number(dmarc, "queries", v->queries);
	json_put_text(dmarc, "problem", v->problem);
	json_put(o, "dmarc", dmarc);
	return o;
}

static void
print_verdict(
    struct tool_run *run, const struct dmarc_verdict *v, const char *reader)
{
	tool_print(run, "%s (RFC %s)\n", dmarc_result_name(v->result), reader);
	if (v->record_at)
		tool_print(run, "  policy: %s (%s= at _dmarc.%s)%s\n",
		    dmarc_policy_name(v->policy), v->tag, v->record_at,
		    v->testing ? ", testing" : "");
	if (v->result == DMARC_FAIL)
		tool_print(run, "  to be done: %s\n",
		    dmarc_policy_name(v->disposition));
	tool_print(run, "  aligned: SPF %s, DKIM %s\n",
	    v->spf_aligned ? "yes" : "no", v->dkim_aligned ? "yes" : "no");
	if (v->org)
		tool_print(run, "  organizational domain: %s\n", v->org);
	if (v->problem)
		tool_print(run, "  because: %s\n", v->problem);
}

/*	result = word ":" domain [":" selector]
 *
 * The domain of a pass, or null; *temporary_r when it says temperror. */
static int
read_result(struct session *s, const char *text, const char **domain_r,
    bool *temporary_r, struct err *e)
{
	struct slice rest = slice_str(text), word;
	bool found;

	word = slice_take_until(&rest, ':', &found);
	if (!found || word.n == 0)
		return err_set(e, ERR_USAGE, "'%s' is not RESULT:DOMAIN", text);
	*temporary_r |= slice_is_nocase(word, "temperror");
	*domain_r =
	    slice_is_nocase(word, "pass")
		? arena_copy(&s->run->arena, slice_take_until(&rest, ':', NULL))
		: NULL;
	return 0;
}

static int
judge(struct session *s, const struct dmarc_input *in, bool old, struct err *e)
{
	const char *reader = old ? "7489" : "9989";
	struct dmarc_verdict v;
	int ret = old ? dmarc_check_old(s->dns, in, &s->run->arena, &v, e)
	              : dmarc_check(s->dns, in, &s->run->arena, &v, e);

	if (ret < 0)
		return -1;
	if (s->run->common->json)
		tool_json(s->run, verdict_json(&v, reader));
	else
		print_verdict(s->run, &v, reader);
	if (v.result == DMARC_TEMPERROR)
		tool_status(s->run, ERR_TEMP);
	else if (v.result == DMARC_FAIL || v.result == DMARC_PERMERROR)
		tool_status(s->run, ERR_NO);
	return 0;
}

/* The author domain of an address, or the domain itself. */
static const char *
author(const char *from)
{
	const char *at = strrchr(from, '@');

	return at ? at + 1 : from;
}

/* mcheckdns dmarc --from ADDR --spf RESULT:D --dkim RESULT:D */
static int
evaluate(struct session *s, struct err *e)
{
	const struct settings *set = s->set;
	const char *reader = set->reader ? set->reader : "9989";
	struct dmarc_input in = { .from = author(set->from) };
	const char *domains[DMARC_DKIM_MAX];

	if (set->spf &&
	    read_result(s, set->spf, &in.spf_domain, &in.temporary, e) < 0)
		return -1;
	for (size_t i = 0; i < set->dkim.n && i < DMARC_DKIM_MAX; i++) {
		if (read_result(s, set->dkim.v[i], &domains[in.dkim_count],
			&in.temporary, e) < 0)
			return -1;
		in.dkim_count += domains[in.dkim_count] != NULL;
	}
	in.dkim_domains = domains;
	if (mcheckdns_dns(s, e) < 0)
		return -1;
	if (strcmp(reader, "7489") != 0 && judge(s, &in, false, e) < 0)
		return -1;
	if (strcmp(reader, "9989") != 0)
		return judge(s, &in, true, e);
	return 0;
}

static struct json *
walk_json(const struct dmarc_walk *w, const struct dmarc_step *policy)
{
	struct json *o = json_new_object(), *walk = json_new_object();
	struct json *steps = json_new_array();

	for (unsigned i = 0; i < w->count; i++) {
		const struct dmarc_step *step = &w->step[i];
		struct json *one = json_new_object();

		json_put_text(one, "name", step->domain);
		json_put_text(one, "status", dns_status_name(step->status));
		json_put_number(one, "records", step->candidates);
		if (step->record)
			json_put_slice(one, "record", step->record->text);
		else
			json_put_null(one, "record");
		json_add(steps, one);
	}
	json_put(walk, "steps", steps);
	json_put_number(walk, "queries", w->count);
	json_put_text(walk, "org", w->unknown ? NULL : w->org);
	json_put_text(walk, "policy_at", policy ? policy->domain : NULL);
	json_put(o, "walk", walk);
	return o;
}

static void
print_walk(struct session *s, const struct dmarc_walk *w,
    const struct dmarc_step *policy)
{
	for (unsigned i = 0; i < w->count; i++) {
		const struct dmarc_step *step = &w->step[i];

		tool_print(s->run, "%u  _dmarc.%s  ", i + 1, step->domain);
		if (step->record)
			tool_print(
			    s->run, "%.*s\n", SLICE_ARG(step->record->text));
		else
			tool_print(s->run, "%s\n",
			    step->candidates > 1 ? "several records: discarded"
			    : step->candidates   ? "a record without effect"
					       : dns_status_name(step->status));
	}
	tool_print(s->run, "organizational domain: %s\n",
	    w->unknown ? "unknown" : w->org);
	if (policy)
		tool_print(s->run, "policy: that of %s\n", policy->domain);
	if (w->unknown)
		tool_status(s->run, ERR_TEMP);
}

/* mcheckdns dmarc walk DOMAIN */
static int
walk(struct session *s, const char *domain, struct err *e)
{
	const struct dmarc_step *policy;
	struct dmarc_walk w;

	if (mcheckdns_dns(s, e) < 0 ||
	    dmarc_walk(s->dns, domain, &s->run->arena, &w, e) < 0)
		return -1;
	policy = dmarc_policy_step(&w);
	if (s->run->common->json)
		tool_json(s->run, walk_json(&w, policy));
	else
		print_walk(s, &w, policy);
	return 0;
}

int
mcheckdns_dmarc(struct session *s, struct words w, struct err *e)
{
	bool walks = w.n == 2 && strcmp(w.v[0], "walk") == 0;
	bool judges = s->set->from && w.n == 0;

	if ((walks || judges) && mcheckdns_no_record(s, "dmarc", e) < 0)
		return -1;
	if (judges)
		return evaluate(s, e);
	if (walks)
		return walk(s, w.v[1], e);
	if (w.n == 0)
		return err_set(e, ERR_USAGE,
		    "dmarc needs --from, a domain, or the word walk");
	s->want.parts = AUDIT_PART_DMARC;
	return mcheckdns_audit(s, w, e);
}

/* mcheckdns psl NAME: organizational domains of the list */
int
mcheckdns_psl(struct session *s, struct words w, struct err *e)
{
	if (!orgdomain_known())
		return err_set(e, ERR_UNAVAILABLE,
		    "no Public Suffix List: built without libpsl");
	if (w.n == 0)
		return err_set(e, ERR_USAGE, "psl needs a name");
	for (size_t i = 0; i < w.n; i++) {
		const char *org = orgdomain_of(w.v[i], &s->run->arena);
		bool suffix = orgdomain_is_suffix(w.v[i]);
		struct json *o;

		if (!s->run->common->json) {
			tool_print(s->run, "%s %s%s\n", w.v[i], org,
			    suffix ? " (public suffix)" : "");
			continue;
		}
		o = json_new_object();
		json_put_text(o, "name", w.v[i]);
		json_put_text(o, "psl_org", org);
		json_put_bool(o, "public_suffix", suffix);
		tool_json(s->run, o);
	}
	return 0;
}
