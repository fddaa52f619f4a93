/* Events of sending services (see espjson.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/json.h"

#include "msg/addr.h"

#include "report/codes.h"
#include "report/espjson.h"
#include "report/reasons.h"

struct events {
	struct report *r;
	struct arena *arena;
	size_t cap;
};

static struct slice
text_of(const struct json *o, const char *key, struct arena *a)
{
	struct slice s;

	if (!o || !json_text(json_member(o, key), &s))
		return slice_of(NULL, 0);
	return slice_trim(slice_of(arena_copy(a, s), s.n));
}

static struct dsn_recipient *
add(struct events *v, struct slice address)
{
	struct dsn *d = &v->r->d;
	struct dsn_recipient *to;

	if (d->n == ESPJSON_EVENTS_MAX)
		return NULL;
	d->v =
	    arena_grow(v->arena, d->v, d->n, d->n + 1, sizeof(*d->v), &v->cap);
	to = &d->v[d->n++];
	memset(to, 0, sizeof(*to));
	if (slice_find(address, '<') != SIZE_MAX) {
		struct addr_list list;

		addr_parse_lax(address, v->arena, &list);
		if (list.n)
			address = addr_text(&list.v[0], v->arena);
	}
	to->final = address;
	return to;
}

static void
fix_reason(struct dsn_recipient *to, enum reason_id id, struct slice rule,
    struct arena *a)
{
	to->reason = &reasons[id];
	to->rule = arena_fmt(a, "event:%.*s", SLICE_ARG(rule));
	to->confidence = REASON_BY_ACTION;
	to->row = SIZE_MAX;
}

/* SES names a kind where it has no reply of a server. */
static void
by_subtype(struct dsn_recipient *to, struct slice type, struct slice sub,
    struct arena *a)
{
	static const struct {
		const char *sub;
		enum reason_id id;
	} rows[] = { { "NoEmail", REASON_ID_USER_UNKNOWN },
		{ "Suppressed", REASON_ID_ESP_SUPPRESSED },
		{ "OnAccountSuppressionList", REASON_ID_ESP_SUPPRESSED },
		{ "MailboxFull", REASON_ID_MAILBOX_FULL },
		{ "MessageTooLarge", REASON_ID_TOO_LARGE },
		{ "ContentRejected", REASON_ID_SPAM_CONTENT },
		{ "AttachmentRejected", REASON_ID_ATTACHMENT } };

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (slice_is_nocase(sub, rows[i].sub)) {
			fix_reason(to, rows[i].id, sub, a);
			return;
		}
	if (!to->diag.n && !to->status.n && slice_is_nocase(type, "Permanent"))
		fix_reason(to, REASON_ID_USER_UNKNOWN, type, a);
}

static void
ses_bounce(struct events *v, const struct json *o)
{
	const struct json *list = json_member(o, "bouncedRecipients");
	struct slice type = text_of(o, "bounceType", v->arena);
	struct slice sub = text_of(o, "bounceSubType", v->arena);

	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_item(list, i);
		struct slice s;
		struct dsn_recipient *to =
		    add(v, text_of(one, "emailAddress", v->arena));

		if (!to)
			return;
		to->action = dsn_action(text_of(one, "action", v->arena));
		if (to->action == REASON_ACTION_NONE)
			to->action = REASON_FAILED;
		to->status = text_of(one, "status", v->arena);
		s = text_of(one, "diagnosticCode", v->arena);
		if (slice_take_prefix_nocase(&s, "smtp;"))
			s = slice_trim(s);
		to->diag = s;
		to->reply = codes_reply(s);
		by_subtype(to, type, sub, v->arena);
	}
	v->r->kind = REPORT_BOUNCE;
	v->r->d.reporting_mta = text_of(o, "reportingMTA", v->arena);
	v->r->d.arrival = text_of(o, "timestamp", v->arena);
}

static void
ses_complaint(struct events *v, const struct json *o)
{
	const struct json *list = json_member(o, "complainedRecipients");
	struct slice type = text_of(o, "complaintFeedbackType", v->arena);

	for (size_t i = 0; i < json_count(list); i++) {
		struct dsn_recipient *to = add(
		    v, text_of(json_item(list, i), "emailAddress", v->arena));

		if (!to)
			return;
		fix_reason(to,
		    slice_is(type, "not-spam") ? REASON_ID_NOT_SPAM
					       : REASON_ID_COMPLAINT,
		    type.n ? type : slice_str("complaint"), v->arena);
	}
	v->r->feedback_type = type.n ? type : slice_str("abuse");
	v->r->kind = REPORT_ARF;
}

static void
ses_others(struct events *v, const struct json *list, struct slice diag,
    enum reason_action action)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_item(list, i);
		struct dsn_recipient *to;
		struct slice s;

		if (!json_text(one, &s))
			s = text_of(one, "emailAddress", v->arena);
		to = add(v, slice_of(arena_copy(v->arena, s), s.n));
		if (!to)
			return;
		to->action = action;
		to->diag = diag;
		codes_status(diag, 0, &to->status);
	}
	v->r->kind = REPORT_BOUNCE;
}

static bool
ses(struct events *v, const struct json *o)
{
	const struct json *mail = json_member(o, "mail");
	struct slice type = text_of(o, "notificationType", v->arena);

	if (!type.n)
		type = text_of(o, "eventType", v->arena);
	if (!type.n || !mail)
		return false;
	v->r->format = "ses";
	v->r->d.orig_from = text_of(mail, "source", v->arena);
	v->r->d.orig_msgid =
	    text_of(json_member(mail, "commonHeaders"), "messageId", v->arena);
	if (slice_is(type, "Bounce"))
		ses_bounce(v, json_member(o, "bounce"));
	else if (slice_is(type, "Complaint"))
		ses_complaint(v, json_member(o, "complaint"));
	else if (slice_is(type, "Delivery"))
		ses_others(v,
		    json_member(json_member(o, "delivery"), "recipients"),
		    text_of(
			json_member(o, "delivery"), "smtpResponse", v->arena),
		    REASON_DELIVERED);
	else if (slice_is(type, "DeliveryDelay"))
		ses_others(v,
		    json_member(
			json_member(o, "deliveryDelay"), "delayedRecipients"),
		    slice_of(NULL, 0), REASON_DELAYED);
	return v->r->d.n > 0;
}

static void
sendgrid_event(struct events *v, const struct json *o)
{
	struct slice event = text_of(o, "event", v->arena);
	struct dsn_recipient *to = add(v, text_of(o, "email", v->arena));

	if (!to)
		return;
	to->diag = text_of(o, "reason", v->arena);
	if (!to->diag.n)
		to->diag = text_of(o, "response", v->arena);
	to->reply = codes_reply(to->diag);
	to->action = REASON_FAILED;
	if (!codes_status(text_of(o, "status", v->arena), 0, &to->status) &&
	    codes_status(to->diag, 0, &to->status))
		to->derived |= DSN_STATUS;
	if (slice_is(event, "delivered"))
		to->action = REASON_DELIVERED;
	else if (slice_is(event, "deferred"))
		to->action = REASON_DELAYED;
	else if (slice_is(event, "processed"))
		to->action = REASON_RELAYED;
	else if (slice_is(event, "spamreport"))
		fix_reason(to, REASON_ID_COMPLAINT, event, v->arena);
	else if (slice_is(event, "unsubscribe") ||
		 slice_is(event, "group_unsubscribe"))
		fix_reason(to, REASON_ID_OPT_OUT, event, v->arena);
	else if (slice_is(event, "dropped"))
		fix_reason(to, REASON_ID_ESP_SUPPRESSED, event, v->arena);
}

static bool
sendgrid(struct events *v, const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *o = json_item(list, i);

		if (!json_member(o, "email"))
			return false;
		sendgrid_event(v, o);
	}
	v->r->format = "sendgrid";
	v->r->kind = REPORT_BOUNCE;
	return v->r->d.n > 0;
}

/* Mail folds long lines, also in the middle of a string. */
static struct slice
unfolded(struct slice text, struct arena *a)
{
	char *made = arena_copy(a, text);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r' && text.p[i] != '\n')
			made[n++] = text.p[i];
	return slice_of(made, n);
}

/* To the end of the object: services write more behind it. */
static struct slice
object_of(struct slice text)
{
	size_t depth = 0;
	bool string = false;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (string && c == '\\')
			i++;
		else if (c == '"')
			string = !string;
		else if (!string && (c == '{' || c == '['))
			depth++;
		else if (!string && (c == '}' || c == ']') && !--depth)
			return slice_sub(text, 0, i + 1);
	}
	return text;
}

bool
espjson_read(struct slice text, struct arena *a, struct report *r)
{
	struct events v = { r, a, 0 };
	struct json *o, *inner;
	struct slice message;
	bool got = false;

	text = slice_trim(text);
	if (slice_peek(text) != '{' && slice_peek(text) != '[')
		return false;
	if (json_read(object_of(text), &o, NULL) < 0 &&
	    json_read(object_of(unfolded(text, a)), &o, NULL) < 0)
		return false;
	message = text_of(o, "Message", a);
	if (message.n && json_read(message, &inner, NULL) == 0) {
		json_free(&o);
		o = inner;
	}
	if (ses(&v, o))
		got = true;
	else if (json_item(o, 0))
		got = sendgrid(&v, o);
	else if (json_member(o, "email") && json_member(o, "event"))
		got = (sendgrid_event(&v, o), r->kind = REPORT_BOUNCE,
		    r->format = "sendgrid", true);
	json_free(&o);
	return got;
}
