/* mcheckdns: the SPF check of one client, and what an SPF record means.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/spf.h"

#include "mcheckdns.h"

static struct json *
spf_json(const struct spf_verdict *v)
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

/* mcheckdns spf --ip IP --helo NAME --mailfrom ADDR */
static int
evaluate(struct session *s, struct err *e)
{
	const struct settings *set = s->set;
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
	if (spf_check(s->dns, &q, &s->run->arena, &v, e) < 0)
		return -1;
	if (s->run->common->json)
		tool_json(s->run, spf_json(&v));
	else
		print_spf(s->run, &v);
	if (v.result == SPF_TEMPERROR)
		tool_status(s->run, ERR_TEMP);
	else if (v.result == SPF_FAIL || v.result == SPF_PERMERROR)
		tool_status(s->run, ERR_NO);
	return 0;
}

int
mcheckdns_spf(struct session *s, struct words w, struct err *e)
{
	if (w.n && !s->set->ip) {
		s->want.parts = AUDIT_PART_SPF;
		return mcheckdns_audit(s, w, e);
	}
	if (w.n)
		return err_set(e, ERR_USAGE, "spf knows no word '%s'", w.v[0]);
	if (mcheckdns_dns(s, e) < 0)
		return -1;
	return evaluate(s, e);
}
