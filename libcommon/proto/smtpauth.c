/* Login (RFC 4954) by SASL.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "proto/smtpwire.h"

#define CHALLENGES_MAX 10

/* A line of base64 behind a word, shown as "word ***". */
static int
put_secret(struct smtp *c, const char *word, struct slice line, struct err *e)
{
	char shown[64] = "***";
	struct buf all;
	int r;

	if (!word[0])
		return smtpwire_put_secret(c, line, shown, e);
	buf_init(&all, SASL_LINE_MAX + SMTP_COMMAND_MAX);
	buf_room(&all, SASL_LINE_MAX + SMTP_COMMAND_MAX); /* to be wiped */
	buf_text(&all, word);
	snprintf(shown, sizeof(shown), "%s***", word);
	buf_slice(&all, line);
	r = smtpwire_put_secret(c, buf_view(&all), shown, e);
	buf_wipe(&all);
	return r;
}

/* AUTH mechanism [SP initial-response]: along with the command where that
 * stays within a command's limit (RFC 4954, 4). */
static int
start(struct smtp *c, struct sasl *s, struct err *e)
{
	char word[64];
	struct slice line;
	int r = sasl_first(s, &line, e);
	bool fits;

	if (r < 0)
		return -1;
	snprintf(word, sizeof(word), "AUTH %s ", sasl_name(s));
	fits = r > 0 && strlen(word) + line.n + 2 <= SMTP_COMMAND_MAX;
	if (fits)
		return put_secret(c, word, line, e) < 0
		           ? -1
		           : smtpwire_reply(c, SMTP_AT_AUTH, e);
	if (smtpwire_ask(c, SMTP_AT_AUTH, e, "AUTH %s", sasl_name(s)) < 0)
		return -1;
	if (r == 0 || c->reply.code != 334)
		return 0;
	/* The challenge to that is empty. */
	if (put_secret(c, "", line, e) < 0)
		return -1;
	return smtpwire_reply(c, SMTP_AT_AUTH, e);
}

/* A challenge we cannot answer is cancelled with "*", and the reply to that is
 * of no interest. */
static int
cancel(struct smtp *c)
{
	struct err e;

	if (!c->lost)
		(void)smtpwire_ask(c, SMTP_AT_AUTH, &e, "*");
	return -1;
}

static int
exchange(struct smtp *c, struct sasl *s, struct err *e)
{
	struct slice line;

	if (start(c, s, e) < 0)
		return -1;
	for (unsigned i = 0; c->reply.code == 334; i++) {
		if (i == CHALLENGES_MAX) {
			err_set(e, ERR_PROTO, "too many challenges");
			return cancel(c);
		}
		if (sasl_step(s, buf_view(&c->reply.text), &line, e) < 0)
			return cancel(c);
		if (put_secret(c, "", line, e) < 0 ||
		    smtpwire_reply(c, SMTP_AT_AUTH, e) < 0)
			return -1;
	}
	if (c->reply.code == 235)
		return sasl_done(s, e);
	reply_refusal(&c->reply, e);
	if (e && e->kind == ERR_UNAVAILABLE)
		e->kind = ERR_NOPERM;
	sasl_refused(s, e);
	return err_in(e, "login as '%s' refused", c->plan->login->user);
}

int
smtpauth_login(struct smtp *c, struct err *e)
{
	struct sasl_login login = *c->plan->login;
	const char *peer = stream_peer(c->stream);
	struct sasl *s;
	int r;

	login.tls = stream_tls(c->stream);
	login.certificate = login.tls && tls_certified(login.tls);
	if (!c->caps.auth && login.tls)
		return err_set(e, ERR_NOPERM,
		    "%s offers no login: leave --user away, or use the "
		    "submission port",
		    peer);
	if (sasl_new(&login, slice_str(c->caps.mechanisms), &s, e) < 0)
		return err_in(e, "%s", peer);
	r = exchange(c, s, e);
	if (r == 0)
		trace_say(c->plan->trace, "logged in as %s (%s)", login.user,
		    sasl_name(s));
	else
		err_in(e, "%s", peer);
	sasl_free(&s);
	return r;
}
