/* mcheckdns: audits the mail DNS of domains; evaluates SPF.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"

#include "auth/spf.h"

#include "audit/audit.h"

#include "tool.h"

#define JOBS     16         /* domains at once when the network is asked */
#define PAGE_MAX (1u << 22) /* octets of one page */
#define NEVER    AUDIT_UNKNOWN

struct settings {
	struct tool_common common;
	struct opt_list zones;
	const char *resolver, *selectors;
	const char *min_severity, *fail_on;
	const char *ip, *helo, *mailfrom;
	bool trust_ad, list_findings;
};

static const struct opt options[] = {
	OPT_HEAD("Source"),
	OPT_MANY(0, "zone", struct settings, zones, "FILE",
	    "master file to read instead of asking"),
	OPT_TEXT(0, "resolver", struct settings, resolver, "ADDR[:PORT]",
	    "ask this resolver"),
	OPT_FLAG(0, "trust-ad", struct settings, trust_ad,
	    "believe the resolver's AD bit"),
	OPT_HEAD("Audit"),
	OPT_TEXT(0, "selectors", struct settings, selectors, "A,B",
	    "DKIM selectors that should be there"),
	OPT_CHOICE(0, "min-severity", struct settings, min_severity,
	    "info|notice|warn|error", "leave out what is below"),
	OPT_CHOICE(0, "fail-on", struct settings, fail_on,
	    "info|notice|warn|error|never", "exit 1 at this severity (error)"),
	OPT_FLAG(0, "list-findings", struct settings, list_findings,
	    "list all that can be found"),
	OPT_HEAD("SPF (mcheckdns spf)"),
	OPT_TEXT(0, "ip", struct settings, ip, "IP", "address of the client"),
	OPT_TEXT(0, "helo", struct settings, helo, "NAME", "its HELO name"),
	OPT_TEXT(0, "mailfrom", struct settings, mailfrom, "ADDR",
	    "envelope sender"),
	OPT_MORE(tool_common_options, struct settings, common),
	OPT_DONE,
};

static const struct tool tool = {
	.name = "mcheckdns",
	.synopsis = "[option ...] domain ... | spf | explain id",
	.purpose = "audits the mail DNS of domains",
	.options = options,
	.settings_size = sizeof(struct settings),
};

/* One run over many domains. */
struct session {
	struct tool_run *run;
	const struct settings *set;
	struct dns *dns;
	struct opt_list selectors;
	enum audit_severity min, fail_on;
	bool found, unknown; /* a finding at fail_on; something unknown */
	bool printed;
};

/* One domain; pool jobs own their memory. */
struct job {
	struct arena a;
	const char *domain;
	struct audit_report report;
	struct err e;
	int ret;
};

static struct json *
rule_json(const struct audit_rule *r)
{
	struct json *o = json_new_object();

	json_put_text(o, "id", r->id);
	json_put_text(o, "severity", audit_severity_name(r->severity));
	json_put_text(o, "ref", *r->ref ? r->ref : NULL);
	json_put_text(o, "text", r->text);
	json_put_text(o, "fix", *r->fix ? r->fix : NULL);
	return o;
}

static void
list_findings(struct tool_run *run)
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

static void
explain(struct tool_run *run, const char *id)
{
	const struct audit_rule *r = audit_rule_named(id);
	struct err e;

	if (!r) {
		err_set(&e, ERR_USAGE,
		    "no finding has the id '%s': see --list-findings", id);
		tool_fail(run, &e);
	} else if (run->common->json) {
		tool_json(run, rule_json(r));
	} else {
		tool_print(run, "%s (%s)\n%s\n", r->id,
		    audit_severity_name(r->severity), r->text);
		if (*r->ref)
			tool_print(run, "%s\n", r->ref);
		if (*r->fix)
			tool_print(run, "fix: %s\n", r->fix);
	}
}

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
evaluate_spf(struct session *s, struct err *e)
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

static void
work(void *arg, void *session)
{
	struct job *job = arg;
	struct session *s = session;

	job->ret = audit_domain(s->dns, job->domain, s->selectors.v,
	    s->selectors.n, &job->a, &job->report, &job->e);
}

static void
print_page(struct session *s, const struct audit_report *r)
{
	struct buf page;

	buf_init(&page, PAGE_MAX);
	if (s->printed)
		buf_char(&page, '\n');
	audit_page(r, s->min, s->run->color, &page);
	tool_output(s->run, buf_view(&page));
	buf_free(&page);
	s->printed = true;
}

static void
done(void *arg, void *session)
{
	struct job *job = arg;
	struct session *s = session;
	const struct audit_report *r = &job->report;

	if (job->ret < 0) {
		err_in(&job->e, "%s", job->domain);
		tool_fail(s->run, &job->e);
	} else {
		if (s->run->common->json)
			tool_json(s->run, audit_json(r, s->min));
		else
			print_page(s, r);
		for (unsigned i = s->fail_on; i < NEVER; i++)
			s->found |= r->counts[i] > 0;
		s->unknown |= r->counts[AUDIT_UNKNOWN] > 0;
	}
	arena_free(&job->a);
	mem_free(job);
}

static void
put_domain(struct pool *pool, struct slice domain)
{
	struct job *job;

	if (domain.n == 0 || slice_peek(domain) == '#')
		return;
	job = mem_new(sizeof(*job));
	job->domain = arena_copy(&job->a, domain);
	pool_put(pool, job);
}

/* A domain a line; "#" starts a comment line. */
static int
put_lines(struct pool *pool, struct err *e)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int ret = 0;

	while (!tool_stopping() && (n = getline(&line, &cap, stdin)) >= 0)
		put_domain(pool, slice_trim(slice_of(line, (size_t)n)));
	if (ferror(stdin))
		ret = errno == EBADF
		          ? err_set(e, ERR_NOINPUT,
				"'standard input' is closed: redirect it")
		          : err_sys(e, ERR_IO, "cannot read 'standard input'");
	free(line);
	return ret;
}

static int
audit_all(struct session *s, struct err *e)
{
	const struct opt_list *rest = &s->run->rest;
	struct pool_plan plan = { .work = work, .done = done, .arg = s };
	struct pool *pool;
	int ret = 0;

	plan.jobs = s->run->common->jobs ? s->run->common->jobs
	            : s->set->zones.n    ? 1
	                                 : JOBS;
	if (rest->n == 0)
		return err_set(e, ERR_USAGE,
		    "no domain given: name some, or - to read them");
	if (pool_new(&pool, &plan, e) < 0)
		return -1;
	for (size_t i = 0; i < rest->n && ret == 0; i++) {
		if (tool_stopping())
			break;
		if (strcmp(rest->v[i], "-") == 0)
			ret = put_lines(pool, e);
		else
			put_domain(pool, slice_str(rest->v[i]));
	}
	pool_free(&pool);
	if (s->found)
		tool_status(s->run, ERR_NO);
	else if (s->unknown)
		tool_status(s->run, ERR_TEMP);
	return ret;
}

static void
read_settings(struct session *s)
{
	struct slice list = slice_str(s->set->selectors);

	while (list.n) {
		struct slice one =
		    slice_trim(slice_take_until(&list, ',', NULL));

		if (one.n)
			opt_list_add(&s->selectors,
			    arena_copy(&s->run->arena, one), &s->run->arena);
	}
	s->fail_on = AUDIT_ERROR;
	if (s->set->min_severity)
		audit_severity_read(s->set->min_severity, &s->min);
	if (s->set->fail_on &&
	    !audit_severity_read(s->set->fail_on, &s->fail_on))
		s->fail_on = NEVER;
}

static int
ask(struct session *s, struct err *e)
{
	const struct settings *set = s->set;
	const struct opt_list *rest = &s->run->rest;
	struct dns_config c = { .zones = set->zones.v,
		.zone_count = set->zones.n,
		.resolver = set->resolver,
		.timeout = set->common.timeout,
		.trust_ad = set->trust_ad,
		.given = &s->run->given };
	int ret;

	if (dns_new(&s->dns, &c, e) < 0)
		return -1;
	read_settings(s);
	ret = rest->n == 1 && strcmp(rest->v[0], "spf") == 0
	          ? evaluate_spf(s, e)
	          : audit_all(s, e);
	dns_free(&s->dns);
	return ret;
}

int
main(int argc, char **argv)
{
	struct settings set = { 0 };
	struct tool_run run;
	struct session s = { .run = &run, .set = &set };
	struct err e;

	if (tool_begin(&run, &tool, argc, argv, &set) < 0)
		return tool_end(&run);
	if (set.list_findings)
		list_findings(&run);
	else if (run.rest.n == 2 && strcmp(run.rest.v[0], "explain") == 0)
		explain(&run, run.rest.v[1]);
	else if (ask(&s, &e) < 0)
		tool_fail(&run, &e);
	return tool_end(&run);
}
