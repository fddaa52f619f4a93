/* Messages on their way, and which reply belongs to which command of which of
 * them (see smtptx.h; RFC 5321 section 4.3; RFC 2033 section 4.2).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "proto/smtptx.h"

/* The next reply of a transaction. */
enum what { RESET, MAIL, RCPT, DATA, CONTENT };

static const char *const outcome_names[] = { "sent", "temporary", "permanent",
	"uncertain" };

const char *
smtp_outcome_name(enum smtp_outcome outcome)
{
	return outcome_names[outcome];
}

struct smtp_result
smtptx_result(enum smtp_stage stage, const struct err *why, struct arena *a)
{
	struct smtp_result r = { .outcome = why->kind == ERR_TEMP
		                                ? SMTP_TEMPORARY
		                                : SMTP_PERMANENT,
		.stage = stage,
		.kind = why->kind,
		.code = (unsigned)why->smtp,
		.text = arena_string(a, why->text) };

	memcpy(r.enhanced, why->enhanced, sizeof(r.enhanced));
	return r;
}

void
smtp_results_of(struct smtp_result *results, size_t n, enum smtp_stage stage,
    const struct err *why, struct arena *a)
{
	struct smtp_result r = smtptx_result(stage, why, a);

	for (size_t i = 0; i < n; i++)
		results[i] = r;
}

struct smtptx *
smtptx_new(struct smtp_job *job)
{
	struct smtptx *t = arena_new(job->a, sizeof(*t));
	size_t n = job->mail->rcpts + 1;

	t->job = job;
	t->state = arena_array(job->a, n, sizeof(*t->state));
	t->slot = arena_array(job->a, n, sizeof(*t->slot));
	return t;
}

void
smtptx_add(struct smtp *c, struct smtptx *t)
{
	if (c->tail)
		c->tail->next = t;
	else
		c->head = t;
	c->tail = t;
	c->jobs++;
	c->octets += t->job->mail->size;
}

void
smtptx_settle(struct smtptx *t, size_t rcpt, const struct smtp_result *r)
{
	t->job->results[rcpt] = *r;
	t->state[rcpt] = SMTPTX_SETTLED;
}

/* Everyone who still waits gets this. */
static void
settle_rest(struct smtptx *t, const struct smtp_result *r)
{
	for (size_t i = 0; i < t->job->mail->rcpts; i++)
		if (t->state[i] != SMTPTX_SETTLED)
			smtptx_settle(t, i, r);
}

void
smtptx_settle_all(
    struct smtptx *t, enum smtp_stage stage, const struct err *why)
{
	struct smtp_result r = smtptx_result(stage, why, t->job->a);

	settle_rest(t, &r);
}

void
smtptx_done(struct smtptx *t)
{
	struct smtp_job *job = t->job;

	job->done = true;
	if (job->settled)
		job->settled(job);
}

/* Replies that its commands will have, those to content not counted. */
static size_t
asked(const struct smtptx *t)
{
	return (size_t)t->reset + t->mails + t->rcpts + t->data;
}

/* The content has one reply, or for LMTP one for each accepted recipient. A
 * content that nobody wanted has one, too. */
static bool
waits(const struct smtp *c, const struct smtptx *t)
{
	size_t due = c->plan->lmtp && t->accepted > 0 ? t->accepted : 1;

	return t->answered < asked(t) || (t->content && t->verdicts < due);
}

/* The oldest leaves the row. */
static void
pop(struct smtp *c)
{
	struct smtptx *t = c->head;

	c->head = t->next;
	if (!c->head)
		c->tail = NULL;
	c->jobs--;
	c->octets -= t->job->mail->size;
	smtptx_done(t);
}

void
smtptx_close(struct smtp *c, struct smtptx *t)
{
	t->closed = true;
	if (c->head == t && !waits(c, t))
		pop(c);
}

static enum what
next(const struct smtptx *t, size_t *rcpt_r)
{
	size_t i = t->answered;

	if (t->reset && i-- == 0)
		return RESET;
	if (i-- == 0)
		return MAIL;
	*rcpt_r = i;
	if (i < t->rcpts)
		return RCPT;
	return t->data && i == t->rcpts ? DATA : CONTENT;
}

/* The last reply as a result. 552 to RCPT means "too many", which passes
 * (RFC 5321, 4.5.3.1.10). */
static struct smtp_result
result_of_reply(const struct smtp *c, struct smtptx *t, enum smtp_stage stage)
{
	const struct reply *reply = &c->reply;
	struct smtp_result r = { .stage = stage,
		.kind = reply_is_good(reply) ? ERR_OK : reply_kind(reply),
		.code = reply->code,
		.text = arena_copy(t->job->a, buf_view(&reply->text)) };

	memcpy(r.enhanced, reply->enhanced, sizeof(r.enhanced));
	if (stage == SMTP_AT_RCPT && r.code == 552)
		r.kind = ERR_TEMP;
	r.outcome = r.kind == ERR_OK     ? SMTP_SENT
	            : r.kind == ERR_TEMP ? SMTP_TEMPORARY
	                                 : SMTP_PERMANENT;
	return r;
}

static int
unexpected(struct smtp *c, const char *command, struct err *e)
{
	c->lost = c->lost_count = true;
	return err_set(e, ERR_PROTO, "%s: %u is no reply to %s",
	    stream_peer(c->stream), c->reply.code, command);
}

static int
take_mail(struct smtp *c, struct smtptx *t, struct err *e)
{
	struct smtp_result r = result_of_reply(c, t, SMTP_AT_MAIL);

	if (r.code < 400 && r.code / 100 != 2)
		return unexpected(c, "MAIL", e);
	c->in_mail = r.kind == ERR_OK;
	if (r.kind != ERR_OK) {
		t->mail_refused = true;
		settle_rest(t, &r);
	}
	return 0;
}

static int
take_rcpt(struct smtp *c, struct smtptx *t, size_t rcpt, struct err *e)
{
	struct smtp_result r = result_of_reply(c, t, SMTP_AT_RCPT);

	if (r.code < 400 && r.code / 100 != 2)
		return unexpected(c, "RCPT", e);
	if (t->state[rcpt] == SMTPTX_SETTLED)
		return 0;
	if (r.kind != ERR_OK) {
		smtptx_settle(t, rcpt, &r);
		return 0;
	}
	t->state[rcpt] = SMTPTX_ACCEPTED;
	t->accepted++;
	return 0;
}

static int
take_data(struct smtp *c, struct smtptx *t, struct err *e)
{
	struct smtp_result r = result_of_reply(c, t, SMTP_AT_DATA);

	if (r.code == 354) {
		t->data_accepted = true;
		return 0;
	}
	if (r.code < 400)
		return unexpected(c, "DATA", e);
	settle_rest(t, &r);
	return 0;
}

/* Nothing else is asked, yet there is more: an earlier reply was one too many
 * and this one, good or not, is that to something else. */
static int
check_last(struct smtp *c, const struct smtptx *t, struct err *e)
{
	struct slice more = stream_pending(c->stream);

	if (c->reply.code == 421 || t->next || t->data || more.n == 0 ||
	    slice_take_prefix(&more, "421"))
		return 0;
	c->lost = c->lost_count = true;
	return err_set(e, ERR_PROTO, "%s: more replies than commands",
	    stream_peer(c->stream));
}

/* The reply to the content, or to that for the next recipient (LMTP). */
static int
take_verdict(struct smtp *c, struct smtptx *t, struct err *e)
{
	struct smtp_result r = result_of_reply(c, t, SMTP_AT_CONTENT);
	size_t i = 0;

	if (r.code / 100 == 3 ||
	    (r.kind == ERR_OK && t->accepted == 0 && !t->data))
		return unexpected(c, "the content", e);
	c->in_mail = false;
	t->verdicts++;
	if (!c->plan->lmtp) {
		if (check_last(c, t, e) < 0)
			return -1;
		settle_rest(t, &r);
		return 0;
	}
	while (i < t->job->mail->rcpts && t->state[i] != SMTPTX_ACCEPTED)
		i++;
	if (i < t->job->mail->rcpts)
		smtptx_settle(t, i, &r);
	return 0;
}

/* A server that closes has said all it will say; what was settled stays. */
static int
take_goodbye(
    struct smtp *c, struct smtptx *t, enum smtp_stage stage, struct err *e)
{
	struct smtp_result r = result_of_reply(c, t, stage);

	if (stage != SMTP_AT_CONTENT || !c->plan->lmtp)
		settle_rest(t, &r);
	else
		take_verdict(c, t, e);
	c->lost = true;
	return reply_refusal(&c->reply, e);
}

static int
count_in(struct smtp *c, struct smtptx *t, enum what what, size_t rcpt,
    struct err *e)
{
	if (what == CONTENT)
		return take_verdict(c, t, e);
	t->answered++;
	c->open--;
	if (what == MAIL)
		return take_mail(c, t, e);
	if (what == RCPT)
		return take_rcpt(c, t, t->slot[rcpt], e);
	if (what == DATA)
		return take_data(c, t, e);
	c->in_mail = false;
	return reply_is_good(&c->reply) ? 0 : unexpected(c, "RSET", e);
}

static const enum smtp_stage stages[] = {
	[RESET] = SMTP_AT_MAIL,
	[MAIL] = SMTP_AT_MAIL,
	[RCPT] = SMTP_AT_RCPT,
	[DATA] = SMTP_AT_DATA,
	[CONTENT] = SMTP_AT_CONTENT,
};

static int
take(struct smtp *c, bool last_words, struct err *e)
{
	struct smtptx *t = c->head;
	size_t rcpt = 0;
	enum what what = next(t, &rcpt);
	int r = last_words ? smtpwire_last_words(c)
	                   : smtpwire_reply(c, stages[what], e);

	if (r < 0)
		return -1;
	if (c->reply.code == 421)
		r = take_goodbye(c, t, stages[what], e);
	else
		r = count_in(c, t, what, rcpt, e);
	if (r == 0 && t->closed && !waits(c, t))
		pop(c);
	return r;
}

int
smtptx_take(struct smtp *c, struct err *e)
{
	return take(c, false, e);
}

/* What the server said before it went away. An error reply to content that
 * was not whole explains it; a good one does not. */
static void
last_words(struct smtp *c)
{
	struct smtp_result r;
	struct smtptx *t;

	while ((t = c->head) && (waits(c, t) || !t->content)) {
		if (waits(c, t)) {
			if (take(c, true, NULL) < 0)
				return;
			continue;
		}
		if (smtpwire_last_words(c) < 0 || c->reply.code < 400)
			return;
		r = result_of_reply(c, t, SMTP_AT_CONTENT);
		settle_rest(t, &r);
		return;
	}
}

/* Where the message stood that is given up. */
static enum smtp_stage
stage_of(const struct smtp *c, const struct smtptx *t)
{
	size_t rcpt;

	return t->content || !waits(c, t) ? SMTP_AT_CONTENT
	                                  : stages[next(t, &rcpt)];
}

int
smtptx_abandon(struct smtp *c, struct err *e)
{
	bool goodbye = c->reply.code == 421;
	struct smtp_result r;
	struct smtptx *t;

	if (e->kind == ERR_TEMP && !goodbye)
		last_words(c);
	c->lost = true;
	for (bool first = true; (t = c->head); first = false) {
		r = smtptx_result(stage_of(c, t), e, t->job->a);
		/* Behind a 421 nothing was read any more. */
		t->job->untouched =
		    goodbye ? !first : !t->content && t->answered == 0;
		if (t->content && (first || !goodbye)) {
			r.outcome = SMTP_UNCERTAIN;
			r.kind = ERR_PROTO;
		}
		settle_rest(t, &r);
		pop(c);
	}
	c->open = 0;
	return -1;
}
