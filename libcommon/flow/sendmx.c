/* Straight to each domain's servers (see sendmx.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"
#include "base/mem.h"

#include "flow/route.h"
#include "flow/sendmx.h"
#include "flow/sendrow.h"

/* A domain that mail went to in this run. */
struct domain {
	struct arena arena;
	struct slice name;
	struct route route;
	struct send_plan plan;
	struct sendrow *row; /* null: no way there, why says why */
	struct err why;
};

struct sendmx {
	const struct send_plan *plan;
	int64_t deadline;
	struct domain *domains[SENDMX_DOMAINS_MAX];
	size_t n;
};

/* What of a message goes to one domain. */
struct part {
	struct send_job job, *whole;
	size_t *index; /* of each recipient among all */
	size_t *left;  /* parts of the message that are not settled */
};

struct sendmx *
sendmx_new(const struct send_plan *plan)
{
	struct sendmx *m = mem_new(sizeof(*m));

	m->plan = plan;
	m->deadline = clock_deadline(plan->timeout ? plan->timeout : -1);
	return m;
}

static void
domain_free(struct domain *d)
{
	sendrow_free(&d->row);
	arena_free(&d->arena);
	mem_free(d);
}

void
sendmx_finish(struct sendmx *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->domains[i]->row)
			sendrow_finish(m->domains[i]->row);
}

static void
forget(struct sendmx *m)
{
	sendmx_finish(m);
	for (size_t i = 0; i < m->n; i++)
		domain_free(m->domains[i]);
	m->n = 0;
}

void
sendmx_free(struct sendmx **mp)
{
	if (!*mp)
		return;
	forget(*mp);
	mem_free(*mp);
	*mp = NULL;
}

/* Behind the last "@"; a local part alone is nobody's. */
static struct slice
domain_of(struct slice rcpt)
{
	size_t at = slice_find_last(rcpt, '@');

	return at == SIZE_MAX ? slice_str("") : slice_sub(rcpt, at + 1, rcpt.n);
}

static void
find_way(struct sendmx *m, struct domain *d)
{
	if (d->name.n == 0) {
		err_set(&d->why, ERR_DATA,
		    "an address without a domain has no mail server");
		return;
	}
	if (route_find(m->plan->mx, d->name, &d->arena, &d->route, &d->why) < 0)
		return;
	d->plan = *m->plan;
	d->plan.mx = NULL;
	/* The time is for all of it. */
	if (d->plan.timeout)
		d->plan.timeout = clock_left(m->deadline) + 1;
	d->plan.servers = d->route.servers;
	d->plan.n = d->route.n;
	d->row = sendrow_new(&d->plan);
}

static struct domain *
find_domain(struct sendmx *m, struct slice name)
{
	struct domain *d;

	for (size_t i = 0; i < m->n; i++)
		if (slice_equal_nocase(m->domains[i]->name, name))
			return m->domains[i];
	if (m->n == SENDMX_DOMAINS_MAX)
		forget(m);
	d = mem_new(sizeof(*d));
	d->name = slice_of(arena_copy(&d->arena, name), name.n);
	find_way(m, d);
	m->domains[m->n++] = d;
	return d;
}

static void
part_settled(struct send_job *job)
{
	struct part *part = job->arg;
	struct send_job *whole = part->whole;

	for (size_t i = 0; i < job->mail.rcpts; i++)
		whole->results[part->index[i]] = job->results[i];
	if (--*part->left == 0)
		whole->settled(whole);
}

/* Those of the domain of recipient first that have no result yet. */
static struct part *
make_part(struct send_job *whole, size_t first, bool *done)
{
	struct arena *a = whole->a;
	size_t n = whole->mail.rcpts, k = 0;
	struct slice name = domain_of(whole->mail.rcpt[first]);
	struct part *part = arena_new(a, sizeof(*part));
	struct slice *rcpt = arena_array(a, n, sizeof(*rcpt));

	*part = (struct part){ .whole = whole };
	part->index = arena_array(a, n, sizeof(*part->index));
	for (size_t i = first; i < n; i++)
		if (!done[i] &&
		    slice_equal_nocase(domain_of(whole->mail.rcpt[i]), name)) {
			done[i] = true;
			part->index[k] = i;
			rcpt[k++] = whole->mail.rcpt[i];
		}
	part->job.mail = whole->mail;
	part->job.mail.rcpt = rcpt;
	part->job.mail.rcpts = k;
	part->job.results = arena_array(a, k, sizeof(*part->job.results));
	part->job.a = a;
	part->job.number = whole->number;
	part->job.settled = part_settled;
	part->job.arg = part;
	return part;
}

/* No way to the domain: that is every recipient's result. */
static void
settle(struct part *part, const struct domain *d)
{
	struct send_job *job = &part->job;
	size_t n = job->mail.rcpts;
	struct smtp_result *got = arena_array(job->a, n, sizeof(*got));

	smtp_results_of(got, n, SMTP_AT_CONNECT, &d->why, job->a);
	for (size_t i = 0; i < n; i++)
		job->results[i] = (struct send_result){ .smtp = got[i],
			.server = arena_fmt(job->a, "%.*s", SLICE_ARG(d->name)),
			.failure = d->route.failure };
	part_settled(job);
}

void
sendmx_put(struct sendmx *m, struct send_job *job)
{
	struct arena *a = job->a;
	size_t n = job->mail.rcpts, parts = 0;
	bool *done = arena_array(a, n, sizeof(*done));
	struct part **part = arena_array(a, n, sizeof(struct part *));
	size_t *left = arena_new(a, sizeof(*left));
	struct domain *d;

	memset(done, 0, n * sizeof(*done));
	for (size_t i = 0; i < n; i++)
		if (!done[i]) {
			part[parts] = make_part(job, i, done);
			part[parts++]->left = left;
		}
	/* The job, and its arena, may be gone once the last is settled. */
	*left = parts + 1;
	for (size_t i = 0; i < parts; i++) {
		d = find_domain(m, domain_of(part[i]->job.mail.rcpt[0]));
		if (d->row)
			sendrow_put(d->row, &part[i]->job);
		else
			settle(part[i], d);
	}
	if (--*left == 0)
		job->settled(job);
}
