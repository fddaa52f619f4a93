/* STARTTLS (RFC 3207) and AUTH (RFC 4954): TLS, then login, then mail.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"

#include "proto/smtpdparts.h"

#define SECRET_MAX SMTPD_LINE_MAX /* octets of a decoded response */

int
smtpd_starttls(struct smtpd *d, struct slice arg, struct err *e)
{
	if (arg.n)
		return smtpd_reply(
		    d, e, 501, "5.5.4", "STARTTLS has no argument");
	if (d->env.tls)
		return smtpd_reply(d, e, 503, "5.5.1", "TLS is in use");
	if (!d->plan->cert)
		return smtpd_reply(d, e, 502, "5.5.1", "no TLS here");
	/* What came behind it would be read as if it had come over TLS. */
	if (stream_pending(d->s).n) {
		d->done = true;
		return smtpd_reply(d, e, 554, "5.5.0",
		    "nothing may follow STARTTLS before its reply");
	}
	if (smtpd_reply(d, e, 220, "2.0.0", "go ahead") < 0)
		return -1;
	stream_deadline(d->s, smtpd_by(d, d->plan->command_ms));
	if (stream_tls_server(d->s, d->plan->cert, e) < 0)
		return -1;
	/* 4.2: all that was said before is forgotten. */
	smtpd_reset(d);
	arena_free(&d->helo);
	arena_free(&d->user);
	d->env = (struct smtpd_envelope){ .tls = stream_tls(d->s) };
	trace_say(d->plan->trace, "%s %s", tls_version(d->env.tls),
	    tls_cipher(d->env.tls));
	return 0;
}

/* A base64 response into out; 1, or 0 after refusing it. "=" is an empty
 * initial response, "*" the client's change of mind (RFC 4954, 4). */
static int
decode(struct smtpd *d, struct slice line, bool initial, struct buf *out,
    struct err *e)
{
	if (slice_is(line, "*"))
		return smtpd_reply(d, e, 501, "5.7.0", "login cancelled");
	if (initial && slice_is(line, "="))
		return 1;
	if (!base64_decode(line, out) || buf_over(out))
		return smtpd_reply(d, e, 501, "5.5.2", "no valid base64");
	return 1;
}

/* Asks with 334 and reads the response. */
static int
ask(struct smtpd *d, const char *prompt, struct buf *out, struct err *e)
{
	struct slice line;
	bool too_long = false;
	int r;

	if (smtpd_reply(d, e, 334, "", "%s", prompt) < 0)
		return -1;
	r = smtpd_line(d, &line, &too_long, e);
	if (r <= 0) {
		d->done = true;
		return r;
	}
	trace_wire(d->plan->trace, TRACE_GOT, slice_str("(hidden)"));
	if (too_long)
		return smtpd_reply(d, e, 500, "5.5.6", "response too long");
	return decode(d, line, false, out, e);
}

static int
wrong(struct smtpd *d, struct err *e)
{
	return smtpd_reply(
	    d, e, 535, "5.7.8", "user name or password is wrong");
}

static int
log_in(struct smtpd *d, struct slice user, struct slice password, struct err *e)
{
	int r;

	if (user.n == 0 || password.n == 0)
		return wrong(d, e);
	r = d->plan->calls->login(d->plan->arg, user, password);
	if (r < 0)
		return smtpd_reply(
		    d, e, 454, "4.7.0", "cannot check passwords now");
	if (r == 0)
		return wrong(d, e);
	d->env.user = arena_copy(&d->user, user);
	trace_say(d->plan->trace, "'%s' logged in", d->env.user);
	return smtpd_reply(d, e, 235, "2.7.0", "welcome");
}

/* RFC 4616: [authzid] NUL authcid NUL passwd */
static int
auth_plain(struct smtpd *d, struct slice initial, struct err *e)
{
	struct slice all, authzid, user;
	struct buf response;
	bool first, second;
	int r;

	buf_init(&response, SECRET_MAX);
	r = initial.n ? decode(d, initial, true, &response, e)
	              : ask(d, "", &response, e);
	if (r > 0) {
		all = buf_view(&response);
		authzid = slice_take_until(&all, '\0', &first);
		user = slice_take_until(&all, '\0', &second);
		if (!first || !second || slice_find(all, '\0') != SIZE_MAX)
			r = smtpd_reply(
			    d, e, 501, "5.5.2", "malformed response");
		else if (authzid.n && !slice_equal(authzid, user))
			r = wrong(d, e);
		else
			r = log_in(d, user, all, e);
	}
	buf_wipe(&response);
	return r;
}

static int
auth_login(struct smtpd *d, struct slice initial, struct err *e)
{
	struct buf user, password;
	int r;

	buf_init(&user, SECRET_MAX);
	buf_init(&password, SECRET_MAX);
	r = initial.n ? decode(d, initial, true, &user, e)
	              : ask(d, "VXNlcm5hbWU6", &user, e);
	if (r > 0)
		r = ask(d, "UGFzc3dvcmQ6", &password, e);
	if (r > 0)
		r = log_in(d, buf_view(&user), buf_view(&password), e);
	buf_wipe(&user);
	buf_wipe(&password);
	return r;
}

/* AUTH mechanism [SP initial-response] */
int
smtpd_auth(struct smtpd *d, struct slice arg, struct err *e)
{
	struct slice mechanism = slice_take_until(&arg, ' ', NULL);
	int r;

	if (!d->plan->auth)
		return smtpd_reply(d, e, 502, "5.5.1", "no logins here");
	if (!d->env.helo)
		return smtpd_reply(d, e, 503, "5.5.1", "say %s first",
		    d->plan->lmtp ? "LHLO" : "EHLO");
	if (!d->env.tls)
		return smtpd_reply(d, e, 538, "5.7.11", "STARTTLS first");
	if (d->env.user || d->in_mail)
		return smtpd_reply(d, e, 503, "5.5.1", "not now");
	if (slice_is_nocase(mechanism, "PLAIN"))
		r = auth_plain(d, arg, e);
	else if (slice_is_nocase(mechanism, "LOGIN"))
		r = auth_login(d, arg, e);
	else
		r = smtpd_reply(d, e, 504, "5.5.4", "PLAIN or LOGIN");
	return r < 0 ? -1 : 0;
}
