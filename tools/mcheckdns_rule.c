/* mcheckdns: the rules, explained and listed.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "mcheckdns.h"

static struct json *
rule_json(const struct audit_rule *r)
{
	struct json *o = json_new_object();

	json_put_text(o, "id", r->id);
	json_put_text(o, "severity", audit_severity_name(r->severity));
	json_put_text(o, "ref", *r->ref ? r->ref : NULL);
	json_put_bool(o, "ref_checked", audit_rule_is_checked(r));
	json_put_text(o, "text", r->text);
	json_put_text(o, "fix", *r->fix ? r->fix : NULL);
	return o;
}

void
mcheckdns_list(struct tool_run *run)
{
	for (unsigned i = 0; i < AUDIT_RULES; i++) {
		const struct audit_rule *r = audit_rule_of(i);

		if (run->common->json)
			tool_json(run, rule_json(r));
		else
			tool_print(run, "%-24s %-8s %s\n", r->id,
			    audit_severity_name(r->severity), r->text);
	}
}

int
mcheckdns_explain(struct session *s, struct words w, struct err *e)
{
	struct tool_run *run = s->run;
	const struct audit_rule *r;

	if (w.n != 1)
		return err_set(
		    e, ERR_USAGE, "explain needs the id of a finding");
	r = audit_rule_named(w.v[0]);
	if (!r)
		return err_set(e, ERR_USAGE,
		    "no finding has the id '%s': see --list-findings", w.v[0]);
	if (run->common->json) {
		tool_json(run, rule_json(r));
		return 0;
	}
	tool_print(run, "%s (%s)\n%s\n", r->id,
	    audit_severity_name(r->severity), r->text);
	if (*r->ref)
		tool_print(run, "%s%s\n", r->ref,
		    audit_rule_is_checked(r)
			? ""
			: " (section from notes, not checked against the "
			  "RFC's text)");
	if (*r->fix)
		tool_print(run, "fix: %s\n", r->fix);
	return 0;
}
