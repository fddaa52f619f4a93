/* Logging in to a POP3 server (see pop3.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "base/clock.h"

#include "crypt/digest.h"

#include "proto/pop3wire.h"

#define CHALLENGES_MAX 10
#define COMMAND_MAX    255 /* octets of AUTH and what is along (RFC 5034, 4) */
#define SECRET_MAX     4096

static bool
is_sendable(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_is_control(slice_at(s, i)))
			return false;
	return s.n > 0 && s.n < SECRET_MAX;
}

/* A line that ends in a secret; the trace has shown. */
static int
send_secret(struct pop3 *p, const char *verb, struct slice secret,
    const char *shown, struct err *e)
{
	trace_wire(p->trace, TRACE_SENT, slice_str(shown));
	stream_deadline(p->stream, clock_deadline(p->timeout));
	if (stream_text(p->stream, verb, e) < 0 ||
	    stream_put(p->stream, secret, e) < 0 ||
	    stream_text(p->stream, "\r\n", e) < 0)
		return -1;
	return stream_flush(p->stream, e);
}

static int
ask_secret(struct pop3 *p, const char *verb, struct slice secret,
    const char *shown, struct err *e)
{
	struct slice text;
	int got;

	if (send_secret(p, verb, secret, shown, e) < 0)
		return -1;
	got = pop3wire_status(p, &text, e);
	if (got == 0)
		return pop3wire_refused(p, text, ERR_NOPERM, "login", e);
	return got < 0 ? -1 : 0;
}

/* "APOP" SP name SP digest (RFC 1939, 7) */
static int
login_apop(struct pop3 *p, const struct sasl_login *l, struct err *e)
{
	struct digest d;
	unsigned char raw[DIGEST_MAX];
	char hex[DIGEST_HEX_MAX];
	struct buf line;
	int ret;

	if (p->stamp.n == 0)
		return err_set(e, ERR_NOPERM, "%s: the server offers no APOP",
		    stream_peer(p->stream));
	if (digest_begin(&d, DIGEST_MD5, e) < 0)
		return -1;
	digest_add(&d, p->stamp.p, p->stamp.n);
	digest_add(&d, l->password.p, l->password.n);
	digest_end(&d, raw);
	digest_hex(raw, DIGEST_MD5_SIZE, hex);
	buf_init(&line, SECRET_MAX + DIGEST_HEX_MAX + 2);
	buf_fmt(&line, "%s %s", l->user, hex);
	ret = ask_secret(p, "APOP ", buf_view(&line), "APOP *** ***", e);
	buf_free(&line);
	return ret;
}

static int
login_user(struct pop3 *p, const struct sasl_login *l, struct err *e)
{
	if (ask_secret(p, "USER ", slice_str(l->user), "USER ***", e) < 0)
		return -1;
	return ask_secret(p, "PASS ", l->password, "PASS ***", e);
}

/* "AUTH" SP mechanism [SP initial-response]: along with the command where it
 * fits, else *first_r is what the server will ask for (RFC 5034, 4). */
static int
send_auth(struct pop3 *p, struct sasl *s, struct slice *first_r, struct err *e)
{
	char verb[64], shown[68];
	int got = sasl_first(s, first_r, e);

	if (got < 0)
		return -1;
	snprintf(verb, sizeof(verb), "AUTH %s", sasl_name(s));
	if (got == 0 || strlen(verb) + 1 + first_r->n + 2 > COMMAND_MAX) {
		if (got == 0)
			*first_r = slice_of(NULL, 0);
		return pop3wire_put(p, slice_str(verb), NULL, e) < 0
		           ? -1
		           : stream_flush(p->stream, e);
	}
	snprintf(shown, sizeof(shown), "%s ***", verb);
	snprintf(verb, sizeof(verb), "AUTH %s ", sasl_name(s));
	got = send_secret(p, verb, *first_r, shown, e);
	*first_r = slice_of(NULL, 0);
	return got;
}

/* What we cannot answer is cancelled; what the server says to that is of no
 * interest. */
static int
cancel(struct pop3 *p)
{
	struct slice text;

	if (stream_text(p->stream, "*\r\n", NULL) == 0 &&
	    stream_flush(p->stream, NULL) == 0)
		pop3wire_status(p, &text, NULL);
	return -1;
}

static int
exchange(struct pop3 *p, struct sasl *s, struct err *e)
{
	struct slice text, first;
	int got;

	if (send_auth(p, s, &first, e) < 0)
		return -1;
	for (int i = 0; (got = pop3wire_answer(p, &text, e)) == 2; i++) {
		struct slice line = first;

		if (i == CHALLENGES_MAX) {
			err_set(e, ERR_PROTO, "%s: too many challenges",
			    stream_peer(p->stream));
			return cancel(p);
		}
		first = slice_of(NULL, 0);
		if (line.n == 0 && sasl_step(s, text, &line, e) < 0)
			return cancel(p);
		if (send_secret(p, "", line, "***", e) < 0)
			return -1;
	}
	if (got < 0)
		return -1;
	if (got > 0)
		return sasl_done(s, e);
	pop3wire_refused(p, text, ERR_NOPERM, "login", e);
	sasl_refused(s, e);
	return -1;
}

/* The old commands, where nothing said which mechanism it shall be. A server
 * that does not offer USER, but has a timestamp, wants APOP. */
static int
login_old(struct pop3 *p, const struct sasl_login *l, struct err *e)
{
	if (!is_sendable(slice_str(l->user)) || !is_sendable(l->password))
		return err_set(e, ERR_CONFIG,
		    "user name or password cannot be sent: empty, too long or "
		    "with control characters");
	if (p->has_capa && !p->has_user && p->stamp.n > 0)
		return login_apop(p, l, e);
	return login_user(p, l, e);
}

static int
log_in(struct pop3 *p, const struct sasl_login *l, struct err *e)
{
	bool old = l->password.n > 0 && !l->mechanisms && (l->tls || l->clear);
	struct sasl *s;
	int ret;

	if (p->offered.n == 0 && old)
		return login_old(p, l, e);
	if (sasl_new(l, buf_view(&p->offered), &s, e) < 0) {
		if (e->kind == ERR_NOPERM && old)
			return login_old(p, l, e);
		return err_in(e, "%s", stream_peer(p->stream));
	}
	ret = exchange(p, s, e);
	if (ret == 0)
		trace_say(
		    p->trace, "logged in as %s (%s)", l->user, sasl_name(s));
	sasl_free(&s);
	return ret;
}

/* Messages as they are, also those with UTF-8 in their headers (RFC 6856, 2);
 * a server that will not goes on as it was. */
static int
ask_utf8(struct pop3 *p, struct err *e)
{
	struct slice text;

	if (!p->has_utf8)
		return 0;
	return pop3wire_ask(p, "UTF8", &text, e) < 0 ? -1 : 0;
}

int
pop3_login(
    struct pop3 *p, const struct sasl_login *login, bool apop, struct err *e)
{
	struct sasl_login whole = *login;
	struct err why;

	whole.tls = stream_tls(p->stream);
	if (!whole.tls && !whole.clear && whole.password.n > 0 &&
	    (apop || !whole.mechanisms))
		return err_set(e, ERR_NOPERM,
		    "%s: no password is sent without TLS",
		    stream_peer(p->stream));
	if (ask_utf8(p, e) < 0)
		return -1;
	if (apop && !(is_sendable(slice_str(whole.user)) &&
			is_sendable(whole.password)))
		return err_set(e, ERR_CONFIG,
		    "user name or password cannot be sent: empty, too long or "
		    "with control characters");
	if ((apop ? login_apop(p, &whole, &why) : log_in(p, &whole, &why)) == 0)
		return 0;
	if (e)
		*e = why;
	return -1;
}
