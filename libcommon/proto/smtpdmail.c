/* MAIL, RCPT and DATA (see smtpd.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/eol.h"

#include "proto/smtpdparts.h"
#include "proto/smtppath.h"

static int
bad_argument(struct smtpd *d, struct err *e, const char *text)
{
	return smtpd_reply(d, e, 501, "5.5.4", "%s", text);
}

/* RFC 1870: SIZE=1*20DIGIT */
static int
on_size(struct smtpd *d, struct slice value, struct err *e)
{
	if (!slice_number(value, UINT64_MAX, &d->env.size))
		return bad_argument(d, e, "SIZE is no number");
	if (d->plan->size_max && d->env.size > d->plan->size_max)
		return smtpd_reply(d, e, 552, "5.3.4",
		    "message over %llu octets",
		    (unsigned long long)d->plan->size_max);
	return 1;
}

/* RFC 6152: BODY=7BIT / BODY=8BITMIME */
static int
on_body(struct smtpd *d, struct slice value, struct err *e)
{
	if (!slice_is_nocase(value, "7BIT") &&
	    !slice_is_nocase(value, "8BITMIME"))
		return bad_argument(d, e, "BODY is 7BIT or 8BITMIME");
	d->env.eight_bit = slice_is_nocase(value, "8BITMIME");
	return 1;
}

/* RFC 6531, 3.4: SMTPUTF8 has no value */
static int
on_utf8(struct smtpd *d, struct slice value, struct err *e)
{
	if (value.p)
		return bad_argument(d, e, "SMTPUTF8 has no value");
	d->env.utf8 = true;
	return 1;
}

/* RFC 4954, 5: the submitter as xtext (RFC 3461, 4). Nothing here trusts it,
 * which is as if it said "<>". */
static int
on_auth(struct smtpd *d, struct slice value, struct err *e)
{
	int c;

	while ((c = slice_get(&value)) >= 0)
		if (c > 127 ||
		    (c == '+' && (ascii_hex(slice_get(&value)) < 0 ||
				     ascii_hex(slice_get(&value)) < 0)))
			return bad_argument(d, e, "AUTH is not xtext");
	return 1;
}

static const struct {
	const char *name;
	int (*read)(struct smtpd *d, struct slice value, struct err *e);
} parameters[] = {
	{ "AUTH", on_auth },
	{ "BODY", on_body },
	{ "SIZE", on_size },
	{ "SMTPUTF8", on_utf8 },
};

/* One parameter of MAIL; 1, or 0 when it was refused. */
static int
mail_param(struct smtpd *d, struct slice key, struct slice value,
    unsigned *seen, struct err *e)
{
	for (size_t i = 0; i < COUNT_OF(parameters); i++) {
		if (!slice_is_nocase(key, parameters[i].name))
			continue;
		if (*seen & 1u << i)
			return bad_argument(d, e, "a parameter stands twice");
		*seen |= 1u << i;
		return parameters[i].read(d, value, e);
	}
	return smtpd_reply(
	    d, e, 555, "5.5.4", "MAIL has no such parameter here");
}

/* 1, or 0 when the command was refused, or -1. */
static int
mail_params(struct smtpd *d, struct slice arg, struct err *e)
{
	struct slice key, value;
	unsigned seen = 0;
	int r;

	while ((r = smtppath_param(&arg, &key, &value)) > 0) {
		if (!d->env.esmtp)
			return smtpd_reply(
			    d, e, 555, "5.5.4", "parameters need EHLO");
		r = mail_param(d, key, value, &seen, e);
		if (r <= 0)
			return r;
	}
	return r < 0 ? bad_argument(d, e, "malformed parameter") : 1;
}

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

/* The call's answer goes to the client: 1 when it is positive. */
static int
answered(struct smtpd *d, const struct smtpd_answer *a, struct err *e)
{
	if (smtpd_send(d, a, e) < 0)
		return -1;
	return a->code < 400;
}

/* MAIL FROM:<reverse-path> [SP parameters] */
static int
read_mail(
    struct smtpd *d, struct slice arg, struct smtppath *p_r, struct err *e)
{
	int r;

	if (!slice_take_prefix_nocase(&arg, "FROM:"))
		return bad_argument(d, e, "like MAIL FROM:<a@example.org>");
	/* Whether UTF-8 is allowed comes behind the path. */
	if (!smtppath_read(&arg, true, p_r) ||
	    (p_r->mailbox.n && p_r->domain.n == 0))
		return smtpd_reply(
		    d, e, 501, "5.1.7", "malformed sender address");
	r = mail_params(d, arg, e);
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
		r = answered(d, &a, e);
	}
	if (r <= 0)
		smtpd_reset(d);
	d->in_mail = r > 0;
	return r < 0 ? -1 : 0;
}

static void
add_recipient(struct smtpd *d, const char *address)
{
	d->env.recipients = arena_grow(&d->mail, d->env.recipients, d->env.n,
	    d->env.n + 1, sizeof(*d->env.recipients), &d->cap);
	d->env.recipients[d->env.n++] = address;
}

/* RCPT TO:<forward-path>; 1, or 0 when refused. */
static int
read_rcpt(
    struct smtpd *d, struct slice arg, struct smtppath *p_r, struct err *e)
{
	if (!slice_take_prefix_nocase(&arg, "TO:"))
		return bad_argument(d, e, "like RCPT TO:<a@example.org>");
	if (!smtppath_read(&arg, true, p_r) || p_r->mailbox.n == 0)
		return smtpd_reply(
		    d, e, 501, "5.1.3", "malformed recipient address");
	if (p_r->utf8 && !d->env.utf8)
		return smtpd_reply(
		    d, e, 553, "5.6.7", "such an address needs SMTPUTF8");
	if (arg.n)
		return smtpd_reply(
		    d, e, 555, "5.5.4", "RCPT has no parameters here");
	return 1;
}

int
smtpd_rcpt(struct smtpd *d, struct slice arg, struct err *e)
{
	struct arena_mark before = arena_mark(&d->mail);
	struct smtpd_answer a;
	struct smtppath path;
	const char *address;
	int r;

	if (!d->in_mail)
		return smtpd_reply(d, e, 503, "5.5.1", "MAIL first");
	r = read_rcpt(d, arg, &path, e);
	if (r <= 0)
		return r;
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
	r = answered(d, &a, e);
	if (r > 0)
		add_recipient(d, address);
	else /* or a client that is refused for ever takes all memory */
		arena_release(&d->mail, before);
	return r < 0 ? -1 : 0;
}

/* What became of the message as it came in. */
struct intake {
	struct eol_undot undot;
	uint64_t size;
	bool dropped; /* nothing more is written: it is refused already */
};

static bool
bare(const struct intake *in)
{
	return in->undot.bare_cr_line || in->undot.bare_lf_line;
}

static void
take_piece(struct smtpd *d, struct intake *in, struct slice piece)
{
	const struct smtpd_calls *c = d->plan->calls;

	if (__builtin_add_overflow(in->size, piece.n, &in->size))
		in->size = UINT64_MAX;
	if (in->dropped)
		return;
	if (bare(in) || (d->plan->size_max && in->size > d->plan->size_max)) {
		in->dropped = true;
		if (c->abort)
			c->abort(d->plan->arg);
		return;
	}
	c->write(d->plan->arg, piece);
}

/* Reads up to the true end, CRLF "." CRLF (4.1.1.4); -1 when the client left
 * or fell silent before it. */
static int
read_message(struct smtpd *d, struct intake *in, struct err *e)
{
	struct slice have, piece;
	size_t before;
	int r;

	while (!in->undot.done) {
		stream_deadline(d->s, smtpd_by(d, d->plan->data_ms));
		r = stream_await(d->s, e);
		if (r == 0)
			return err_set(e, ERR_TEMP,
			    "%s: connection closed within a message",
			    stream_peer(d->s));
		if (r < 0)
			return -1;
		have = stream_pending(d->s);
		before = have.n;
		while (eol_undot(&in->undot, &have, &piece))
			take_piece(d, in, piece);
		stream_take(d->s, before - have.n);
	}
	return 0;
}

/* Why the message is refused whatever the embedding code thinks: false when
 * it is not. */
static bool
refused(struct smtpd *d, const struct intake *in, struct smtpd_answer *a)
{
	uint64_t line = in->undot.bare_lf_line ? in->undot.bare_lf_line
	                                       : in->undot.bare_cr_line;

	if (bare(in)) {
		d->done = true;
		smtpd_answer(a, 550, "5.6.0",
		    "bare %s in line %llu of the message: lines end in CRLF",
		    in->undot.bare_lf_line ? "LF" : "CR",
		    (unsigned long long)line);
		return true;
	}
	if (d->plan->size_max && in->size > d->plan->size_max) {
		smtpd_answer(a, 552, "5.3.4", "message over %llu octets",
		    (unsigned long long)d->plan->size_max);
		return true;
	}
	return false;
}

/* RFC 2033, 4.2: LMTP answers for each accepted recipient in turn. */
static int
conclude(struct smtpd *d, const struct intake *in, struct err *e)
{
	size_t n = d->plan->lmtp ? d->env.n : 1;
	struct smtpd_answer *a = arena_array(&d->mail, n, sizeof(*a));

	for (size_t i = 0; i < n; i++)
		smtpd_answer(&a[i], 250, "2.0.0", "message accepted");
	if (refused(d, in, &a[0]))
		for (size_t i = 1; i < n; i++)
			a[i] = a[0];
	else
		d->plan->calls->commit(d->plan->arg, &d->env, a);
	stream_deadline(d->s, smtpd_by(d, d->plan->command_ms));
	for (size_t i = 0; i < n; i++)
		if (smtpd_send(d, &a[i], e) < 0)
			return -1;
	return 0;
}

static int
may_data(struct smtpd *d, struct slice arg, struct err *e)
{
	if (arg.n)
		return smtpd_reply(d, e, 501, "5.5.4", "DATA has no argument");
	if (!d->in_mail || (!d->any_rcpt || (d->plan->lmtp && d->env.n == 0)))
		return smtpd_reply(d, e, 503, "5.5.1", "MAIL and RCPT first");
	if (d->env.n == 0)
		return smtpd_reply(d, e, 554, "5.5.1", "no valid recipients");
	return 1;
}

int
smtpd_data(struct smtpd *d, struct slice arg, struct err *e)
{
	const struct smtpd_calls *c = d->plan->calls;
	struct intake in = { 0 };
	struct smtpd_answer a;
	int r = may_data(d, arg, e);

	if (r <= 0)
		return r;
	smtpd_answer(&a, 354, "", "end it with a line that is a dot");
	if (c->begin)
		c->begin(d->plan->arg, &d->env, &a);
	r = answered(d, &a, e);
	if (r > 0 &&
	    (stream_flush(d->s, e) < 0 || read_message(d, &in, e) < 0)) {
		if (!in.dropped && c->abort)
			c->abort(d->plan->arg);
		return -1;
	}
	if (r > 0)
		r = conclude(d, &in, e);
	smtpd_reset(d);
	return r < 0 ? -1 : 0;
}
