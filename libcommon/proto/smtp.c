/* Opening and closing of sessions: greeting, EHLO, TLS, login (RFC 5321
 * sections 3.1, 3.2, 4.1.1.1; RFC 3207; RFC 2033).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "base/mem.h"

#include "text/idna.h"

#include "proto/smtpwire.h"

/* A reply that is not good as the error of this step. */
static int
refused(struct smtp *c, const char *step, struct err *e)
{
	reply_refusal(&c->reply, e);
	return err_in(e, "%s: %s", stream_peer(c->stream), step);
}

static int
greeting(struct smtp *c, struct err *e)
{
	struct slice text, line;

	if (smtpwire_reply(c, SMTP_AT_GREETING, e) < 0)
		return -1;
	if (c->reply.code != 220)
		return refused(c, "greeting", e);
	text = buf_view(&c->reply.text);
	line = slice_take_until(&text, '\n', NULL);
	snprintf(c->greeting, sizeof(c->greeting), "%.*s", SLICE_ARG(line));
	return 0;
}

/* EHLO; LHLO for LMTP; HELO for a server that does not know EHLO, unless
 * extensions are needed, as TLS and login are (RFC 5321, 3.2). */
static int
hello(struct smtp *c, struct err *e)
{
	const struct smtp_plan *plan = c->plan;
	bool needs_ehlo =
	    plan->lmtp || plan->login ||
	    (plan->tls >= SMTP_TLS_MUST && !stream_tls(c->stream));

	c->caps = (struct smtp_caps){ 0 };
	if (smtpwire_ask(c, SMTP_AT_EHLO, e, "%s %s",
		plan->lmtp ? "LHLO" : "EHLO", plan->helo) < 0)
		return -1;
	if (reply_is_good(&c->reply)) {
		smtpcap_read(buf_view(&c->reply.text), &c->caps);
		return 0;
	}
	if (c->reply.code / 100 != 5 || needs_ehlo)
		return refused(c, plan->lmtp ? "LHLO" : "EHLO", e);
	if (smtpwire_ask(c, SMTP_AT_EHLO, e, "HELO %s", plan->helo) < 0)
		return -1;
	return reply_is_good(&c->reply) ? 0 : refused(c, "HELO", e);
}

static int
handshake(struct smtp *c, struct err *e)
{
	const struct tls_want *want = c->plan->want;

	if (stream_tls_client(c->stream, want, e) < 0) {
		c->lost = true;
		return -1;
	}
	trace_say(c->plan->trace, "%s, %s, %s%s",
	    tls_version(stream_tls(c->stream)),
	    tls_cipher(stream_tls(c->stream)),
	    want->pin_count               ? "pinned"
	    : want->verify || want->check ? "verified"
					  : "not verified",
	    tls_resumed(stream_tls(c->stream)) ? ", resumed" : "");
	return 0;
}

/* 1: TLS is on; 0: the plan allows to go on without; -1. */
static int
starttls(struct smtp *c, struct err *e)
{
	bool must = c->plan->tls >= SMTP_TLS_MUST;

	if (!c->caps.starttls) {
		if (!must)
			return 0;
		return err_set(e, ERR_PROTO,
		    "%s does not offer STARTTLS: use smtps://, or allow plain "
		    "text with --tls=may (mfetch: --to-tls=may)",
		    stream_peer(c->stream));
	}
	if (smtpwire_ask(c, SMTP_AT_STARTTLS, e, "STARTTLS") < 0)
		return -1;
	if (c->reply.code != 220) {
		if (!must && !c->lost)
			return 0;
		refused(c, "STARTTLS", e);
		if (e && e->kind != ERR_TEMP)
			e->kind = ERR_PROTO;
		return -1;
	}
	return handshake(c, e) < 0 ? -1 : 1;
}

static int
open_session(struct smtp *c, enum smtp_stage *stage_r, struct err *e)
{
	const struct smtp_plan *plan = c->plan;
	int r;

	if (plan->proxy && smtpxclient_proxy(c, e) < 0)
		return -1;
	if (plan->implicit_tls) {
		*stage_r = SMTP_AT_STARTTLS;
		smtpwire_block(c);
		if (handshake(c, e) < 0)
			return -1;
	}
	*stage_r = SMTP_AT_GREETING;
	if (greeting(c, e) < 0)
		return -1;
	*stage_r = SMTP_AT_EHLO;
	if (hello(c, e) < 0)
		return -1;
	if (plan->tls != SMTP_TLS_OFF && !plan->implicit_tls) {
		*stage_r = SMTP_AT_STARTTLS;
		r = starttls(c, e);
		if (r < 0)
			return -1;
		*stage_r = SMTP_AT_EHLO;
		if (r > 0 && hello(c, e) < 0)
			return -1;
	}
	if (plan->xclient && (smtpxclient_say(c, e) < 0 || hello(c, e) < 0))
		return -1;
	if (plan->no_pipelining)
		c->caps.pipelining = false;
	if (plan->no_chunking)
		c->caps.chunking = false;
	*stage_r = SMTP_AT_AUTH;
	return plan->login ? smtpauth_login(c, e) : 0;
}

/* A host name, or an address literal (RFC 5321, 4.1.3). */
static bool
is_helo(const char *name)
{
	struct slice s = slice_str(name);
	int c;

	if (idna_is_ldh(s))
		return true;
	if (!slice_take_prefix(&s, "[") || s.n < 2 || s.p[s.n - 1] != ']')
		return false;
	for (s.n--; (c = slice_get(&s)) >= 0;)
		if (c != '.' && c != ':' && !ascii_is_alpha(c) &&
		    !ascii_is_digit(c))
			return false;
	return true;
}

int
smtp_open(const struct smtp_plan *plan, struct stream *s, struct smtp **c_r,
    enum smtp_stage *stage_r, struct err *e)
{
	struct smtp *c = mem_new(sizeof(*c));
	int r;

	c->plan = plan;
	c->stream = s;
	reply_init(&c->reply);
	*stage_r = SMTP_AT_CONNECT;
	if (!is_helo(plan->helo))
		r = err_set(e, ERR_USAGE,
		    "no name to greet with: '%s' (--helo)", plan->helo);
	else
		r = open_session(c, stage_r, e);
	if (r < 0)
		smtp_close(&c);
	*c_r = c;
	return r;
}

const struct smtp_caps *
smtp_caps(const struct smtp *c)
{
	return &c->caps;
}

const char *
smtp_greeting(const struct smtp *c)
{
	return c->greeting;
}

struct slice
smtp_offers(const struct smtp *c)
{
	return buf_view(&c->reply.text);
}

const struct tls *
smtp_tls(const struct smtp *c)
{
	return stream_tls(c->stream);
}

void
smtp_close(struct smtp **c)
{
	struct smtp *s = *c;

	if (!s)
		return;
	if (!s->lost && smtpwire_put(s, slice_str("QUIT"), NULL) == 0) {
		smtpwire_block(s);
		stream_close(&s->stream, NULL);
	} else {
		stream_free(&s->stream);
	}
	reply_free(&s->reply);
	mem_free(s);
	*c = NULL;
}
