/* Logging in to an IMAP server (see imap.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"

#include "text/base64.h"

#include "proto/imapcommand.h"

/* Sends a command with a secret in it: line is wiped by the caller. */
static int
login_with(struct imap *m, struct slice line, const char *shown, struct err *e)
{
	struct imapread_reply r;

	if (imapcommand_send(m, line, shown, e) < 0)
		return -1;
	buf_reset(&m->caps); /* they may be others from here on */
	if (imapcommand_finish(m, &r, e) < 0)
		return -1;
	if (r.status != IMAPREAD_OK)
		return imapread_refused(&r, ERR_NOPERM, "login", e);
	return 0;
}

static int
login_command(
    struct imap *m, struct slice user, struct slice password, struct err *e)
{
	struct buf line;
	int ret;

	buf_init(&line, IMAP_COMMAND_MAX);
	buf_room(&line, 2 * (user.n + password.n) + 16); /* stays in place */
	buf_text(&line, "LOGIN ");
	if (!imapcommand_quote(&line, user) ||
	    (buf_char(&line, ' '), !imapcommand_quote(&line, password)) ||
	    buf_over(&line))
		ret = err_set(e, ERR_CONFIG,
		    "user name or password cannot be sent: line end or too "
		    "long");
	else
		ret = login_with(m, buf_view(&line), "LOGIN *** ***", e);
	buf_wipe(&line);
	return ret;
}

/* The credentials of SASL PLAIN, asked for by "+". */
static int
send_credentials(struct imap *m, struct slice credentials, struct err *e)
{
	struct imapread_reply r;

	if (imapread_reply(m, &r, e) < 0)
		return -1;
	if (r.status != IMAPREAD_CONTINUE)
		return imapread_refused(&r, ERR_NOPERM, "login", e);
	buf_reset(&m->caps); /* they may be others from here on */
	trace_wire(m->trace, TRACE_SENT, slice_str("***"));
	stream_deadline(m->stream, clock_deadline(m->timeout));
	if (stream_put(m->stream, credentials, e) < 0 ||
	    stream_text(m->stream, "\r\n", e) < 0 ||
	    stream_flush(m->stream, e) < 0 || imapcommand_finish(m, &r, e) < 0)
		return -1;
	if (r.status != IMAPREAD_OK)
		return imapread_refused(&r, ERR_NOPERM, "login", e);
	return 0;
}

/* AUTHENTICATE PLAIN (RFC 4616): [authzid] NUL authcid NUL passwd */
static int
login_plain(
    struct imap *m, struct slice user, struct slice password, struct err *e)
{
	struct buf plain, line;
	int ret;

	buf_init(&plain, IMAP_COMMAND_MAX);
	buf_init(&line, IMAP_COMMAND_MAX);
	buf_room(&plain, user.n + password.n + 8); /* stays in place */
	buf_room(&line, 2 * (user.n + password.n) + 64);
	buf_char(&plain, 0);
	buf_slice(&plain, user);
	buf_char(&plain, 0);
	buf_slice(&plain, password);
	if (imap_has(m, "SASL-IR"))
		buf_text(&line, "AUTHENTICATE PLAIN ");
	base64_encode(buf_view(&plain), &line);
	if (buf_over(&plain) || buf_over(&line))
		ret = err_set(e, ERR_CONFIG, "user name or password too long");
	else if (imap_has(m, "SASL-IR"))
		ret =
		    login_with(m, buf_view(&line), "AUTHENTICATE PLAIN ***", e);
	else if (imapcommand_send(m, slice_str("AUTHENTICATE PLAIN"), NULL, e) <
		 0)
		ret = -1;
	else
		ret = send_credentials(m, buf_view(&line), e);
	buf_wipe(&plain);
	buf_wipe(&line);
	return ret;
}

int
imap_login(struct imap *m, const char *user, struct slice password, bool clear,
    struct err *e)
{
	const char *peer = stream_peer(m->stream);
	int ret;

	if (m->preauth)
		return 0;
	if (!stream_tls(m->stream) && !clear)
		return err_set(
		    e, ERR_NOPERM, "%s: no password is sent without TLS", peer);
	if (imap_capability(m, e) < 0)
		return -1;
	if (imap_has(m, "AUTH=PLAIN"))
		ret = login_plain(m, slice_str(user), password, e);
	else if (!imap_has(m, "LOGINDISABLED"))
		ret = login_command(m, slice_str(user), password, e);
	else
		ret = err_set(e, ERR_NOPERM,
		    "the server allows neither LOGIN nor AUTHENTICATE PLAIN");
	if (ret < 0)
		return err_in(e, "%s", peer);
	return 0;
}
