/* Where a message goes (see receivekeep.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/command.h"
#include "base/io.h"

#include "text/date.h"
#include "text/eol.h"

#include "proto/smtpwish.h"

#include "flow/receivekeep.h"

#define TRACE_MAX (64u << 10) /* octets of the fields on top */
#define ENV_MAX   10000       /* variables of a command */

/* RFC 3848 with "S" for TLS and "A" for a login; UTF8 of RFC 6531, 4.3. */
void
receivekeep_with(const struct smtpd_envelope *env, char word_r[16])
{
	const char *base = env->lmtp ? "LMTP" : env->esmtp ? "ESMTP" : "SMTP";

	if (env->utf8)
		base = env->lmtp ? "UTF8LMTP" : "UTF8SMTP";
	snprintf(word_r, 16, "%s%s%s", base, env->tls ? "S" : "",
	    env->user ? "A" : "");
}

/* TCP-info = address-literal */
static void
add_peer(struct buf *b, const char *peer)
{
	bool six = strchr(peer, ':') != NULL;

	if (six || ascii_is_digit((unsigned char)peer[0]))
		buf_fmt(b, " ([%s%s])", six ? "IPv6:" : "", peer);
}

/* Return-path-line, Time-stamp-line (RFC 5321, 4.4). A single recipient is
 * named, several are not: they may not know of each other. */
static void
add_fields(struct buf *b, const struct receivekeep_plan *p,
    const struct smtpd_envelope *env, const char *peer)
{
	char date[DATE_TEXT_MAX], with[16];

	date_make(given_now(p->given), 0, date);
	receivekeep_with(env, with);
	buf_fmt(
	    b, "Return-Path: <%s>\nReceived: from %s", env->sender, env->helo);
	add_peer(b, peer);
	buf_fmt(b, "\n\tby %s (mailtoolkit) with %s", p->hostname, with);
	if (env->tls)
		buf_fmt(b, "\n\t(%s %s)", tls_version(env->tls),
		    tls_cipher(env->tls));
	if (env->n == 1)
		buf_fmt(b, "\n\tfor <%s>", env->recipients[0]);
	buf_fmt(b, ";\n\t%s\n", date);
	/* RFC 8098, 2.3: for receipts, which name the address that the sender
	 * wrote. */
	if (env->n == 1 && env->dsn[0].orcpt)
		buf_fmt(b, "Original-Recipient: %s\n", env->dsn[0].orcpt);
}

static int
put(struct receivekeep *k, const struct receivekeep_plan *p, struct slice s,
    struct err *e)
{
	if (p->maildir)
		return maildir_write(&k->file, s, e);
	return io_write(k->temp, s.p, s.n, "a temporary file", e);
}

/* What could not be kept: the client is to try again, now or later. */
static void
not_kept(const struct err *e, struct smtpd_answer *a)
{
	if (e->sys == ENOSPC || e->sys == EDQUOT)
		smtpd_answer(a, 452, "4.3.1", "no space left");
	else
		smtpd_answer(a, 451, "4.3.0", "cannot keep it now");
}

void
receivekeep_begin(struct receivekeep *k, const struct receivekeep_plan *p,
    const struct smtpd_envelope *env, const char *peer, struct smtpd_answer *a)
{
	struct buf fields, wire;
	int r;

	*k = (struct receivekeep){ .temp = -1 };
	if (p->maildir)
		r = maildir_begin(&k->file, p->maildir, p->given, &k->failed);
	else
		r = k->temp = io_temp(NULL, &k->failed);
	if (r < 0) {
		not_kept(&k->failed, a);
		return;
	}
	k->open = true;
	k->binary = env->binary;
	buf_init(&fields, TRACE_MAX);
	buf_init(&wire, 2 * TRACE_MAX);
	add_fields(&fields, p, env, peer);
	eol_to_crlf(buf_view(&fields), &wire);
	put(k, p, buf_view(k->binary ? &wire : &fields), &k->failed);
	buf_free(&fields);
	buf_free(&wire);
}

/* A bare CR never comes in here, so that every CR is half of a CRLF; but for a
 * binary message, whose octets are nobody's to change. */
void
receivekeep_write(struct receivekeep *k, const struct receivekeep_plan *p,
    struct slice octets)
{
	struct slice run;

	k->size += octets.n;
	if (k->binary && !k->failed.kind) {
		put(k, p, octets, &k->failed);
		return;
	}
	while (octets.n > 0 && !k->failed.kind) {
		run = slice_take_until(&octets, '\r', NULL);
		put(k, p, run, &k->failed);
	}
}

void
receivekeep_abort(struct receivekeep *k, const struct receivekeep_plan *p)
{
	if (!k->open)
		return;
	k->open = false;
	if (p->maildir)
		maildir_abort(&k->file);
	else
		close(k->temp);
}

/* One line for each recipient: what its sender wants to be told, and the
 * address that was meant first. */
static void
add_dsn(const struct smtpd_envelope *env, struct arena *a, char **v, size_t *at)
{
	struct buf notify, orcpt;
	char words[SMTPWISH_NOTIFY_MAX];

	buf_init(&notify, SIZE_MAX);
	buf_init(&orcpt, SIZE_MAX);
	for (size_t i = 0; i < env->n; i++) {
		smtpwish_notify(env->dsn[i].notify, words);
		buf_fmt(&notify, "%s%s", i ? "\n" : "", words);
		buf_fmt(&orcpt, "%s%s", i ? "\n" : "",
		    env->dsn[i].orcpt ? env->dsn[i].orcpt : "");
	}
	v[(*at)++] = arena_fmt(a, "DSN_ENVID=%s", env->envid ? env->envid : "");
	v[(*at)++] = arena_fmt(a, "DSN_RET=%s", env->ret ? env->ret : "");
	v[(*at)++] = arena_fmt(a, "DSN_NOTIFY=%s", buf_str(&notify));
	v[(*at)++] = arena_fmt(a, "DSN_ORCPT=%s", buf_str(&orcpt));
	buf_free(&notify);
	buf_free(&orcpt);
}

/* Variables of ours, whoever has set them before. */
static bool
is_ours(const char *variable)
{
	static const char *const names[] = { "SENDER=", "RECIPIENTS=",
		"DSN_ENVID=", "DSN_RET=", "DSN_NOTIFY=", "DSN_ORCPT=" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (slice_starts(slice_str(variable), names[i]))
			return true;
	return false;
}

/* The environment handed down, and what the command may want to know. */
static char **
make_environ(const struct receivekeep_plan *p, const struct smtpd_envelope *env,
    struct arena *a)
{
	size_t n = 0, at = 0;
	struct buf all;
	char **v;

	while (p->environ && p->environ[n] && n < ENV_MAX)
		n++;
	v = arena_array(a, n + 7, sizeof(*v));
	for (size_t i = 0; i < n; i++)
		if (!is_ours(p->environ[i]))
			v[at++] = p->environ[i];
	buf_init(&all, SIZE_MAX);
	for (size_t i = 0; i < env->n; i++)
		buf_fmt(&all, "%s%s", i ? "\n" : "", env->recipients[i]);
	v[at++] = arena_fmt(a, "SENDER=%s", env->sender);
	v[at++] = arena_fmt(a, "RECIPIENTS=%s", buf_str(&all));
	buf_free(&all);
	if (p->dsn)
		add_dsn(env, a, v, &at);
	return v;
}

static bool
judge(int code, struct smtpd_answer *a)
{
	if (code == COMMAND_DONE)
		return true;
	if (code == COMMAND_NO_USER)
		smtpd_answer(a, 550, "5.1.1", "no such user");
	else if (code < 0 || code == COMMAND_TRY_AGAIN ||
		 code >= COMMAND_NOT_RUN)
		smtpd_answer(a, 451, "4.3.0", "not taken for now");
	else
		smtpd_answer(a, 554, "5.3.0", "refused with status %d", code);
	return false;
}

/* Its standard output goes to standard error, since the other may be the
 * session, or the tool's own. */
static bool
run(struct receivekeep *k, const struct receivekeep_plan *p,
    const struct smtpd_envelope *env, struct smtpd_answer *a)
{
	struct arena mem = { 0 };
	struct command c = { .text = p->command,
		.in = k->temp,
		.out = STDERR_FILENO,
		.environ = make_environ(p, env, &mem),
		.limit = RECEIVEKEEP_COMMAND_MS,
		.break_off = p->break_off };
	bool kept = false;
	int status;

	if (lseek(k->temp, 0, SEEK_SET) < 0 ||
	    command_run(&c, &status, NULL) < 0)
		smtpd_answer(a, 451, "4.3.0", "cannot run the command now");
	else
		kept = judge(status, a);
	close(k->temp);
	arena_free(&mem);
	return kept;
}

bool
receivekeep_commit(struct receivekeep *k, const struct receivekeep_plan *p,
    const struct smtpd_envelope *env, struct smtpd_answer *a)
{
	if (k->failed.kind) {
		receivekeep_abort(k, p);
		not_kept(&k->failed, a);
		return false;
	}
	k->open = false;
	if (p->command)
		return run(k, p, env, a);
	if (maildir_commit(&k->file, &k->failed) == 0)
		return true;
	not_kept(&k->failed, a);
	return false;
}
