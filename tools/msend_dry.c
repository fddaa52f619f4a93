/* msend --dry-run: what would be done, and the octets that would be sent,
 * without a connection.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"

#include "proto/smtpaddr.h"

#include "flow/rehearse.h"
#include "flow/sendrow.h"

#include "msend.h"

#define WIRE_JSON_MAX (64u << 20) /* octets that go into a line of JSON */

/* One transaction. */
struct dry {
	struct msend_work *work;
	const struct send_plan *plan;
	struct send_job *job;
	uint64_t n; /* of the message */
};

static const char *
secret_of(const struct account_login *l)
{
	if (!sasl_needs_secret(l->mechanisms))
		return "none";
	if (l->token)
		return "oauth";
	if (l->token_command)
		return "token-command";
	if (l->sources.command)
		return "password-command";
	return l->password ? "configuration" : "kept";
}

static const char *
order_of(const struct dry *d, const struct account_server *server)
{
	const struct account_login *l = &d->plan->connect.login;
	struct sasl_login login = { .mechanisms = l->mechanisms,
		.certificate = d->plan->connect.cert_file != NULL };
	const char *order;
	struct buf b;

	if (l->token || l->token_command)
		login.token = slice_str("t");
	else
		login.password = slice_str("p");
	buf_init(&b, SASL_LINE_MAX);
	sasl_order(&login, server->tls != SMTP_TLS_OFF, &b);
	order = arena_copy(d->job->a, buf_view(&b));
	buf_free(&b);
	return order;
}

static const char *
tls_of(const struct account_server *s)
{
	static const char *const names[] = { "off", "may", "must", "verify" };

	return names[s->tls];
}

static const char *
letters_of(const struct smtp_mail *mail)
{
	bool utf8 = mail->utf8_line, needs = false;
	struct buf b;

	buf_init(&b, SMTPADDR_MAX * 2);
	(void)smtpaddr_write(mail->from, &b, &utf8, NULL);
	needs = utf8 || mail->utf8_line;
	for (size_t i = 0; i < mail->rcpts && !needs; i++) {
		buf_reset(&b);
		(void)smtpaddr_write(mail->rcpt[i], &b, &needs, NULL);
	}
	buf_free(&b);
	return needs ? "utf8" : mail->eight_bit_line ? "8bit" : "ascii";
}

/* What was asked to know the way: "dns", "files", or null. */
static const char *
asked(const struct msend_work *w)
{
	if (!w->dns)
		return NULL;
	return w->set->route.zones.n > 0 ? "files" : "dns";
}

static struct json *
server_json(const struct dry *d, const struct account_server *s)
{
	const struct connect_plan *c = &d->plan->connect;
	struct json *j = json_new_object(), *login;
	const char *user = account_user(&c->login, s);

	json_put_text(j, "server", s->text);
	json_put_text(j, "protocol", s->lmtp ? "lmtp" : "smtp");
	json_put_text(j, "tls", tls_of(s));
	json_put_bool(j, "implicit_tls", s->implicit_tls);
	json_put_text(j, "verified_by", connect_trust(c, s));
	json_put_bool(j, "policy_unread", s->peer && s->peer->unread);
	if (!user) {
		json_put_null(j, "login");
		return j;
	}
	login = json_new_object();
	json_put_text(login, "user", user);
	json_put_text(login, "secret", secret_of(&c->login));
	json_put_text(login, "mechanisms", order_of(d, s));
	json_put(j, "login", login);
	return j;
}

static struct json *
facts(const struct dry *d)
{
	const struct smtp_mail *mail = &d->job->mail;
	struct json *j = json_new_object(), *rcpts = json_new_array(),
		    *servers = json_new_array();

	for (size_t i = 0; i < mail->rcpts; i++)
		json_add_slice(rcpts, mail->rcpt[i]);
	for (size_t i = 0; i < d->plan->n; i++)
		json_add(servers, server_json(d, &d->plan->servers[i]));
	json_put_bool(j, "dry_run", true);
	json_put_text(j, "asked", asked(d->work));
	json_put_number(j, "message", (int64_t)d->n);
	json_put_slice(j, "from", mail->from.n ? mail->from : slice_str(""));
	json_put(j, "rcpts", rcpts);
	json_put(j, "servers", servers);
	json_put_text(j, "proxy_header", d->plan->connect.proxy);
	json_put_number(j, "size", (int64_t)mail->size);
	json_put_text(j, "letters", letters_of(mail));
	json_put_text(j, "offers", REHEARSE_OFFERS);
	return j;
}

static void
show_login(const struct dry *d, const struct account_server *s)
{
	static const struct {
		const char *name, *words;
	} secrets[] = {
		{ "none", "" },
		{ "oauth", ", with a token of --oauth" },
		{ "token-command", ", with a token of --token-command" },
		{ "password-command", ", with what --password-command says" },
		{ "configuration", ", with the configuration's password" },
		{ "kept", ", with the password that is kept or typed" },
	};
	const struct account_login *l = &d->plan->connect.login;
	const char *order = order_of(d, s), *words = "";

	for (size_t i = 0; i < COUNT_OF(secrets); i++)
		if (slice_is(slice_str(secrets[i].name), secret_of(l)))
			words = secrets[i].words;
	tool_print(d->work->run,
	    "login: as '%s' by the first that is offered "
	    "of %s%s\n",
	    account_user(l, s), order[0] ? order : "none that is safe", words);
}

static void
show_server(const struct dry *d, const struct account_server *s)
{
	static const char *const sure[] = { "no TLS", "TLS if it is offered",
		"TLS with whomever", "TLS" };
	const char *trust = connect_trust(&d->plan->connect, s);

	tool_print(d->work->run, "server: %s, %s, %s%s%s%s%s\n", s->text,
	    s->lmtp ? "LMTP" : "SMTP", sure[s->tls],
	    s->tls == SMTP_TLS_OFF ? ""
	    : s->implicit_tls      ? " from the first octet"
				   : " by STARTTLS",
	    trust ? ", verified by " : "", trust ? trust : "",
	    s->peer && s->peer->unread
		? ", unless its policy of MTA-STS, not fetched, demands more"
		: "");
	if (account_user(&d->plan->connect.login, s))
		show_login(d, s);
}

static void
show_facts(const struct dry *d)
{
	static const struct {
		const char *name, *words;
	} letters[] = {
		{ "ascii", "" },
		{ "8bit",
		    ", 8-bit: encoded anew where 8BITMIME is not offered" },
		{ "utf8", ", UTF-8: refused where SMTPUTF8 is not offered" },
	};
	const struct smtp_mail *mail = &d->job->mail;
	struct tool_run *run = d->work->run;
	const char *dns = asked(d->work), *words = "";

	for (size_t i = 0; i < COUNT_OF(letters); i++)
		if (slice_is(slice_str(letters[i].name), letters_of(mail)))
			words = letters[i].words;
	tool_print(run, "dry run: no connection is opened%s\n",
	    !dns                              ? ""
	    : slice_is(slice_str(dns), "dns") ? ", DNS was asked"
					      : ", master files were asked");
	tool_print(run, "message: %llu, %llu octets%s\n",
	    (unsigned long long)d->n, (unsigned long long)mail->size, words);
	tool_print(run, "from: <%.*s>\n", SLICE_ARG(mail->from));
	for (size_t i = 0; i < mail->rcpts; i++)
		tool_print(run, "to: <%.*s>\n", SLICE_ARG(mail->rcpt[i]));
	for (size_t i = 0; i < d->plan->n; i++)
		show_server(d, &d->plan->servers[i]);
	if (d->plan->connect.proxy)
		tool_print(run, "PROXY header: %s\n", d->plan->connect.proxy);
	tool_print(run, "octets: to one that offers %s\n\n", REHEARSE_OFFERS);
}

/* -1: it would not be sent, the results say why. */
static int
go(const struct dry *d, const struct writer *out)
{
	const struct account_server *server = &d->plan->servers[0];
	struct send_job *job = d->job;
	size_t n = job->mail.rcpts;
	struct smtp_result *got = arena_array(job->a, n, sizeof(*got));
	struct err e;
	int r;

	r = sendrow_trust(
	    &job->mail, connect_trust(&d->plan->connect, server), &e);
	if (r == 0)
		r = rehearse(&d->plan->connect, server, &job->mail, out, got,
		    job->a, &e);
	if (r < 0)
		smtp_results_of(got, n, SMTP_AT_MAIL, &e, job->a);
	for (size_t i = 0; i < n; i++)
		job->results[i] = (struct send_result){ .smtp = got[i],
			.server = server->text };
	return r;
}

static int
to_output(void *to, struct slice s, struct err *e)
{
	struct msend_work *w = to;

	return tool_output(w->run, s) == 0
	           ? 0
	           : err_set(e, ERR_IO, "cannot write what would be sent");
}

static void
tell_json(const struct dry *d)
{
	struct json *j = facts(d);
	struct buf wire, text;
	struct writer out = writer_to_buf(&wire);

	buf_init(&wire, WIRE_JSON_MAX);
	buf_init(&text, WIRE_JSON_MAX * 2);
	if (go(d, &out) == 0) {
		base64_encode(buf_view(&wire), &text);
		json_put_slice(j, "octets", buf_view(&text));
	} else {
		json_put_null(j, "octets");
	}
	tool_json(d->work->run, j);
	buf_free(&wire);
	buf_free(&text);
}

void
msend_dry(void *arg, const struct send_plan *plan, struct send_job *job)
{
	struct msend_work *w = arg;
	struct dry d = { .work = w, .plan = plan, .job = job };
	struct writer out = { to_output, w };

	d.n = job->number ? job->number : 1;
	if (w->run->common->json) {
		tell_json(&d);
		return;
	}
	if (w->dry++ > 0)
		(void)tool_output(w->run, slice_str("\n"));
	show_facts(&d);
	(void)go(&d, &out);
}

int
msend_dry_check(const struct msend_work *w, struct err *e)
{
	const struct msend_settings *set = w->set;

	if (!set->dry_run)
		return 0;
	if (set->bulk.journal)
		return err_set(e, ERR_USAGE,
		    "--dry-run does nothing that a --journal could note: "
		    "leave it away");
	if (set->print || set->local.smtp)
		return err_set(e, ERR_USAGE,
		    "--dry-run and %s contradict each other",
		    set->print ? "--print" : "-bs");
	return 0;
}
