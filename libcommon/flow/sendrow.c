/* One connection to the first server that takes messages (see sendrow.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"
#include "base/mem.h"

#include "proto/queueid.h"

#include "flow/sendrow.h"

#define AGAIN_MAX 100 /* jobs that wait for another server */

/* A server as this run found it. */
struct found {
	int64_t down;    /* until then it is not tried (clock_ms()) */
	bool one_by_one; /* it lost count: nothing is sent ahead */
	enum smtp_stage stage;
	struct err why; /* it is down */
};

struct sendrow {
	const struct send_plan *plan;
	struct connect_plan connect_plan;
	struct connect *connect;
	struct found found[ACCOUNT_SERVERS_MAX];
	size_t server; /* of the session */
	struct connect_session session;
	size_t sent;                         /* messages put into it */
	struct send_job *again, **again_end; /* not settled, not on their way */
	size_t agains;
};

struct sendrow *
sendrow_new(const struct send_plan *plan)
{
	struct sendrow *s = mem_new(sizeof(*s));

	s->plan = plan;
	s->connect_plan = plan->connect;
	s->connect_plan.deadline =
	    clock_deadline(plan->timeout ? plan->timeout : -1);
	s->connect = connect_new(&s->connect_plan);
	s->again_end = &s->again;
	return s;
}

void
sendrow_free(struct sendrow **sp)
{
	struct sendrow *s = *sp;

	if (!s)
		return;
	connect_close(&s->session);
	connect_free(&s->connect);
	mem_free(s);
	*sp = NULL;
}

static int
connect_session(
    struct sendrow *s, size_t which, enum smtp_stage *stage_r, struct err *e)
{
	struct connect_to to = { .server = &s->plan->servers[which],
		.one_by_one = s->found[which].one_by_one };

	s->server = which;
	s->sent = 0;
	return connect_open(s->connect, &to, &s->session, stage_r, e);
}

/* What holds for the session, beside the results. */
static struct send_result
note_session(const struct sendrow *s, const struct send_job *job)
{
	const struct account_server *server = &s->plan->servers[job->server];
	bool here = s->session.smtp && s->server == job->server;
	const struct tls *tls = here ? smtp_tls(s->session.smtp) : NULL;
	struct send_result r = { .server = arena_string(job->a, server->text),
		.ms = clock_ms() - job->start };
	struct arena *a = job->a;

	if (s->server == job->server && s->session.ip[0])
		r.ip = arena_string(a, s->session.ip);
	if (s->server == job->server)
		r.failure = s->session.failure;
	if (tls) {
		r.tls = arena_string(a, tls_version(tls));
		r.cipher = arena_string(a, tls_cipher(tls));
		r.verified = s->session.verified_by;
	}
	return r;
}

/* Would another server be of use? */
static bool
is_open(const struct smtp_result *r)
{
	return r->outcome == SMTP_TEMPORARY ||
	       (r->outcome == SMTP_PERMANENT && r->stage < SMTP_AT_MAIL);
}

/* A later server's answer counts, but one that cannot be used at all does not
 * make permanent what a retry may cure. */
static bool
replaces(const struct smtp_result *now, const struct smtp_result *was)
{
	return was->outcome != SMTP_TEMPORARY ||
	       now->outcome != SMTP_PERMANENT || now->stage >= SMTP_AT_MAIL;
}

/* The part's results become the job's. */
static void
take_results(struct sendrow *s, struct send_job *job)
{
	struct send_result note = note_session(s, job), *r;

	for (size_t i = 0; i < job->part.rcpts; i++) {
		r = &job->results[job->index[i]];
		if (r->server && !replaces(&job->job.results[i], &r->smtp))
			continue;
		*r = note;
		r->smtp = job->job.results[i];
		if (r->smtp.outcome == SMTP_SENT)
			r->queue_id = queueid_find(r->smtp.text, job->a);
	}
}

static void
put_again(struct sendrow *s, struct send_job *job)
{
	job->next = NULL;
	*s->again_end = job;
	s->again_end = &job->next;
	s->agains++;
}

/* Keeps those recipients in the part that pick() picks. */
static void
narrow(struct send_job *job, bool (*pick)(const struct smtp_result *r))
{
	struct slice *rcpt =
	    arena_array(job->a, job->part.rcpts, sizeof(*rcpt));
	size_t *index = arena_array(job->a, job->part.rcpts, sizeof(*index));
	size_t n = 0;

	for (size_t i = 0; i < job->part.rcpts; i++)
		if (pick(&job->job.results[i])) {
			index[n] = job->index[i];
			rcpt[n++] = job->part.rcpt[i];
		}
	job->part.rcpt = rcpt;
	job->part.rcpts = n;
	job->index = index;
}

/* Too many for one transaction (RFC 5321, 4.5.3.1.10). */
static bool
is_surplus(const struct smtp_result *r)
{
	return r->stage == SMTP_AT_RCPT && r->outcome == SMTP_TEMPORARY &&
	       (r->code == 452 || r->code == 552);
}

static bool
some(const struct send_job *job, bool (*pick)(const struct smtp_result *r),
    bool want)
{
	for (size_t i = 0; i < job->part.rcpts; i++)
		if (pick(&job->job.results[i]) == want)
			return true;
	return false;
}

/* The server has had its say: settled, or on to another transaction, another
 * connection, another server. */
static void
part_settled(struct smtp_job *part)
{
	struct send_job *job = part->arg;
	struct sendrow *s = job->row;

	if (part->untouched && job->tries < SEND_TRIES_MAX) {
		put_again(s, job);
		return;
	}
	take_results(s, job);
	if (some(job, is_surplus, true) && some(job, is_surplus, false)) {
		narrow(job, is_surplus);
		put_again(s, job);
		return;
	}
	job->tries = 0;
	if (++job->server < s->plan->n && some(job, is_open, true)) {
		narrow(job, is_open);
		put_again(s, job);
		return;
	}
	job->settled(job);
}

/* Settles what was not sent with the reason. */
static void
fail(struct send_job *job, enum smtp_stage stage, const struct err *why)
{
	job->job.untouched = false;
	smtp_results_of(job->job.results, job->part.rcpts, stage, why, job->a);
	part_settled(&job->job);
}

/* The session is over: what is to be remembered of its server. */
static void
end_session(struct sendrow *s)
{
	if (!s->session.smtp)
		return;
	if (smtp_lost_count(s->session.smtp)) {
		s->found[s->server].one_by_one = true;
		trace_say(s->plan->connect.given->trace,
		    "%s lost count of its replies: one thing at a time now",
		    s->plan->servers[s->server].text);
	}
	connect_close(&s->session);
}

/* Has this connection had its share (RFC 9422, MAILMAX)? */
static bool
is_full(const struct sendrow *s)
{
	uint64_t mail_max = smtp_caps(s->session.smtp)->mail_max;
	size_t own = s->plan->per_connection;

	return (own && s->sent >= own) || (mail_max && s->sent >= mail_max);
}

/* A session with that server: 0, or -1 after the job was failed. */
static int
have_session(struct sendrow *s, struct send_job *job)
{
	struct found *f = &s->found[job->server];

	if (s->session.smtp && (s->server != job->server || is_full(s))) {
		smtp_finish(s->session.smtp, NULL);
		end_session(s);
	}
	if (s->session.smtp)
		return 0;
	if (f->down > clock_ms()) {
		fail(job, f->stage, &f->why);
		return -1;
	}
	if (connect_session(s, job->server, &f->stage, &f->why) == 0)
		return 0;
	f->down = clock_ms() + SEND_DOWN_MS;
	fail(job, f->stage, &f->why);
	return -1;
}

int
sendrow_trust(
    const struct smtp_mail *mail, const char *verified_by, struct err *e)
{
	if (!mail->wish || !mail->wish->require_tls || verified_by)
		return 0;
	err_set(e, ERR_PROTO,
	    "--require-tls needs a server that TLS has verified: --tls=verify");
	memcpy(e->enhanced, "5.7.10", sizeof("5.7.10"));
	return -1;
}

/* One try: the job is on its way, settled, or to be put again. */
static void
put(struct sendrow *s, struct send_job *job)
{
	struct err e;
	int r;

	job->job.results =
	    arena_array(job->a, job->part.rcpts, sizeof(*job->job.results));
	if (have_session(s, job) < 0)
		return;
	if (sendrow_trust(&job->mail,
		smtp_tls(s->session.smtp) ? s->session.verified_by : NULL,
		&e) < 0) {
		fail(job, SMTP_AT_STARTTLS, &e);
		return;
	}
	job->tries++;
	s->sent++;
	r = smtp_put(s->session.smtp, &job->job, &e);
	if (r > 0)
		return;
	end_session(s);
	if (r < 0)
		return;
	if (job->tries < SEND_TRIES_MAX)
		put_again(s, job);
	else
		fail(job, SMTP_AT_MAIL, &e);
}

static void
put_waiting(struct sendrow *s)
{
	struct send_job *job;

	while ((job = s->again)) {
		s->again = job->next;
		if (!s->again)
			s->again_end = &s->again;
		s->agains--;
		put(s, job);
	}
}

static size_t
first_up(const struct sendrow *s)
{
	int64_t now = clock_ms();

	for (size_t i = 0; i < s->plan->n; i++)
		if (s->found[i].down <= now)
			return i;
	return 0;
}

void
sendrow_put(struct sendrow *s, struct send_job *job)
{
	size_t n = job->mail.rcpts;

	if (s->plan->instead) {
		s->plan->instead(s->plan->instead_arg, s->plan, job);
		job->settled(job);
		return;
	}
	job->row = s;
	job->server = first_up(s);
	job->tries = 0;
	job->start = clock_ms();
	job->part = job->mail;
	job->index = arena_array(job->a, n, sizeof(*job->index));
	for (size_t i = 0; i < n; i++)
		job->index[i] = i;
	job->job = (struct smtp_job){ .mail = &job->part,
		.a = job->a,
		.settled = part_settled,
		.arg = job };
	memset(job->results, 0, n * sizeof(*job->results));
	put(s, job);
	/* Another server's turn comes when there are many for it. */
	if (s->agains > AGAIN_MAX)
		sendrow_finish(s);
	else if (s->again &&
		 (!s->session.smtp || s->again->server == s->server))
		put_waiting(s);
}

void
sendrow_finish(struct sendrow *s)
{
	do {
		put_waiting(s);
		if (s->session.smtp && smtp_finish(s->session.smtp, NULL) < 0)
			end_session(s);
	} while (s->again);
}
