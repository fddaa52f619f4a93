/* DATA and BDAT: the message itself (see smtpd.h; RFC 5321 section 4.1.1.4;
 * RFC 3030).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/smtpdparts.h"

static bool
bare(const struct smtpd_intake *in)
{
	return in->lines.bare_cr_line || in->lines.bare_lf_line;
}

static void
take_piece(struct smtpd *d, struct smtpd_intake *in, struct slice piece)
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

/* Waits for more of a message; -1 when the client left or fell silent. */
static int
await_octets(struct smtpd *d, struct err *e)
{
	int r;

	stream_deadline(d->s, smtpd_by(d, d->plan->data_ms));
	r = stream_await(d->s, e);
	if (r == 0)
		return err_set(e, ERR_TEMP,
		    "%s: connection closed within a message",
		    stream_peer(d->s));
	return r < 0 ? -1 : 0;
}

/* Reads up to the true end, CRLF "." CRLF (4.1.1.4); -1 when the client left
 * or fell silent before it. */
static int
read_message(struct smtpd *d, struct smtpd_intake *in, struct err *e)
{
	struct slice have, piece;
	size_t before;

	while (!in->lines.done) {
		if (await_octets(d, e) < 0)
			return -1;
		have = stream_pending(d->s);
		before = have.n;
		while (eol_undot(&in->lines, &have, &piece))
			take_piece(d, in, piece);
		stream_take(d->s, before - have.n);
	}
	return 0;
}

/* Why the message is refused whatever the embedding code thinks: false when
 * it is not. */
static bool
refused(struct smtpd *d, const struct smtpd_intake *in, struct smtpd_answer *a)
{
	uint64_t line = in->lines.bare_lf_line ? in->lines.bare_lf_line
	                                       : in->lines.bare_cr_line;

	if (bare(in)) {
		/* Where a dot is the end, two programs may differ about it. */
		d->done = d->done || !in->lines.no_dots;
		smtpd_answer(a, 550, "5.6.0",
		    "bare %s in line %llu of the message: lines end in CRLF",
		    in->lines.bare_lf_line ? "LF" : "CR",
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
conclude(struct smtpd *d, const struct smtpd_intake *in, struct err *e)
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

/* A client that pipelines has asked before it could know that all recipients
 * are refused: what was no error of its own does not count as one. */
static int
may_content(struct smtpd *d, struct err *e)
{
	struct smtpd_answer a;

	if (!d->in_mail || (!d->any_rcpt || (d->plan->lmtp && d->env.n == 0)))
		smtpd_answer(&a, 503, "5.5.1", "MAIL and RCPT first");
	else if (d->env.n == 0)
		smtpd_answer(&a, 554, "5.5.1", "no valid recipients");
	else
		return 1;
	if (!d->any_rcpt && !d->behind)
		d->errors++;
	return smtpd_send(d, &a, e);
}

/* BINARYMIME needs a count in place of the dot (RFC 3030, 3). */
static int
may_data(struct smtpd *d, struct slice arg, struct err *e)
{
	if (arg.n)
		return smtpd_reply(d, e, 501, "5.5.4", "DATA has no argument");
	if (d->chunks || d->env.binary)
		return smtpd_reply(d, e, 503, "5.5.1",
		    d->chunks ? "BDAT has begun" : "BINARYMIME needs BDAT");
	return may_content(d, e);
}

int
smtpd_data(struct smtpd *d, struct slice arg, struct err *e)
{
	const struct smtpd_calls *c = d->plan->calls;
	struct smtpd_intake in = { 0 };
	struct smtpd_answer a;
	int r = may_data(d, arg, e);

	if (r <= 0)
		return r;
	smtpd_answer(&a, 354, "", "end it with a line that is a dot");
	if (c->begin)
		c->begin(d->plan->arg, &d->env, &a);
	r = smtpd_answered(d, &a, e);
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

/* The octets of a chunk: written where somebody wants them, read over where
 * the answer is no already. */
static int
read_chunk(struct smtpd *d, uint64_t left, bool wanted, struct err *e)
{
	struct smtpd_intake *in = &d->intake;
	struct slice have, rest, piece;

	while (left > 0) {
		/* Nobody waits for an answer while we wait for octets. */
		if (stream_pending(d->s).n == 0 && stream_flush(d->s, e) < 0)
			return -1;
		if (await_octets(d, e) < 0)
			return -1;
		have = stream_pending(d->s);
		if (have.n > left)
			have.n = (size_t)left;
		rest = have;
		if (wanted && d->env.binary)
			take_piece(d, in, have);
		else
			while (wanted && eol_undot(&in->lines, &rest, &piece))
				take_piece(d, in, piece);
		stream_take(d->s, have.n);
		left -= have.n;
	}
	return 0;
}

/* The first chunk begins the message. False when it is refused: the answer
 * waits until the chunk is read over. */
static bool
begin_chunks(struct smtpd *d, struct smtpd_answer *a)
{
	smtpd_answer(a, 250, "2.0.0", "chunk accepted");
	if (!d->chunks && d->plan->calls->begin)
		d->plan->calls->begin(d->plan->arg, &d->env, a);
	if (a->code >= 400)
		return false;
	d->chunks = true;
	d->intake.lines.no_dots = true;
	return true;
}

/* The last chunk is in: text ends in CRLF, a binary body as it does. */
static int
end_chunks(struct smtpd *d, struct err *e)
{
	struct smtpd_intake *in = &d->intake;

	if (!d->env.binary && eol_undot_end(&in->lines))
		take_piece(d, in, slice_str("\r\n"));
	d->chunks = false;
	return conclude(d, in, e);
}

/*	bdat-cmd = "BDAT" SP chunk-size [ SP "LAST" ]      (RFC 3030, 2)
 *
 * What follows one that is malformed may be anything: the session ends. */
static bool
read_bdat(struct slice arg, uint64_t *size_r, bool *last_r)
{
	bool more;
	struct slice size = slice_take_until(&arg, ' ', &more);

	*last_r = more;
	return slice_number(size, UINT64_MAX, size_r) &&
	       (!more || slice_is_nocase(arg, "LAST"));
}

/* Chunks that come behind a refused one are read over and refused as well: its
 * transaction is gone (RFC 3030, 2). */
int
smtpd_bdat(struct smtpd *d, struct slice arg, struct err *e)
{
	struct smtpd_answer a;
	bool last, wanted;
	uint64_t size;
	int r;

	if (!read_bdat(arg, &size, &last)) {
		d->done = true;
		return smtpd_bad_argument(d, e, "like BDAT 1000 LAST");
	}
	if (!d->in_mail || d->env.n == 0) {
		if (read_chunk(d, size, false, e) < 0)
			return -1;
		r = may_content(d, e);
		smtpd_reset(d);
		d->behind = !last;
		return r;
	}
	wanted = begin_chunks(d, &a);
	if (read_chunk(d, size, wanted, e) < 0)
		return -1;
	if (wanted && !last && refused(d, &d->intake, &a))
		wanted = false;
	if (wanted && last)
		r = end_chunks(d, e);
	else
		r = smtpd_send(d, &a, e);
	if (last || !wanted)
		smtpd_reset(d);
	d->behind = !wanted && !last;
	return r < 0 ? -1 : 0;
}
