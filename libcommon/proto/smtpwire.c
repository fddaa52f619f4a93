/* Commands and replies of a session (RFC 5321 sections 4.1, 4.2).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>

#include "base/clock.h"

#include "proto/smtpwire.h"

#define PUT_MAX 16384 /* octets of a command (RFC 4954, 4: 12288) */

/* How long each step may take, in seconds (RFC 5321, 4.5.3.2). */
static const int step_seconds[] = {
	[SMTP_AT_CONNECT] = 300,
	[SMTP_AT_GREETING] = 300,
	[SMTP_AT_EHLO] = 300,
	[SMTP_AT_STARTTLS] = 300,
	[SMTP_AT_AUTH] = 300,
	[SMTP_AT_MAIL] = 300,
	[SMTP_AT_RCPT] = 300,
	[SMTP_AT_DATA] = 120,
	[SMTP_AT_CONTENT] = 600,
};
#define BLOCK_SECONDS 180
#define LAST_WORDS_MS 1000

static const char *const stage_names[] = {
	[SMTP_AT_CONNECT] = "connect",
	[SMTP_AT_GREETING] = "greeting",
	[SMTP_AT_EHLO] = "ehlo",
	[SMTP_AT_STARTTLS] = "starttls",
	[SMTP_AT_AUTH] = "auth",
	[SMTP_AT_MAIL] = "mail",
	[SMTP_AT_RCPT] = "rcpt",
	[SMTP_AT_DATA] = "data",
	[SMTP_AT_CONTENT] = "content",
};

const char *
smtp_stage_name(enum smtp_stage stage)
{
	return stage_names[stage];
}

static void
set_deadline(struct smtp *c, int seconds)
{
	int64_t step = clock_deadline(seconds * INT64_C(1000));

	stream_deadline(
	    c->stream, step < c->plan->deadline ? step : c->plan->deadline);
}

void
smtpwire_block(struct smtp *c)
{
	set_deadline(c, BLOCK_SECONDS);
}

static int
put_line(struct smtp *c, struct slice command, struct err *e)
{
	for (size_t i = 0; i < command.n; i++)
		if (ascii_is_control(slice_at(command, i)))
			return err_set(
			    e, ERR_BUG, "control character in a command");
	if (stream_put(c->stream, command, e) == 0 &&
	    stream_text(c->stream, "\r\n", e) == 0)
		return 0;
	c->lost = true;
	return -1;
}

int
smtpwire_put(struct smtp *c, struct slice command, struct err *e)
{
	trace_wire(c->plan->trace, TRACE_SENT, command);
	return put_line(c, command, e);
}

int
smtpwire_put_secret(
    struct smtp *c, struct slice command, const char *shown, struct err *e)
{
	trace_wire(c->plan->trace, TRACE_SENT, slice_str(shown));
	return put_line(c, command, e);
}

/* One reply, all lines of it. */
static int
read_reply(struct smtp *c, struct err *e)
{
	struct slice line;
	int r;

	do {
		r = stream_line(c->stream, REPLY_LINE_MAX, &line, NULL, e);
		if (r == 0)
			return err_set(e, ERR_TEMP,
			    "%s has closed the connection",
			    stream_peer(c->stream));
		if (r < 0)
			return -1;
		trace_wire(c->plan->trace, TRACE_GOT, line);
		r = reply_add(&c->reply, line, e);
		if (r < 0)
			return err_in(e, "%s", stream_peer(c->stream));
	} while (r == 0);
	return 0;
}

int
smtpwire_reply(struct smtp *c, enum smtp_stage at, struct err *e)
{
	bool unsent;

	if (c->lost)
		return err_set(e, ERR_TEMP, "%s has closed the connection",
		    stream_peer(c->stream));
	set_deadline(c, step_seconds[at]);
	/* A failed write is no reason not to read: the peer may have said why
	 * before it went away. */
	unsent = stream_flush(c->stream, e) < 0;
	if (read_reply(c, unsent ? NULL : e) < 0) {
		c->lost = true;
		return -1;
	}
	c->lost = unsent || c->reply.code == 421;
	return 0;
}

int
smtpwire_last_words(struct smtp *c)
{
	stream_deadline(c->stream, clock_deadline(LAST_WORDS_MS));
	return read_reply(c, NULL);
}

int
smtpwire_quiet(struct smtp *c, struct err *e)
{
	if (c->lost || stream_pending(c->stream).n == 0)
		return 0;
	if (read_reply(c, e) < 0) {
		c->lost = true;
		return -1;
	}
	c->lost = true;
	if (c->reply.code == 421)
		return reply_refusal(&c->reply, e);
	c->lost_count = true;
	return err_set(e, ERR_PROTO, "%s: a reply to nothing: %u %.*s",
	    stream_peer(c->stream), c->reply.code,
	    SLICE_ARG(slice_sub(buf_view(&c->reply.text), 0, 80)));
}

int
smtpwire_ask(
    struct smtp *c, enum smtp_stage at, struct err *e, const char *fmt, ...)
{
	struct buf b;
	va_list ap;
	int r;

	if (smtpwire_quiet(c, e) < 0)
		return -1;
	buf_init(&b, PUT_MAX);
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	r = smtpwire_put(c, buf_view(&b), e);
	buf_free(&b);
	return r < 0 ? -1 : smtpwire_reply(c, at, e);
}
