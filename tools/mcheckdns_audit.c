/* mcheckdns: the audit of domains, one after another or many at once.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

#include "crypt/rsaweak.h"

#include "mcheckdns.h"

#define JOBS           16 /* domains at once when the network is asked */
#define PAGE_MAX       (1u << 22) /* octets of one page */
#define NAMES_FILE_MAX 65536      /* octets of a list of selectors */
#define NEVER          AUDIT_UNKNOWN

static size_t
processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > JOBS ? JOBS : (size_t)n;
}

size_t
mcheckdns_jobs(const struct session *s)
{
	return s->run->common->jobs            ? s->run->common->jobs
	       : s->set->zones.n || s->offline ? processors()
	                                       : JOBS;
}

/* One domain; pool jobs own their memory. What an audit read goes as soon as
 * the result is made: many may wait for one that is slow. */
struct job {
	struct arena a;
	const char *domain;
	unsigned counts[AUDIT_UNKNOWN + 1]; /* of findings, by severity */
	struct audit_key *keys;             /* for --keys */
	size_t key_count;
	struct buf text; /* the result, ready to be printed */
	struct err e;
	int ret;
};

static void
render(const struct session *s, const struct audit_report *r, struct buf *out)
{
	if (s->run->common->json)
		audit_json(r, s->min, out);
	else if (s->tsv)
		audit_tsv(r, s->min, out);
	else
		audit_page(r, s->min, s->run->color, out);
}

static void
work(void *arg, void *session)
{
	struct job *job = arg;
	struct session *s = session;
	struct audit_report report;
	struct arena a = { 0 };

	job->ret =
	    audit_domain(s->dns, job->domain, &s->want, &a, &report, &job->e);
	buf_init(&job->text, PAGE_MAX);
	if (job->ret == 0 && s->baseline)
		job->ret = mcheckdns_drift(s, &report, &a, &job->e);
	if (job->ret == 0) {
		render(s, &report, &job->text);
		memcpy(job->counts, report.counts, sizeof(job->counts));
		if (s->keys)
			job->keys =
			    audit_keys_of(&report, &job->a, &job->key_count);
	}
	arena_free(&a);
}

/* Prints what was rendered, and counts the findings. */
static void
put_report(struct session *s, const unsigned *counts, struct slice text)
{
	if (s->printed && !s->run->common->json && !s->tsv)
		tool_output(s->run, slice_str("\n"));
	tool_output(s->run, text);
	s->printed = true;
	for (unsigned i = s->fail_on; i < NEVER; i++)
		s->found |= counts[i] > 0;
	s->unknown |= counts[AUDIT_UNKNOWN] > 0;
}

void
mcheckdns_report(struct session *s, const struct audit_report *r)
{
	struct buf text;

	buf_init(&text, PAGE_MAX);
	render(s, r, &text);
	put_report(s, r->counts, buf_view(&text));
	buf_free(&text);
}

void
mcheckdns_status(struct session *s)
{
	if (s->found)
		tool_status(s->run, ERR_NO);
	else if (s->unknown)
		tool_status(s->run, ERR_TEMP);
}

static void
done(void *arg, void *session)
{
	struct job *job = arg;
	struct session *s = session;

	for (size_t i = 0; i < job->key_count && job->ret == 0; i++)
		job->ret = audit_keys_add(s->keys, &job->keys[i], &job->e);
	if (job->ret < 0) {
		err_in(&job->e, "%s", *job->domain ? job->domain : "''");
		tool_fail(s->run, &job->e);
	} else {
		put_report(s, job->counts, buf_view(&job->text));
	}
	buf_free(&job->text);
	arena_free(&job->a);
	mem_free(job);
}

static void
put_domain(struct pool *pool, struct slice domain)
{
	struct job *job = mem_new(sizeof(*job));

	job->domain = arena_copy(&job->a, domain);
	pool_put(pool, job);
}

/* A domain a line; "#" starts a comment line. What cannot be a list of domains
 * is given up at once. */
static int
put_line(struct session *s UNUSED, struct pool *pool, struct slice line,
    uint64_t number, struct err *e)
{
	for (size_t i = 0; i < line.n; i++)
		if (ascii_is_control((unsigned char)line.p[i]) &&
		    slice_find(slice_str("\t\r"), line.p[i]) == SIZE_MAX)
			return err_set(e, ERR_DATA,
			    "'standard input', line %llu: control octets: this "
			    "is no list of domains",
			    (unsigned long long)number);
	line = slice_trim(line);
	if (line.n && slice_peek(line) != '#')
		put_domain(pool, line);
	return 0;
}

/* A name a line. */
static int
read_names(
    struct session *s, const char *path, struct opt_list *words, struct err *e)
{
	struct buf text;
	struct slice rest, line;
	int ret;

	buf_init(&text, NAMES_FILE_MAX);
	ret = io_read_file(path, &text, e);
	rest = buf_view(&text);
	while (ret == 0 && rest.n) {
		slice_take_line(&rest, &line, NULL);
		line = slice_trim(line);
		if (line.n && slice_peek(line) != '#')
			opt_list_add(words, arena_copy(&s->run->arena, line),
			    &s->run->arena);
	}
	buf_free(&text);
	return ret;
}

/* Words with commas between: a selector, "auto", "@FILE". */
static int
read_words(
    struct session *s, const char *text, struct opt_list *words, struct err *e)
{
	struct slice list = slice_str(text);
	int ret = 0;

	while (list.n && ret == 0) {
		struct slice one =
		    slice_trim(slice_take_until(&list, ',', NULL));
		const char *word = arena_copy(&s->run->arena, one);

		if (slice_is(one, "auto"))
			s->want.probe = true;
		else if (slice_peek(one) == '@')
			ret = read_names(s, word + 1, words, e);
		else if (one.n)
			opt_list_add(words, word, &s->run->arena);
	}
	return ret;
}

/* Who a client says it is, and its address. */
static int
read_client(struct session *s, struct err *e)
{
	const char *ip = s->set->ip;

	s->want.helo = s->set->helo;
	if (!ip)
		return 0;
	if (!ip_read(slice_str(ip), &s->client))
		return err_set(e, ERR_USAGE, "'%s' is no address: --ip", ip);
	s->want.client = &s->client;
	return 0;
}

/* "," and " " name nothing. */
static int
check_list(const char *option, const char *text, struct err *e)
{
	struct slice list = slice_str(text);

	if (!text)
		return 0;
	while (list.n)
		if (slice_trim(slice_take_until(&list, ',', NULL)).n)
			return 0;
	return err_set(e, ERR_USAGE,
	    "%s '%s' names none: A,B, or leave it away", option, text);
}

static int
check_lists(const struct settings *set, struct err *e)
{
	return check_list("--checks", set->checks, e) < 0 ||
	               check_list("--selectors", set->selectors, e) < 0 ||
	               check_list("--arc-selectors", set->arc_selectors, e) < 0
	           ? -1
	           : 0;
}

int
mcheckdns_format(struct session *s, struct err *e)
{
	const char *format = s->set->format;
	bool json = s->run->common->json;

	if (!format)
		return 0;
	if (json && strcmp(format, "json") != 0)
		return err_set(e, ERR_USAGE,
		    "--json and --format %s: give one of them", format);
	s->run->common->json = strcmp(format, "json") == 0;
	s->tsv = strcmp(format, "tsv") == 0;
	return 0;
}

int
mcheckdns_settings(struct session *s, struct err *e)
{
	struct slice list = slice_str(s->set->checks);

	if (s->ready)
		return 0;
	s->ready = true;
	if (check_lists(s->set, e) < 0 ||
	    read_words(s, s->set->selectors, &s->selectors, e) < 0 ||
	    read_words(s, s->set->arc_selectors, &s->arc_selectors, e) < 0)
		return -1;
	s->want.selectors = s->selectors.v;
	s->want.arc_selectors = s->arc_selectors.v;
	s->want.arc_count = s->arc_selectors.n;
	s->want.now = given_now(&s->run->given);
	if (read_client(s, e) < 0 || mcheckdns_chain(s, e) < 0)
		return -1;
	while (list.n) {
		struct slice one =
		    slice_trim(slice_take_until(&list, ',', NULL));
		unsigned part = audit_part_named(one);

		if (!part)
			return err_set(e, ERR_USAGE, "--checks knows no '%.*s'",
			    SLICE_ARG(one));
		s->want.parts |= part;
	}
	s->want.selector_count = s->selectors.n;
	s->want.parked = s->set->parked;
	s->want.expect_mx = s->set->expect_mx;
	s->want.expect_ns = s->set->expect_ns;
	s->want.expect_ca = s->set->expect_ca;
	s->want.sts_policies = s->set->sts_policy;
	s->want.fetch = s->set->fetch;
	s->want.ca_file = s->set->ca;
	s->want.https_port = (unsigned)s->set->https_port;
	s->want.probe_hosts = s->set->probe;
	s->want.probe_port = (unsigned)s->set->probe_port;
	s->want.probe_time = s->run->common->timeout;
	s->want.greet = s->run->given.hostname;
	s->want.all_ns = s->set->all_ns;
	s->want.ns_port = (unsigned)s->set->ns_port;
	s->fail_on = AUDIT_ERROR;
	if (s->set->min_severity)
		audit_severity_read(s->set->min_severity, &s->min);
	if (s->set->fail_on &&
	    !audit_severity_read(s->set->fail_on, &s->fail_on))
		s->fail_on = NEVER;
	return 0;
}

/* --keys: behind the last domain, all keys against each other. */
static void
put_run(struct session *s)
{
	struct audit_run run;
	struct arena a = { 0 };
	struct buf text;

	audit_keys_judge(s->keys, &a, &run);
	buf_init(&text, PAGE_MAX);
	if (s->run->common->json)
		audit_run_json(&run, s->min, &text);
	else if (s->tsv)
		audit_tsv(&run.r, s->min, &text);
	else
		audit_run_page(&run, s->min, s->run->color, &text);
	put_report(s, run.r.counts, buf_view(&text));
	s->unknown |= run.left_out > 0;
	buf_free(&text);
	arena_free(&a);
}

static int
start_keys(struct session *s, struct err *e)
{
	if (!s->set->keys)
		return 0;
	if (!rsaweak_compares())
		return err_set(e, ERR_UNAVAILABLE,
		    "cannot compare keys: this build lacks GMP (install "
		    "libgmp-dev and build again)");
	s->keys = audit_keys_new();
	return 0;
}

int
mcheckdns_audit(struct session *s, struct words w, struct err *e)
{
	struct pool_plan plan = {
		.work = work, .done = done, .idle = mcheckdns_idle, .arg = s
	};
	struct pool *pool;
	struct lines in = { .fd = STDIN_FILENO, .name = "'standard input'" };
	int ret = 0;

	plan.jobs = mcheckdns_jobs(s);
	plan.unordered = s->set->unordered;
	if (w.n == 0)
		return err_set(e, ERR_USAGE,
		    "no domain given: name some, or - to read them");
	if (s->set->all_ns && s->set->zones.n)
		return err_set(e, ERR_USAGE,
		    "--all-ns asks the name servers: leave out --zone");
	if (s->set->record && (s->set->all_ns || s->set->probe))
		return err_set(e, ERR_USAGE,
		    "--record keeps what resolvers say, nothing of %s: leave "
		    "one of them out",
		    s->set->all_ns ? "--all-ns" : "--probe");
	s->audits = true;
	if (mcheckdns_dns(s, e) < 0)
		return -1;
	if (mcheckdns_settings(s, e) < 0)
		return -1;
	if (start_keys(s, e) < 0)
		return -1;
	if (s->set->baseline &&
	    mcheckdns_baseline(&s->baseline, s->set->baseline, e) < 0)
		return -1;
	if (pool_new(&pool, &plan, e) < 0)
		return -1;
	for (size_t i = 0; i < w.n && ret == 0; i++) {
		if (tool_stopping())
			break;
		if (strcmp(w.v[i], "-") == 0)
			ret = mcheckdns_lines(s, pool, &in, put_line, e);
		else
			put_domain(pool, slice_str(w.v[i]));
	}
	pool_free(&pool);
	if (s->keys && ret == 0 && !tool_stopping())
		put_run(s);
	mcheckdns_baseline_free(&s->baseline);
	mcheckdns_status(s);
	if (ret == 0)
		ret = dns_record_end(s->dns, e);
	return ret;
}
