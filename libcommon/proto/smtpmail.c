/* One message after the other: envelope and content (RFC 5321 section 3.3; RFC
 * 2920; RFC 3030). What comes back is in smtptx.c.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/smtpaddr.h"
#include "proto/smtpdata.h"
#include "proto/smtpparam.h"
#include "proto/smtptx.h"

/* "MAIL FROM:<path>" or "RCPT TO:<path>" and its parameters. */
static int
put_path(struct smtp *c, const char *word, struct slice address,
    const char *params, struct err *e)
{
	struct buf b;
	bool utf8;
	int r;

	buf_init(&b, SMTPPARAM_MAX + SMTPADDR_MAX);
	buf_text(&b, word);
	r = smtpaddr_write(address, &b, &utf8, e);
	buf_text(&b, params);
	if (r == 0)
		r = smtpwire_put(c, buf_view(&b), e);
	buf_free(&b);
	c->open++;
	return r;
}

/* Replies until at most `open` commands have none. */
static int
take_replies(struct smtp *c, size_t open, struct err *e)
{
	while (c->open > open)
		if (smtptx_take(c, e) < 0)
			return -1;
	return 0;
}

/* MAIL and RCPT: as far ahead of their replies as `open` says, else one by one
 * and no further than they are accepted. */
static int
put_envelope(struct smtp *c, struct smtptx *t, size_t open, struct err *e)
{
	const struct smtp_mail *mail = t->job->mail;

	if (t->reset) {
		c->open++;
		if (smtpwire_put(c, slice_str("RSET"), e) < 0 ||
		    take_replies(c, open, e) < 0)
			return -1;
	}
	t->mails++;
	if (put_path(c, "MAIL FROM:", mail->from,
		smtpparam_mail(mail, &c->caps, t->utf8, t->job->a), e) < 0 ||
	    take_replies(c, open, e) < 0)
		return -1;
	for (size_t i = 0; i < t->slots && !t->mail_refused; i++) {
		t->rcpts++;
		if (put_path(c, "RCPT TO:", mail->rcpt[t->slot[i]],
			smtpparam_rcpt(mail, t->slot[i], &c->caps, t->job->a),
			e) < 0 ||
		    take_replies(c, open, e) < 0)
			return -1;
	}
	return 0;
}

static int
to_stream(void *to, struct slice s, struct err *e)
{
	return stream_put(to, s, e);
}

static void
before_block(void *arg)
{
	smtpwire_block(arg);
}

static void
content_filter(struct smtp *c, struct smtpdata *data, const struct writer *out)
{
	smtpdata_init(data, out);
	data->before = before_block;
	data->arg = c;
	smtpwire_block(c);
}

/* Before the dot is out everything may be taken back by going away. */
static int
put_content(struct smtp *c, struct smtptx *t, struct err *e)
{
	const struct smtp_mail *mail = t->job->mail;
	struct writer wire = { to_stream, c->stream }, content;
	struct smtpdata data;

	content_filter(c, &data, &wire);
	content = smtpdata_writer(&data);
	if (t->accepted > 0 && (mail->content(mail->arg, &content, e) < 0 ||
				   smtpdata_end(&data, e) < 0))
		return -1;
	trace_wire(c->plan->trace, TRACE_SENT, slice_str("."));
	t->content = true;
	return stream_text(c->stream, ".\r\n", e);
}

/* Octets of a chunk: as many as were announced, and no more. */
struct chunk {
	struct smtp *c;
	uint64_t left;
};

static int
to_chunk(void *to, struct slice s, struct err *e)
{
	struct chunk *k = to;

	if (s.n > k->left)
		return err_set(
		    e, ERR_BUG, "the message is longer than announced");
	k->left -= s.n;
	smtpwire_block(k->c);
	return stream_put(k->c->stream, s, e);
}

/* BDAT and the one chunk that is the message; no dots are doubled (RFC 3030,
 * 2). What is cut short is no message, so going away takes it back. */
static int
put_chunk(struct smtp *c, struct smtptx *t, struct err *e)
{
	const struct smtp_mail *mail = t->job->mail;
	struct chunk chunk = { c, mail->size };
	struct writer wire = { to_chunk, &chunk }, content;
	bool binary = mail->binary && !mail->ascii;
	struct smtpdata data;
	int r;

	if (smtpwire_put(c,
		slice_str(arena_fmt(t->job->a, "BDAT %llu LAST",
		    (unsigned long long)mail->size)),
		e) < 0)
		return -1;
	smtpdata_init(&data, &wire);
	data.walk.dots = false;
	content = binary ? wire : smtpdata_writer(&data);
	r = mail->content(mail->arg, &content, e);
	if (r == 0 && !binary)
		r = smtpdata_end(&data, e);
	if (r == 0 && chunk.left > 0)
		r = err_set(e, ERR_BUG,
		    "the message is %llu octets shorter than announced",
		    (unsigned long long)chunk.left);
	t->content = chunk.left == 0;
	return r;
}

/* One message with DATA: what is behind the dot of the one before goes into
 * its group. */
static int
put_data(struct smtp *c, struct smtptx *t, struct err *e)
{
	size_t open = c->caps.pipelining ? SMTP_GROUP_MAX : 0;

	t->reset = c->in_mail && c->head == t;
	if (put_envelope(c, t, open, e) < 0)
		return -1;
	if (open == 0 && t->accepted == 0)
		return 0;
	t->data = true;
	c->open++;
	if (smtpwire_put(c, slice_str("DATA"), e) < 0 ||
	    take_replies(c, 0, e) < 0)
		return -1;
	return t->data_accepted ? put_content(c, t, e) : 0;
}

/* One message with BDAT. RSET comes first: where the one before fails, what
 * its envelope had is not this one's (RFC 3030, 2). */
static int
put_bdat(struct smtp *c, struct smtptx *t, struct err *e)
{
	t->reset = c->in_mail || c->jobs > 1;
	if (put_envelope(c, t, SMTP_GROUP_MAX, e) < 0)
		return -1;
	if (t->job->mail->size > SMTP_EAGER_MAX) {
		if (take_replies(c, 0, e) < 0)
			return -1;
		if (t->accepted == 0)
			return 0;
	}
	return put_chunk(c, t, e);
}

/* Room for one more on its way; half of them go, so that the wire is never
 * empty. */
static int
make_room(struct smtp *c, const struct smtp_mail *mail, struct err *e)
{
	size_t window = c->plan->window ? c->plan->window : SMTP_WINDOW;
	bool full =
	    c->jobs >= window || c->octets + mail->size > SMTP_WINDOW_OCTETS;

	while (full && c->jobs > window / 2)
		if (smtptx_take(c, e) < 0)
			return -1;
	while (c->head && c->octets + mail->size > SMTP_WINDOW_OCTETS)
		if (smtptx_take(c, e) < 0)
			return -1;
	return 0;
}

static struct slice
domain_of(struct slice address)
{
	size_t at = slice_find(address, '@');

	return at == SIZE_MAX ? slice_of(NULL, 0)
	                      : slice_sub(address, at + 1, address.n);
}

/* RFC 9422: RCPTMAX, RCPTDOMAINMAX. Of the latter only 1 has a meaning that
 * is worth an effort: all have the first one's domain. */
static bool
fits(const struct smtptx *t, size_t i, const struct smtp_caps *caps)
{
	const struct slice *rcpt = t->job->mail->rcpt;

	if (t->slots == 0)
		return true;
	if (caps->rcpt_max && t->slots >= caps->rcpt_max)
		return false;
	return caps->rcpt_domain_max != 1 ||
	       slice_equal_nocase(
		   domain_of(rcpt[i]), domain_of(rcpt[t->slot[0]]));
}

/* Addresses that are none are settled here, the others get their commands. */
static int
check_addresses(struct smtptx *t, const struct smtp_caps *caps, struct err *e)
{
	static const struct smtp_result surplus = { .outcome = SMTP_TEMPORARY,
		.stage = SMTP_AT_RCPT,
		.kind = ERR_TEMP,
		.code = 452,
		.enhanced = "4.5.3",
		.text = "more than the server takes at one time" };
	const struct smtp_mail *mail = t->job->mail;
	struct buf b;
	bool utf8;
	struct err bad;
	struct smtp_result r;

	buf_init(&b, SMTPADDR_MAX * 2);
	if (smtpaddr_write(mail->from, &b, &t->utf8, e) < 0) {
		buf_free(&b);
		return err_in(e, "sender");
	}
	for (size_t i = 0; i < mail->rcpts; i++) {
		buf_reset(&b);
		if (smtpaddr_write(mail->rcpt[i], &b, &utf8, &bad) < 0) {
			r = smtptx_result(SMTP_AT_RCPT, &bad, t->job->a);
			memcpy(r.enhanced, "5.1.3", sizeof("5.1.3"));
			smtptx_settle(t, i, &r);
		} else if (!fits(t, i, caps)) {
			r = surplus;
			smtptx_settle(t, i, &r);
		} else {
			t->utf8 = t->utf8 || utf8;
			t->slot[t->slots++] = i;
		}
	}
	buf_free(&b);
	return 0;
}

/* 8-bit text for a server that takes none (RFC 6152, 3), a binary body for one
 * that takes none, or not by BDAT (RFC 3030, 3). A header that needs SMTPUTF8
 * is no matter of encoding. */
static int
fit_bits(struct smtp_mail *mail, const struct smtp_caps *caps, struct err *e)
{
	bool eight = mail->eight_bit_line && !mail->utf8_line;
	bool must = mail->binary
	                ? !caps->binary || !caps->chunking || !caps->pipelining
	                : eight && !caps->eight_bit;

	if (!mail->to_7bit || (!mail->binary && !eight))
		return 0;
	if (mail->to_7bit(mail->arg, must, &mail->size, e) < 0) {
		memcpy(e->enhanced, "5.6.3", sizeof("5.6.3"));
		return -1;
	}
	mail->ascii = must;
	return 0;
}

/* A local reason to stop while others are on their way: theirs comes first. */
static int
break_off(struct smtp *c, const struct smtptx *t, struct err *e)
{
	while (e->kind != ERR_TEMP && !c->lost && c->head != t)
		if (smtptx_take(c, NULL) < 0)
			break;
	return smtptx_abandon(c, e);
}

/* What must be so before anything of the message is put. */
static int
prepare(struct smtp *c, const struct smtp_mail *mail, struct err *e)
{
	if (make_room(c, mail, e) < 0 ||
	    (!c->caps.pipelining && smtp_finish(c, e) < 0) ||
	    (!c->head && smtpwire_quiet(c, e) < 0))
		return smtptx_abandon(c, e);
	return c->lost ? err_set(e, ERR_TEMP, "%s has closed the connection",
			     stream_peer(c->stream))
	               : 0;
}

int
smtp_put(struct smtp *c, struct smtp_job *job, struct err *e)
{
	bool chunks = c->caps.chunking && c->caps.pipelining;
	struct smtptx *t = smtptx_new(job);
	struct err own;

	if (!e)
		e = &own;
	job->done = job->untouched = false;
	if (check_addresses(t, &c->caps, e) < 0 ||
	    fit_bits(job->mail, &c->caps, e) < 0 ||
	    smtpparam_check(
		job->mail, t->utf8, &c->caps, stream_peer(c->stream), e) < 0)
		smtptx_settle_all(t, SMTP_AT_MAIL, e);
	else if (t->slots > 0) {
		if (prepare(c, job->mail, e) < 0)
			return 0;
		smtptx_add(c, t);
		if ((chunks ? put_bdat(c, t, e) : put_data(c, t, e)) < 0)
			return break_off(c, t, e);
		smtptx_close(c, t);
		return 1;
	}
	smtptx_done(t);
	return 1;
}

int
smtp_finish(struct smtp *c, struct err *e)
{
	struct err own;

	if (!e)
		e = &own;
	while (c->head)
		if (smtptx_take(c, e) < 0)
			return smtptx_abandon(c, e);
	return c->lost ? -1 : 0;
}

int
smtp_send(struct smtp *c, const struct smtp_mail *mail,
    struct smtp_result *results, struct arena *a, struct err *e)
{
	struct smtp_mail own_mail = *mail;
	struct smtp_job job = { .mail = &own_mail, .results = results, .a = a };
	struct err own;
	int r;

	if (!e)
		e = &own;
	r = smtp_put(c, &job, e);
	if (r > 0)
		return smtp_finish(c, e);
	if (r == 0)
		smtp_results_of(results, mail->rcpts, SMTP_AT_MAIL, e, a);
	return -1;
}

bool
smtp_lost_count(const struct smtp *c)
{
	return c->lost_count;
}
