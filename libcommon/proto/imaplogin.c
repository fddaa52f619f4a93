/* Logging in to an IMAP server (see imap.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "base/clock.h"

#include "proto/imapcommand.h"

#define CHALLENGES_MAX 10
#define OFFERED_MAX    4096

/* Sends a command with a secret in it: line is wiped by the caller. */
static int
send_secret(struct imap *m, struct slice line, const char *shown, struct err *e)
{
	if (imapcommand_send(m, line, shown, e) < 0)
		return -1;
	buf_reset(&m->caps); /* they may be others from here on */
	return 0;
}

static int
refused(const struct imapparts_reply *r, const struct sasl *s, struct err *e)
{
	imaptake_refused(r, ERR_NOPERM, "login", e);
	if (s)
		sasl_refused(s, e);
	return -1;
}

/* Without a mechanism: LOGIN SP userid SP password. */
static int
login_command(struct imap *m, const struct sasl_login *login, struct err *e)
{
	struct imapparts_reply r;
	struct slice user = slice_str(login->user);
	struct buf line;
	int ret;

	buf_init(&line, IMAP_COMMAND_MAX);
	/* stays in place */
	buf_room(&line, 2 * (user.n + login->password.n) + 16);
	buf_text(&line, "LOGIN ");
	if (!imapcommand_quote(&line, user) ||
	    (buf_char(&line, ' '),
		!imapcommand_quote(&line, login->password)) ||
	    buf_over(&line))
		ret = err_set(e, ERR_CONFIG,
		    "user name or password cannot be sent: line end or too "
		    "long");
	else
		ret = send_secret(m, buf_view(&line), "LOGIN *** ***", e);
	buf_wipe(&line);
	if (ret < 0 || imapcommand_finish(m, &r, e) < 0)
		return -1;
	return r.status == IMAPPARTS_OK ? 0 : refused(&r, NULL, e);
}

static int
send_line(struct imap *m, struct slice line, struct err *e)
{
	trace_wire(m->trace, TRACE_SENT, slice_str("***"));
	stream_deadline(m->stream, clock_deadline(m->timeout));
	if (stream_put(m->stream, line, e) < 0 ||
	    stream_text(m->stream, "\r\n", e) < 0)
		return -1;
	return stream_flush(m->stream, e);
}

/* "AUTHENTICATE" SP auth-type [SP initial-resp]; *first_r is what is still to
 * be sent when the server asks. */
static int
send_authenticate(
    struct imap *m, struct sasl *s, struct slice *first_r, struct err *e)
{
	struct buf line;
	char shown[80];
	int ret = sasl_first(s, first_r, e);

	if (ret < 0)
		return -1;
	buf_init(&line, SASL_LINE_MAX + 100);
	buf_room(&line, SASL_LINE_MAX + 100); /* stays in place */
	buf_fmt(&line, "AUTHENTICATE %s", sasl_name(s));
	snprintf(shown, sizeof(shown), "%s", buf_str(&line));
	if (ret > 0 && (imap_has(m, "SASL-IR") || imap_has(m, "IMAP4rev2"))) {
		snprintf(shown, sizeof(shown), "%s ***", buf_str(&line));
		buf_char(&line, ' ');
		buf_slice(&line, *first_r);
		ret = 0;
	}
	if (ret == 0)
		*first_r = slice_of(NULL, 0);
	ret = send_secret(m, buf_view(&line), shown, e);
	buf_wipe(&line);
	return ret;
}

/* What we cannot answer is cancelled (RFC 9051, 6.2.2); what the server says
 * to that is of no interest. */
static int
cancel(struct imap *m)
{
	struct imapparts_reply r;

	if (stream_text(m->stream, "*\r\n", NULL) == 0 &&
	    stream_flush(m->stream, NULL) == 0)
		imapcommand_finish(m, &r, NULL);
	return -1;
}

static int
authenticate(struct imap *m, struct sasl *s, struct err *e)
{
	struct imapparts_reply r;
	struct slice first;

	if (send_authenticate(m, s, &first, e) < 0 ||
	    imapread_reply(m, &r, e) < 0)
		return -1;
	for (int i = 0; r.status == IMAPPARTS_CONTINUE; i++) {
		struct slice line = first;

		if (i == CHALLENGES_MAX) {
			err_set(e, ERR_PROTO, "too many challenges");
			return cancel(m);
		}
		first = slice_of(NULL, 0);
		if (line.n == 0 && sasl_step(s, r.text, &line, e) < 0)
			return cancel(m);
		if (send_line(m, line, e) < 0 || imapread_reply(m, &r, e) < 0)
			return -1;
	}
	if (r.tag != m->tag)
		return imapcommand_unexpected(m, &r, e);
	return r.status == IMAPPARTS_OK ? sasl_done(s, e) : refused(&r, s, e);
}

/* The mechanisms of "AUTH=...". */
static void
offered(const struct imap *m, struct buf *out)
{
	struct slice list = buf_view(&m->caps);

	while (list.n > 0) {
		struct slice word = slice_take_until(&list, ' ', NULL);

		if (!slice_take_prefix_nocase(&word, "AUTH="))
			continue;
		buf_slice(out, word);
		buf_char(out, ' ');
	}
}

/* The old command shows the password as PLAIN does. */
static bool
may_login(const struct imap *m, const struct sasl_login *l)
{
	return l->password.n > 0 && !l->mechanisms && (l->tls || l->clear) &&
	       !imap_has(m, "LOGINDISABLED");
}

static int
log_in(struct imap *m, const struct sasl_login *login, struct err *e)
{
	struct buf mechanisms;
	struct sasl *s;
	int ret;

	buf_init(&mechanisms, OFFERED_MAX);
	offered(m, &mechanisms);
	if (mechanisms.n == 0 && may_login(m, login)) {
		buf_free(&mechanisms);
		return login_command(m, login, e);
	}
	if (mechanisms.n == 0)
		return err_set(e, ERR_NOPERM,
		    "the server allows neither LOGIN nor AUTHENTICATE PLAIN");
	ret = sasl_new(login, buf_view(&mechanisms), &s, e);
	buf_free(&mechanisms);
	if (ret < 0 && e->kind == ERR_NOPERM && may_login(m, login))
		return login_command(m, login, e);
	if (ret < 0)
		return -1;
	ret = authenticate(m, s, e);
	if (ret == 0)
		trace_say(m->trace, "logged in as %s (%s)", login->user,
		    sasl_name(s));
	sasl_free(&s);
	return ret;
}

int
imap_login(struct imap *m, const struct sasl_login *login, struct err *e)
{
	struct sasl_login whole = *login;
	const char *peer = stream_peer(m->stream);
	struct err why;

	if (m->preauth)
		return 0;
	whole.tls = stream_tls(m->stream);
	if (!whole.tls && !whole.clear && whole.password.n > 0 &&
	    !whole.mechanisms)
		return err_set(
		    e, ERR_NOPERM, "%s: no password is sent without TLS", peer);
	if (imap_capability(m, e) < 0)
		return -1;
	if (log_in(m, &whole, &why) == 0)
		return 0;
	return err_set(e, why.kind, "%s: %s", peer, why.text);
}
