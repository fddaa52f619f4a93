/* One message: envelope, content, and what became of each recipient (RFC 5321
 * section 3.3; RFC 2920; RFC 2033 section 4.2).
 *
 * Commands are counted as they are put and replies as they are read, so that
 * each reply is known to belong to one command: number 0 is MAIL, then come
 * the recipients, and DATA is the last.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "proto/smtpaddr.h"
#include "proto/smtpdata.h"
#include "proto/smtpwire.h"

/* What a recipient waits for. */
enum state {
	OPEN,     /* nothing is known */
	ACCEPTED, /* RCPT was */
	SETTLED   /* the result is there */
};

struct tx {
	struct smtp *c;
	const struct smtp_mail *mail;
	struct smtp_result *results;
	struct arena *a;
	enum state *state; /* of each recipient */
	size_t *slot;      /* recipient of command 1, 2, ... */
	size_t slots;
	bool utf8;              /* SMTPUTF8 is needed */
	size_t asked, answered; /* commands, replies */
	size_t accepted;
	bool mail_refused, data_accepted;
};

static const char *const outcome_names[] = { "sent", "temporary", "permanent",
	"uncertain" };

const char *
smtp_outcome_name(enum smtp_outcome outcome)
{
	return outcome_names[outcome];
}

/* An error as a result. */
static struct smtp_result
result_of(enum smtp_stage stage, const struct err *why, struct arena *a)
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
	struct smtp_result r = result_of(stage, why, a);

	for (size_t i = 0; i < n; i++)
		results[i] = r;
}

static void
settle(struct tx *t, size_t rcpt, const struct smtp_result *r)
{
	t->results[rcpt] = *r;
	t->state[rcpt] = SETTLED;
}

/* Everyone who still waits gets this. */
static void
settle_rest(struct tx *t, const struct smtp_result *r)
{
	for (size_t i = 0; i < t->mail->rcpts; i++)
		if (t->state[i] != SETTLED)
			settle(t, i, r);
}

static void
settle_rest_err(struct tx *t, enum smtp_stage stage, const struct err *why)
{
	struct smtp_result r = result_of(stage, why, t->a);

	settle_rest(t, &r);
}

/* The last reply as a result. 552 to RCPT means "too many", which passes
 * (RFC 5321, 4.5.3.1.10). */
static struct smtp_result
result_of_reply(struct tx *t, enum smtp_stage stage)
{
	const struct reply *reply = &t->c->reply;
	struct smtp_result r = { .stage = stage,
		.kind = reply_is_good(reply) ? ERR_OK : reply_kind(reply),
		.code = reply->code,
		.text = arena_copy(t->a, buf_view(&reply->text)) };

	memcpy(r.enhanced, reply->enhanced, sizeof(r.enhanced));
	if (stage == SMTP_AT_RCPT && r.code == 552)
		r.kind = ERR_TEMP;
	r.outcome = r.kind == ERR_OK     ? SMTP_SENT
	            : r.kind == ERR_TEMP ? SMTP_TEMPORARY
	                                 : SMTP_PERMANENT;
	return r;
}

/* What this server cannot take is refused before it hears of the message. */
static int
check_needs(struct tx *t, struct err *e)
{
	const struct smtp_mail *mail = t->mail;
	const struct smtp_caps *caps = &t->c->caps;
	const char *peer = stream_peer(t->c->stream), *status = "5.6.3";

	if (caps->size && caps->size_max && mail->size > caps->size_max) {
		err_set(e, ERR_UNAVAILABLE,
		    "%s takes messages of at most %llu octets, this one has "
		    "%llu",
		    peer, (unsigned long long)caps->size_max,
		    (unsigned long long)mail->size);
		status = "5.3.4";
	} else if (mail->utf8_line && !caps->utf8) {
		err_set(e, ERR_DATA,
		    "line %llu of the header is not ASCII and %s does not "
		    "offer SMTPUTF8: encode it (RFC 2047)",
		    (unsigned long long)mail->utf8_line, peer);
		status = "5.6.7";
	} else if (t->utf8 && !caps->utf8) {
		err_set(e, ERR_DATA,
		    "an address is not ASCII and %s does not offer SMTPUTF8: "
		    "there is no other way to write it",
		    peer);
		status = "5.6.7";
	} else if (mail->eight_bit_line && !caps->eight_bit) {
		err_set(e, ERR_DATA,
		    "line %llu is not ASCII and %s does not offer 8BITMIME: "
		    "encode the text as quoted-printable or base64",
		    (unsigned long long)mail->eight_bit_line, peer);
	} else {
		return 0;
	}
	memcpy(e->enhanced, status, sizeof("5.x.x"));
	return -1;
}

/* "MAIL FROM:<path>" and its parameters; "RCPT TO:<path>" with none. */
static int
put_path(struct tx *t, const char *word, struct slice address,
    const char *params, struct err *e)
{
	struct buf b;
	bool utf8;
	int r;

	buf_init(&b, SMTP_COMMAND_MAX + SMTPADDR_MAX);
	buf_text(&b, word);
	r = smtpaddr_write(address, &b, &utf8, e);
	buf_text(&b, params);
	if (r == 0)
		r = smtpwire_put(t->c, buf_view(&b), e);
	buf_free(&b);
	t->asked++;
	return r;
}

/* SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531) */
static int
put_mail(struct tx *t, struct err *e)
{
	const struct smtp_caps *caps = &t->c->caps;
	bool utf8 = t->utf8 || t->mail->utf8_line;
	const char *size = "";

	if (caps->size)
		size = arena_fmt(
		    t->a, " SIZE=%llu", (unsigned long long)t->mail->size);
	return put_path(t, "MAIL FROM:", t->mail->from,
	    arena_fmt(t->a, "%s%s%s", size,
		t->mail->eight_bit_line ? " BODY=8BITMIME" : "",
		utf8 ? " SMTPUTF8" : ""),
	    e);
}

static int
unexpected(struct tx *t, const char *command, struct err *e)
{
	t->c->lost = true;
	return err_set(e, ERR_PROTO, "%s: %u is no reply to %s",
	    stream_peer(t->c->stream), t->c->reply.code, command);
}

static int
take_mail(struct tx *t, struct err *e)
{
	struct smtp_result r = result_of_reply(t, SMTP_AT_MAIL);

	if (r.code < 400 && r.code / 100 != 2)
		return unexpected(t, "MAIL", e);
	t->c->in_mail = r.kind == ERR_OK;
	if (r.kind != ERR_OK) {
		t->mail_refused = true;
		settle_rest(t, &r);
	}
	return 0;
}

static int
take_rcpt(struct tx *t, size_t rcpt, struct err *e)
{
	struct smtp_result r = result_of_reply(t, SMTP_AT_RCPT);

	if (r.code < 400 && r.code / 100 != 2)
		return unexpected(t, "RCPT", e);
	if (t->state[rcpt] == SETTLED)
		return 0;
	if (r.kind != ERR_OK) {
		settle(t, rcpt, &r);
		return 0;
	}
	t->state[rcpt] = ACCEPTED;
	t->accepted++;
	return 0;
}

static int
take_data(struct tx *t, struct err *e)
{
	struct smtp_result r = result_of_reply(t, SMTP_AT_DATA);

	if (r.code == 354) {
		t->data_accepted = true;
		return 0;
	}
	if (r.code < 400)
		return unexpected(t, "DATA", e);
	settle_rest(t, &r);
	return 0;
}

/* The reply to the oldest command that has none. A server that closes (421)
 * has said all it will say. */
static int
take_reply(struct tx *t, struct err *e)
{
	size_t i = t->answered++;
	enum smtp_stage stage = i == 0          ? SMTP_AT_MAIL
	                        : i <= t->slots ? SMTP_AT_RCPT
	                                        : SMTP_AT_DATA;
	struct smtp_result r;
	int got;

	if (smtpwire_reply(t->c, stage, e) < 0) {
		settle_rest_err(t, stage, e);
		return -1;
	}
	if (t->c->reply.code == 421) {
		r = result_of_reply(t, stage);
		settle_rest(t, &r);
		return reply_refusal(&t->c->reply, e);
	}
	got = stage == SMTP_AT_MAIL   ? take_mail(t, e)
	      : stage == SMTP_AT_RCPT ? take_rcpt(t, t->slot[i - 1], e)
	                              : take_data(t, e);
	if (got < 0)
		settle_rest_err(t, stage, e);
	return got;
}

/* Replies until at most `open` commands have none. */
static int
take_replies(struct tx *t, size_t open, struct err *e)
{
	while (t->asked - t->answered > open)
		if (take_reply(t, e) < 0)
			return -1;
	return 0;
}

/* MAIL, RCPT and DATA: one group where the server does PIPELINING, else one by
 * one and no further than they are accepted. */
static int
envelope(struct tx *t, struct err *e)
{
	size_t open = t->c->caps.pipelining ? SMTP_GROUP_MAX : 0;

	if (put_mail(t, e) < 0 || take_replies(t, open, e) < 0)
		return -1;
	for (size_t i = 0; i < t->slots && !t->mail_refused; i++)
		if (put_path(t, "RCPT TO:", t->mail->rcpt[t->slot[i]], "", e) <
			0 ||
		    take_replies(t, open, e) < 0)
			return -1;
	if (open == 0 && t->accepted == 0)
		return 0;
	t->asked++;
	if (smtpwire_put(t->c, slice_str("DATA"), e) < 0)
		return -1;
	return take_replies(t, 0, e);
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

/* Before the dot is out everything may be taken back by going away. */
static int
put_content(struct tx *t, struct err *e)
{
	struct writer wire = { to_stream, t->c->stream }, content;
	struct smtpdata data;

	smtpdata_init(&data, &wire);
	data.before = before_block;
	data.arg = t->c;
	content = smtpdata_writer(&data);
	smtpwire_block(t->c);
	if (t->mail->content(t->mail->arg, &content, e) < 0)
		return -1;
	return smtpdata_end(&data, e);
}

/* The connection failed before the dot: what the server said, if it did. */
static int
give_up(struct tx *t, struct err *e)
{
	struct smtp_result r;

	if (e->kind == ERR_TEMP && smtpwire_last_words(t->c) == 0 &&
	    t->c->reply.code >= 400) {
		r = result_of_reply(t, SMTP_AT_CONTENT);
		settle_rest(t, &r);
	}
	settle_rest_err(t, SMTP_AT_CONTENT, e);
	t->c->lost = true;
	return -1;
}

/* The replies to the dot: one, or for LMTP one for each accepted recipient. */
static int
take_verdicts(struct tx *t, struct err *e)
{
	struct smtp_result r;

	for (size_t i = 0; i < t->mail->rcpts; i++) {
		if (t->state[i] != ACCEPTED)
			continue;
		if (smtpwire_reply(t->c, SMTP_AT_CONTENT, e) < 0)
			return -1;
		if (t->c->reply.code / 100 == 3)
			return unexpected(t, "the final dot", e);
		r = result_of_reply(t, SMTP_AT_CONTENT);
		if (!t->c->plan->lmtp) {
			settle_rest(t, &r);
			return 0;
		}
		settle(t, i, &r);
	}
	return 0;
}

static int
content(struct tx *t, struct err *e)
{
	struct smtp_result r;

	if (put_content(t, e) < 0)
		return give_up(t, e);
	trace_wire(t->c->plan->trace, TRACE_SENT, slice_str("."));
	if (stream_text(t->c->stream, ".\r\n", e) == 0 &&
	    take_verdicts(t, e) == 0)
		return 0;
	t->c->lost = true;
	r = result_of(SMTP_AT_CONTENT, e, t->a);
	r.outcome = SMTP_UNCERTAIN;
	r.kind = ERR_PROTO;
	settle_rest(t, &r);
	return -1;
}

/* DATA was accepted with no recipient left: an empty content ends it (RFC
 * 2920, 3.1). */
static int
lone_dot(struct tx *t, struct err *e)
{
	if (smtpwire_put(t->c, slice_str("."), e) < 0)
		return -1;
	return smtpwire_reply(t->c, SMTP_AT_CONTENT, e);
}

/* Addresses that are none are settled here, the others get their commands. */
static int
check_addresses(struct tx *t, struct err *e)
{
	struct buf b;
	bool utf8;
	struct err bad;
	struct smtp_result r;

	buf_init(&b, SMTPADDR_MAX * 2);
	if (smtpaddr_write(t->mail->from, &b, &t->utf8, e) < 0) {
		buf_free(&b);
		return err_in(e, "sender");
	}
	for (size_t i = 0; i < t->mail->rcpts; i++) {
		buf_reset(&b);
		if (smtpaddr_write(t->mail->rcpt[i], &b, &utf8, &bad) == 0) {
			t->utf8 = t->utf8 || utf8;
			t->slot[t->slots++] = i;
			continue;
		}
		r = result_of(SMTP_AT_RCPT, &bad, t->a);
		memcpy(r.enhanced, "5.1.3", sizeof("5.1.3"));
		settle(t, i, &r);
	}
	buf_free(&b);
	return 0;
}

static int
reset(struct smtp *c, struct err *e)
{
	if (!c->in_mail)
		return 0;
	c->in_mail = false;
	return smtpwire_ask(c, SMTP_AT_MAIL, e, "RSET");
}

int
smtp_send(struct smtp *c, const struct smtp_mail *mail,
    struct smtp_result *results, struct arena *a, struct err *e)
{
	struct tx t = { .c = c, .mail = mail, .results = results, .a = a };
	struct err own;
	int r;

	if (!e)
		e = &own;
	t.state = arena_array(a, mail->rcpts + 1, sizeof(*t.state));
	t.slot = arena_array(a, mail->rcpts + 1, sizeof(*t.slot));
	if (check_addresses(&t, e) < 0 || check_needs(&t, e) < 0) {
		settle_rest_err(&t, SMTP_AT_MAIL, e);
		return 0;
	}
	if (t.slots == 0)
		return 0;
	if (reset(c, e) < 0 || envelope(&t, e) < 0) {
		settle_rest_err(&t, SMTP_AT_MAIL, e);
		return -1;
	}
	if (!t.data_accepted)
		return c->lost ? -1 : 0;
	r = t.accepted > 0 ? content(&t, e) : lone_dot(&t, e);
	c->in_mail = false;
	return r < 0 || c->lost ? -1 : 0;
}
