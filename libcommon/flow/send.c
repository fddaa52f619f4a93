/* Sends messages to the first server that takes them (see send.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"
#include "base/mem.h"

#include "text/idna.h"

#include "net/dial.h"
#include "net/tls.h"

#include "flow/send.h"

struct send {
	const struct send_plan *plan;
	int64_t deadline;
	struct tls_roots *roots;
	const struct account_server *server; /* of the session */
	struct smtp_plan session_plan;
	struct smtp *session;
	struct sasl_login login;
	struct buf secret;
};

struct send *
send_new(const struct send_plan *plan)
{
	struct send *s = mem_new(sizeof(*s));

	s->plan = plan;
	s->deadline = clock_deadline(plan->timeout ? plan->timeout : -1);
	buf_init(&s->secret, ACCOUNT_PASSWORD_MAX);
	buf_room(&s->secret, ACCOUNT_PASSWORD_MAX); /* stays in place */
	return s;
}

void
send_free(struct send **sp)
{
	struct send *s = *sp;

	if (!s)
		return;
	smtp_close(&s->session);
	tls_roots_free(&s->roots);
	buf_wipe(&s->secret);
	mem_free(s);
	*sp = NULL;
}

static const char *
helo_name(const struct send *s)
{
	const char *host = s->plan->given->hostname;

	if (s->plan->helo)
		return s->plan->helo;
	return host && idna_is_ldh(slice_str(host)) ? host : "localhost";
}

static int
plan_session(struct send *s, struct err *e)
{
	const struct account_server *server = s->server;
	const char *user = account_user(&s->plan->login, server);

	if (user && account_secret(
			&s->plan->login, server, &s->secret, &s->login, e) < 0)
		return -1;
	s->login.random = s->plan->given->random;
	if (server->tls == SMTP_TLS_VERIFY && !s->roots)
		s->roots = tls_roots_new(s->plan->tls_ca);
	s->session_plan = (struct smtp_plan){
		.lmtp = server->lmtp,
		.implicit_tls = server->implicit_tls,
		.tls = server->tls,
		.host = server->target.host,
		.roots = s->roots,
		.helo = helo_name(s),
		.login = user ? &s->login : NULL,
		.deadline = s->deadline,
		.no_pipelining = s->plan->no_pipelining,
		.trace = s->plan->given->trace,
	};
	return 0;
}

static int
connect_session(struct send *s, const struct account_server *server,
    enum smtp_stage *stage_r, struct err *e)
{
	int64_t deadline = clock_deadline(SEND_CONNECT_MS);
	int fd;

	*stage_r = SMTP_AT_CONNECT;
	s->server = server;
	if (plan_session(s, e) < 0)
		return -1;
	trace_say(s->plan->given->trace, "connecting to %s", server->text);
	if (s->deadline < deadline)
		deadline = s->deadline;
	fd = dial(&server->target, deadline, e);
	if (fd < 0)
		return -1;
	return smtp_open(&s->session_plan, stream_new(fd, fd, server->text),
	    &s->session, stage_r, e);
}

/* What holds for the session, beside the results. */
static void
note_session(const struct send *s, struct send_result *r)
{
	const struct tls *tls = s->session ? smtp_tls(s->session) : NULL;

	r->server = s->server->text;
	r->tls = tls ? tls_version(tls) : NULL;
	r->cipher = tls ? tls_cipher(tls) : NULL;
	r->verified = tls && s->server->tls == SMTP_TLS_VERIFY;
}

/* One message to one server. */
static void
try_server(struct send *s, const struct account_server *server,
    const struct smtp_mail *mail, struct send_result *results, struct arena *a)
{
	struct smtp_result *got = arena_array(a, mail->rcpts, sizeof(*got));
	struct send_result note = { .server = NULL };
	enum smtp_stage stage;
	struct err e;
	int r = 0;

	if (s->session && s->server != server)
		smtp_close(&s->session);
	if (!s->session && connect_session(s, server, &stage, &e) < 0) {
		smtp_results_of(got, mail->rcpts, stage, &e, a);
		note_session(s, &note);
	} else {
		note_session(s, &note);
		r = smtp_send(s->session, mail, got, a, &e);
	}
	for (size_t i = 0; i < mail->rcpts; i++) {
		results[i] = note;
		results[i].smtp = got[i];
	}
	if (r < 0)
		smtp_close(&s->session);
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

void
send_message(struct send *s, const struct smtp_mail *mail,
    struct send_result *results, struct arena *a)
{
	struct smtp_mail part = *mail;
	struct slice *rcpt = arena_array(a, mail->rcpts, sizeof(*rcpt));
	size_t *index = arena_array(a, mail->rcpts, sizeof(*index));
	struct send_result *got;

	part.rcpt = rcpt;
	for (size_t k = 0; k < s->plan->n; k++) {
		part.rcpts = 0;
		for (size_t i = 0; i < mail->rcpts; i++)
			if (k == 0 || is_open(&results[i].smtp)) {
				index[part.rcpts] = i;
				rcpt[part.rcpts++] = mail->rcpt[i];
			}
		if (part.rcpts == 0)
			return;
		got = arena_array(a, part.rcpts, sizeof(*got));
		try_server(s, &s->plan->servers[k], &part, got, a);
		for (size_t i = 0; i < part.rcpts; i++)
			if (k == 0 ||
			    replaces(&got[i].smtp, &results[index[i]].smtp))
				results[index[i]] = got[i];
	}
}
