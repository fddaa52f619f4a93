/* MAIL and RCPT (see smtpd.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/smtpdparts.h"
#include "proto/smtppath.h"

int
smtpd_may_send(struct smtpd *d, struct err *e)
{
	int r = 1;

	if (!d->env.helo)
		r = smtpd_reply(d, e, 503, "5.5.1", "say %s first",
		    d->plan->lmtp ? "LHLO" : "EHLO");
	else if (d->plan->auth_required && !d->env.tls)
		r = smtpd_reply(
		    d, e, 530, "5.7.0", "STARTTLS and a login first");
	else if (d->plan->auth_required && !d->env.user)
		r = smtpd_reply(d, e, 530, "5.7.0", "a login first");
	return r;
}

/* MAIL FROM:<reverse-path> [SP parameters] */
static int
read_mail(
    struct smtpd *d, struct slice arg, struct smtppath *p_r, struct err *e)
{
	int r;

	if (!slice_take_prefix_nocase(&arg, "FROM:"))
		return smtpd_bad_argument(
		    d, e, "like MAIL FROM:<a@example.org>");
	/* Whether UTF-8 is allowed comes behind the path. */
	if (!smtppath_read(&arg, true, p_r) ||
	    (p_r->mailbox.n && p_r->domain.n == 0))
		return smtpd_reply(
		    d, e, 501, "5.1.7", "malformed sender address");
	r = smtpd_mail_params(d, arg, e);
	if (r > 0 && p_r->utf8 && !d->env.utf8)
		return smtpd_reply(
		    d, e, 550, "5.6.7", "such an address needs SMTPUTF8");
	return r;
}

int
smtpd_mail(struct smtpd *d, struct slice arg, struct err *e)
{
	struct smtpd_answer a;
	struct smtppath path;
	int r = smtpd_may_send(d, e);

	if (r <= 0)
		return r;
	if (d->in_mail)
		return smtpd_reply(
		    d, e, 503, "5.5.1", "one sender was given; RSET forgets");
	smtpd_reset(d);
	r = read_mail(d, arg, &path, e);
	if (r > 0) {
		d->env.sender = arena_copy(&d->mail, path.mailbox);
		smtpd_answer(&a, 250, "2.1.0", "sender ok");
		if (d->plan->calls->sender)
			d->plan->calls->sender(d->plan->arg, &d->env, &a);
		r = smtpd_answered(d, &a, e);
	}
	if (r <= 0)
		smtpd_reset(d);
	d->in_mail = r > 0;
	return r < 0 ? -1 : 0;
}

static void
add_recipient(struct smtpd *d, const char *address, const struct smtpd_dsn *dsn)
{
	size_t n = d->env.n;

	d->env.recipients = arena_grow(&d->mail, d->env.recipients, n, n + 1,
	    sizeof(*d->env.recipients), &d->cap);
	d->env.dsn = arena_grow(
	    &d->mail, d->env.dsn, n, n + 1, sizeof(*d->env.dsn), &d->dsn_cap);
	d->env.dsn[n] = *dsn;
	d->env.recipients[d->env.n++] = address;
}

/* RCPT TO:<forward-path>; 1, or 0 when refused. */
static int
read_rcpt(struct smtpd *d, struct slice arg, struct smtppath *p_r,
    struct smtpd_dsn *dsn_r, struct err *e)
{
	if (!slice_take_prefix_nocase(&arg, "TO:"))
		return smtpd_bad_argument(d, e, "like RCPT TO:<a@example.org>");
	if (!smtppath_read(&arg, true, p_r) || p_r->mailbox.n == 0)
		return smtpd_reply(
		    d, e, 501, "5.1.3", "malformed recipient address");
	if (p_r->utf8 && !d->env.utf8)
		return smtpd_reply(
		    d, e, 553, "5.6.7", "such an address needs SMTPUTF8");
	return smtpd_rcpt_params(d, arg, dsn_r, e);
}

int
smtpd_rcpt(struct smtpd *d, struct slice arg, struct err *e)
{
	struct arena_mark before = arena_mark(&d->mail);
	struct smtpd_dsn dsn = { 0 };
	struct smtpd_answer a;
	struct smtppath path;
	const char *address;
	int r;

	if (!d->in_mail || d->chunks)
		return smtpd_reply(d, e, 503, "5.5.1",
		    d->chunks ? "the message has begun" : "MAIL first");
	r = read_rcpt(d, arg, &path, &dsn, e);
	if (r <= 0) {
		arena_release(&d->mail, before);
		return r;
	}
	d->any_rcpt = true;
	if (d->env.n >= d->plan->recipients_max)
		return smtpd_reply(d, e, 452, "4.5.3",
		    "too many recipients; send the others another time");
	address = arena_copy(&d->mail, path.mailbox);
	smtpd_answer(&a, 250, "2.1.5", "recipient ok");
	if (d->plan->calls->recipient)
		d->plan->calls->recipient(d->plan->arg, &d->env, address, &a);
	if (a.code >= 500) /* nobody guesses them without end */
		d->errors++;
	r = smtpd_answered(d, &a, e);
	if (r > 0)
		add_recipient(d, address, &dsn);
	else /* or a client that is refused for ever takes all memory */
		arena_release(&d->mail, before);
	return r < 0 ? -1 : 0;
}
