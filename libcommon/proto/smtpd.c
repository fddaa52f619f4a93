/* The session: lines in, replies out, one function a command (see smtpd.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#include "proto/smtpdparts.h"
#include "proto/smtppath.h"

void
smtpd_answer(struct smtpd_answer *a, int code, const char *enhanced,
    const char *fmt, ...)
{
	va_list ap;

	a->code = code;
	snprintf(a->enhanced, sizeof(a->enhanced), "%s", enhanced);
	va_start(ap, fmt);
	vsnprintf(a->text, sizeof(a->text), fmt, ap);
	va_end(ap);
}

int64_t
smtpd_by(const struct smtpd *d, int64_t ms)
{
	int64_t by = clock_deadline(ms);

	return by < d->end ? by : d->end;
}

static void
trace_reply(const struct smtpd *d, const char *text)
{
	trace_wire(d->plan->trace, TRACE_SENT, slice_str(text));
}

int
smtpd_send(struct smtpd *d, const struct smtpd_answer *a, struct err *e)
{
	char line[SMTPD_TEXT_MAX + 32];

	snprintf(line, sizeof(line), "%d %s%s%s", a->code, a->enhanced,
	    a->enhanced[0] ? " " : "", a->text);
	for (char *p = line; *p; p++)
		if (ascii_is_control((unsigned char)*p))
			*p = '?';
	trace_reply(d, line);
	if (a->code == 421)
		d->done = true;
	if (stream_text(d->s, line, e) < 0)
		return -1;
	return stream_text(d->s, "\r\n", e);
}

int
smtpd_answered(struct smtpd *d, const struct smtpd_answer *a, struct err *e)
{
	if (smtpd_send(d, a, e) < 0)
		return -1;
	return a->code < 400;
}

int
smtpd_reply(struct smtpd *d, struct err *e, int code, const char *enhanced,
    const char *fmt, ...)
{
	struct smtpd_answer a = { .code = code };
	va_list ap;

	snprintf(a.enhanced, sizeof(a.enhanced), "%s", enhanced);
	va_start(ap, fmt);
	vsnprintf(a.text, sizeof(a.text), fmt, ap);
	va_end(ap);
	if (code >= 500)
		d->errors++;
	return smtpd_send(d, &a, e);
}

void
smtpd_reset(struct smtpd *d)
{
	d->env.sender = NULL;
	d->env.recipients = NULL;
	d->env.n = d->cap = 0;
	d->env.size = 0;
	d->env.eight_bit = d->env.utf8 = d->env.binary = false;
	d->env.ret = d->env.envid = NULL;
	d->env.dsn = NULL;
	d->dsn_cap = 0;
	if (d->chunks && !d->intake.dropped && d->plan->calls->abort)
		d->plan->calls->abort(d->plan->arg);
	d->intake = (struct smtpd_intake){ 0 };
	d->in_mail = d->any_rcpt = d->chunks = d->behind = false;
	arena_free(&d->mail);
}

/* Says why and ends the session. */
static int
leave(struct smtpd *d, struct err *e, int code, const char *enhanced,
    const char *why)
{
	d->done = true;
	if (smtpd_reply(d, e, code, enhanced, "%s %s", d->plan->hostname, why) <
	    0)
		return -1;
	return stream_flush(d->s, e) < 0 ? -1 : 0;
}

/* Replies go out together when no further command is there (RFC 2920, 3.2). */
static int
flush_if_idle(struct smtpd *d, struct err *e)
{
	if (slice_find(stream_pending(d->s), '\n') != SIZE_MAX)
		return 0;
	return stream_flush(d->s, e);
}

/* Reading failed: a deadline and a stop are told to the client. */
static int
not_read(struct smtpd *d, int64_t deadline, struct err *e)
{
	struct err told;

	if (e->kind == ERR_NO)
		return leave(d, e, 421, "4.3.2", "stopping");
	if (clock_left(deadline) != 0)
		return -1;
	stream_deadline(d->s, clock_deadline(1000));
	(void)leave(d, &told, 421, "4.4.2", "no command in time");
	return -1;
}

static bool
has_octet(struct slice s, int c)
{
	return slice_find(s, c) != SIZE_MAX;
}

int
smtpd_line(struct smtpd *d, struct slice *line_r, bool *long_r, struct err *e)
{
	int64_t deadline = smtpd_by(d, d->plan->command_ms);
	enum stream_eol eol;
	bool cut = false;
	int r;

	stream_deadline(d->s, deadline);
	if (flush_if_idle(d, e) < 0)
		return -1;
	stream_stop(d->s, d->plan->stop);
	do {
		r = stream_line(d->s, SMTPD_LINE_MAX, line_r, &eol, e);
		cut = cut || (r > 0 && eol == STREAM_MORE);
	} while (r > 0 && eol == STREAM_MORE);
	stream_stop(d->s, d->plan->break_off);
	if (r < 0)
		return not_read(d, deadline, e);
	if (r == 0)
		return 0;
	if (eol == STREAM_LF || has_octet(*line_r, '\r'))
		return leave(d, e, 521, "5.5.2",
		    "a command ends in CRLF, and has no CR or LF in it");
	*long_r = cut;
	if (cut)
		*line_r = slice_str("");
	return 1;
}

static int
greet(struct smtpd *d, struct err *e)
{
	return smtpd_reply(d, e, 220, "", "%s %s mailtoolkit",
	    d->plan->hostname, d->plan->lmtp ? "LMTP" : "ESMTP");
}

static int
hello_line(struct smtpd *d, bool last, struct err *e, const char *text)
{
	char line[300];

	snprintf(line, sizeof(line), "250%c%s\r\n", last ? ' ' : '-', text);
	trace_wire(
	    d->plan->trace, TRACE_SENT, slice_of(line, strlen(line) - 2));
	return stream_text(d->s, line, e);
}

static bool
offers_starttls(const struct smtpd *d)
{
	return d->plan->cert && !d->env.tls;
}

/* What this session can do now: other things after STARTTLS, and after AUTH. */
static int
say_extensions(struct smtpd *d, struct err *e)
{
	static const char *const always[] = { "PIPELINING", "8BITMIME",
		"SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING" };
	char size[40];

	if (hello_line(d, false, e, d->plan->hostname) < 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(always); i++)
		if (hello_line(d, false, e, always[i]) < 0)
			return -1;
	if (d->plan->binary && hello_line(d, false, e, "BINARYMIME") < 0)
		return -1;
	if (d->plan->dsn && hello_line(d, false, e, "DSN") < 0)
		return -1;
	if (offers_starttls(d) && hello_line(d, false, e, "STARTTLS") < 0)
		return -1;
	if (d->plan->auth && d->env.tls && !d->env.user &&
	    hello_line(d, false, e, "AUTH PLAIN LOGIN") < 0)
		return -1;
	/* RFC 1870, 3: 0 means no fixed maximum. */
	snprintf(size, sizeof(size), "SIZE %llu",
	    (unsigned long long)d->plan->size_max);
	return hello_line(d, true, e, size);
}

static int
hello(struct smtpd *d, struct slice arg, bool esmtp, struct err *e)
{
	if (!smtppath_is_domain(arg, false))
		return smtpd_reply(d, e, 501, "5.5.4",
		    "a host name or an address in brackets is needed");
	smtpd_reset(d);
	arena_free(&d->helo);
	d->env.helo = arena_copy(&d->helo, arg);
	d->env.esmtp = esmtp;
	d->env.lmtp = d->plan->lmtp;
	if (!esmtp)
		return smtpd_reply(d, e, 250, "", "%s", d->plan->hostname);
	return say_extensions(d, e);
}

/* RFC 2033, 4.1: LMTP knows no HELO and EHLO, SMTP no LHLO. */
static int
wrong_hello(struct smtpd *d, struct err *e)
{
	return smtpd_reply(d, e, 500, "5.5.1", "this is %s: say %s",
	    d->plan->lmtp ? "LMTP" : "SMTP", d->plan->lmtp ? "LHLO" : "EHLO");
}

static int
on_ehlo(struct smtpd *d, struct slice arg, struct err *e)
{
	return d->plan->lmtp ? wrong_hello(d, e) : hello(d, arg, true, e);
}

static int
on_helo(struct smtpd *d, struct slice arg, struct err *e)
{
	return d->plan->lmtp ? wrong_hello(d, e) : hello(d, arg, false, e);
}

static int
on_lhlo(struct smtpd *d, struct slice arg, struct err *e)
{
	return d->plan->lmtp ? hello(d, arg, true, e) : wrong_hello(d, e);
}

static int
on_rset(struct smtpd *d, struct slice arg, struct err *e)
{
	if (arg.n)
		return smtpd_reply(d, e, 501, "5.5.4", "RSET has no argument");
	smtpd_reset(d);
	return smtpd_reply(d, e, 250, "2.0.0", "forgotten");
}

static int
on_noop(struct smtpd *d, struct slice arg, struct err *e)
{
	(void)arg;
	return smtpd_reply(d, e, 250, "2.0.0", "still here");
}

/* RFC 5321, 3.5.3: nothing about addresses is given away. */
static int
on_vrfy(struct smtpd *d, struct slice arg, struct err *e)
{
	if (arg.n == 0)
		return smtpd_reply(d, e, 501, "5.5.4", "VRFY whom?");
	return smtpd_reply(
	    d, e, 252, "2.5.2", "send it mail, and it will be seen");
}

static int
on_quit(struct smtpd *d, struct slice arg, struct err *e)
{
	if (arg.n)
		return smtpd_reply(d, e, 501, "5.5.4", "QUIT has no argument");
	d->done = true;
	return smtpd_reply(d, e, 221, "2.0.0", "%s goodbye", d->plan->hostname);
}

static const struct {
	const char *name;
	int (*run)(struct smtpd *d, struct slice arg, struct err *e);
} commands[] = {
	{ "AUTH", smtpd_auth },
	{ "BDAT", smtpd_bdat },
	{ "DATA", smtpd_data },
	{ "EHLO", on_ehlo },
	{ "HELO", on_helo },
	{ "LHLO", on_lhlo },
	{ "MAIL", smtpd_mail },
	{ "NOOP", on_noop },
	{ "QUIT", on_quit },
	{ "RCPT", smtpd_rcpt },
	{ "RSET", on_rset },
	{ "STARTTLS", smtpd_starttls },
	{ "VRFY", on_vrfy },
};

/* A browser tricked into speaking to this port must not get further. */
static bool
is_http(struct slice verb)
{
	return slice_is(verb, "GET") || slice_is(verb, "POST") ||
	       slice_is(verb, "PUT") || slice_is(verb, "CONNECT") ||
	       slice_is(verb, "OPTIONS");
}

static void
trace_command(const struct smtpd *d, struct slice line)
{
	if (slice_starts_nocase(line, "AUTH"))
		line = slice_str("AUTH (hidden)");
	trace_wire(d->plan->trace, TRACE_GOT, line);
}

/* command = verb [SP argument] CRLF */
static int
run(struct smtpd *d, struct slice line, struct err *e)
{
	struct slice arg = line;
	struct slice verb = slice_take_until(&arg, ' ', NULL);

	trace_command(d, line);
	for (size_t i = 0; i < line.n; i++)
		if (ascii_is_control((unsigned char)line.p[i]))
			return smtpd_reply(
			    d, e, 500, "5.5.2", "control character");
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (slice_is_nocase(verb, commands[i].name))
			return commands[i].run(d, arg, e);
	if (is_http(verb))
		return leave(d, e, 521, "5.5.1", "does not speak HTTP");
	return smtpd_reply(d, e, 500, "5.5.1", "no such command here");
}

/* One command; 0 when the session goes on or ends in order. */
static int
step(struct smtpd *d, struct err *e)
{
	struct slice line;
	bool too_long = false;
	int r = smtpd_line(d, &line, &too_long, e);

	if (r <= 0) {
		d->done = true;
		return r;
	}
	if (too_long)
		r = smtpd_reply(d, e, 500, "5.5.2", "line over %d octets",
		    SMTPD_LINE_MAX + 2);
	else
		r = run(d, line, e);
	if (r == 0 && !d->done && d->errors >= d->plan->errors_max)
		r = leave(d, e, 421, "4.7.0", "too many errors");
	return r;
}

static int
serve(struct smtpd *d, struct err *e)
{
	stream_deadline(d->s, smtpd_by(d, d->plan->command_ms));
	stream_stop(d->s, d->plan->break_off);
	if (d->plan->cert && d->plan->tls_at_once &&
	    stream_tls_server(d->s, d->plan->cert, e) < 0)
		return -1;
	d->env.tls = stream_tls(d->s);
	if (greet(d, e) < 0)
		return -1;
	while (!d->done)
		if (step(d, e) < 0)
			return -1;
	return stream_flush(d->s, e);
}

int
smtpd_serve(struct stream *s, const struct smtpd_plan *plan, struct err *e)
{
	struct smtpd_plan full = *plan;
	struct smtpd d = { .s = s, .plan = &full };
	int r;

	if (full.recipients_max == 0)
		full.recipients_max = SMTPD_RECIPIENTS_MAX;
	if (full.errors_max == 0)
		full.errors_max = SMTPD_ERRORS_MAX;
	if (full.command_ms == 0)
		full.command_ms = SMTPD_COMMAND_MS;
	if (full.data_ms == 0)
		full.data_ms = SMTPD_DATA_MS;
	d.end = clock_deadline(full.session_ms ? full.session_ms : -1);
	r = serve(&d, e);
	smtpd_reset(&d);
	arena_free(&d.helo);
	arena_free(&d.user);
	return r;
}
