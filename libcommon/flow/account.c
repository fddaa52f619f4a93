/* Servers as URLs, and the login for them (see account.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "text/url.h"

#include "flow/account.h"
#include "flow/password.h"

static const struct scheme {
	const char *name;
	uint16_t port;
	bool lmtp, implicit_tls, starttls;
} schemes[] = {
	{ "smtp", 25, false, false, false },
	{ "smtp+tls", 587, false, false, true },
	{ "smtps", 465, false, true, false },
	{ "lmtp", 24, true, false, false },
};

static const char *const levels[] = { "off", "may", "must", "verify" };

static int
find_level(const char *tls, enum smtp_tls *level_r, struct err *e)
{
	for (size_t i = 0; i < COUNT_OF(levels); i++)
		if (slice_is(slice_str(tls), levels[i])) {
			*level_r = (enum smtp_tls)i;
			return 0;
		}
	return err_set(
	    e, ERR_USAGE, "--tls is off, may, must or verify, not '%s'", tls);
}

static int
set_target(const struct url *url, const char *text, const struct scheme *scheme,
    struct account_server *s, struct err *e)
{
	struct dial_target *t = &s->target;
	const char *where = url->host;

	t->local =
	    !url->host && scheme->lmtp && url->path && url->path[0] == '/';
	if (t->local)
		where = url->path;
	if (!where || !where[0])
		return err_set(e, ERR_USAGE, "no host in '%s'", text);
	if (!t->local && url->path)
		return err_set(e, ERR_USAGE,
		    "a server's URL ends behind the port: '%s'", text);
	if ((size_t)snprintf(t->host, sizeof(t->host), "%s", where) >=
	    sizeof(t->host))
		return err_set(e, ERR_USAGE, "host too long in '%s'", text);
	t->port = url->port ? url->port : scheme->port;
	dial_text(t, s->text);
	return 0;
}

static int
set_tls(const char *text, const char *tls, const struct scheme *scheme,
    struct account_server *s, struct err *e)
{
	s->lmtp = scheme->lmtp;
	s->implicit_tls = scheme->implicit_tls;
	s->tls = s->target.local ? SMTP_TLS_OFF : SMTP_TLS_VERIFY;
	if (tls && find_level(tls, &s->tls, e) < 0)
		return -1;
	if ((scheme->implicit_tls && s->tls == SMTP_TLS_OFF) ||
	    (scheme->starttls && s->tls < SMTP_TLS_MUST))
		return err_set(e, ERR_USAGE,
		    "--tls=%s contradicts '%s': use smtp://", tls, text);
	return 0;
}

int
account_server(const char *text, const char *tls, struct arena *a,
    struct account_server *s_r, struct err *e)
{
	const struct scheme *scheme = NULL;
	struct url url;

	*s_r = (struct account_server){ 0 };
	if (url_parse(slice_str(text), a, &url, e) < 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(schemes); i++)
		if (slice_is(slice_str(url.scheme), schemes[i].name))
			scheme = &schemes[i];
	if (!scheme)
		return err_set(e, ERR_USAGE,
		    "unknown scheme in '%s': smtp, smtp+tls, smtps or lmtp",
		    text);
	s_r->user = url.user;
	if (set_target(&url, text, scheme, s_r, e) < 0)
		return -1;
	return set_tls(text, tls, scheme, s_r, e);
}

const char *
account_user(const struct account_login *l, const struct account_server *s)
{
	return l->user ? l->user : s->user;
}

static int
find_password(const struct account_login *l, const struct account_server *s,
    struct buf *password, struct err *e)
{
	const char *user = account_user(l, s);
	struct buf found;
	int r;

	if (l->password && !l->sources.command) {
		buf_text(password, l->password);
		return 0;
	}
	buf_init(&found, ACCOUNT_PASSWORD_MAX);
	r = password_find(
	    &l->sources, s->target.host, user, &found, password, e);
	buf_free(&found);
	if (r == 0)
		return err_set(
		    e, ERR_CONFIG, PASSWORD_NONE, user, s->target.host);
	return r < 0 ? -1 : 0;
}

int
account_secret(const struct account_login *l, const struct account_server *s,
    struct buf *secret, struct sasl_login *login_r, struct err *e)
{
	*login_r = (struct sasl_login){
		.user = account_user(l, s),
		.mechanisms = l->mechanisms,
		.service = "smtp",
		.host = s->target.host,
		.port = s->target.port,
	};
	buf_cut(secret, 0);
	if (sasl_check(l->mechanisms, e) < 0)
		return -1;
	if (l->token) {
		if (l->token(l->token_arg, secret, e) < 0)
			return -1;
		login_r->token = buf_view(secret);
	} else if (l->token_command) {
		if (password_command(l->token_command, secret, e) < 0)
			return err_in(e, "--token-command");
		login_r->token = buf_view(secret);
	} else if (sasl_needs_secret(l->mechanisms)) {
		if (find_password(l, s, secret, e) < 0)
			return -1;
		login_r->password = buf_view(secret);
	}
	return 0;
}
