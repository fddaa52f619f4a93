/* Automatic replies, challenges and receipts (see autoreply.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/autoreply.h"
#include "report/format.h"
#include "report/notice.h"
#include "report/reasons.h"

static struct dsn_recipient *
only(struct report *r, struct arena *a, struct slice address, enum reason_id id,
    const char *rule)
{
	r->d.v = arena_array(a, 1, sizeof(*r->d.v));
	r->d.n = 1;
	r->d.v[0].final = address;
	r->d.v[0].reason = &reasons[id];
	r->d.v[0].rule = rule;
	r->d.v[0].row = SIZE_MAX;
	r->d.v[0].confidence = REASON_BY_ACTION;
	return &r->d.v[0];
}

static enum reason_id
reason_of_disposition(struct slice type)
{
	if (slice_starts_nocase(type, "deleted"))
		return REASON_ID_MDN_DELETED;
	if (slice_starts_nocase(type, "failed") ||
	    slice_starts_nocase(type, "denied"))
		return REASON_ID_MDN_FAILED;
	return REASON_ID_MDN_DISPLAYED;
}

struct mdn {
	struct slice final, original, disposition, orig_msgid, ua;
};

static void
read_mdn(struct slice text, struct arena *a, struct mdn *m)
{
	struct header_field f;
	struct slice type;

	for (int n = 0; n < HEADER_FIELDS_MAX && text.n; n++) {
		struct slice value;

		if (header_take(&text, &f) <= 0) {
			slice_take_line(&text, &value, NULL);
			continue;
		}
		value = header_unfold(f.value, a);
		if (slice_is_nocase(f.name, "Final-Recipient"))
			dsn_address(value, a, &m->final, &type);
		else if (slice_is_nocase(f.name, "Original-Recipient"))
			dsn_address(value, a, &m->original, &type);
		else if (slice_is_nocase(f.name, "Disposition"))
			m->disposition = value;
		else if (slice_is_nocase(f.name, "Original-Message-ID"))
			m->orig_msgid = value;
		else if (slice_is_nocase(f.name, "Reporting-UA"))
			m->ua = value;
	}
}

/*	disposition = action-mode "/" sending-mode ";" type ["/" modifier]
 * Dovecot writes its refusals in this form, out of the recipient's script or
 * quota: "automatic-action/MDN-sent-automatically; deleted". */
bool
autoreply_mdn(struct reportparts *p, struct report *r)
{
	struct mdn m = { .final = { NULL, 0 } };
	struct slice type, rest, to;
	struct dsn_recipient *v;
	bool automatic;

	if (!p->has_mdn)
		return false;
	read_mdn(part_content(&p->mdn, p->arena), p->arena, &m);
	rest = m.disposition;
	automatic = slice_starts_nocase(rest, "automatic-action/mdn-sent-auto");
	slice_take_until(&rest, ';', NULL);
	type = slice_trim(rest);
	r->disposition = m.disposition;
	r->d.reporting_mta = m.ua;
	r->d.orig_msgid = m.orig_msgid;
	if (p->has_returned)
		r->returned = part_content(&p->returned, p->arena);
	reportparts_returned(r->returned, p->arena, &r->d, &to);
	r->format = "rfc8098";
	if (!m.final.n)
		m.final = m.original;
	v = only(
	    r, p->arena, m.final, reason_of_disposition(type), "disposition");
	v->original = m.original;
	r->kind = REPORT_MDN;
	if (automatic && slice_starts_nocase(type, "deleted") &&
	    (p->subject_signs & (1u << FORMAT_SUBJECT) ||
		slice_starts_nocase(p->subject, "rejected"))) {
		r->kind = REPORT_BOUNCE;
		r->format = "mdn-refusal";
		v->action = REASON_FAILED;
		v->derived = DSN_ACTION;
		v->reason = NULL; /* by the text */
		v->diag = slice_trim(
		    slice_sub(reportparts_text(p), 0, NOTICE_DIAG_MAX));
	}
	return true;
}

static struct slice
sender(struct reportparts *p)
{
	struct slice v[1] = { { NULL, 0 } };

	reportparts_addresses(p->from, p->arena, v, 1);
	return v[0];
}

bool
autoreply_challenge(struct reportparts *p, struct report *r)
{
	NOT_ZEROED char flat[RULES_TEXT_MAX];
	struct slice text, rest, line;
	unsigned signs = 0, lines = 0;

	if (p->subject_forward)
		return false;
	if (!(p->subject_signs & (1u << FORMAT_CHALLENGE)) &&
	    !p->auto_submitted.n && !p->from_empty_path &&
	    !header_get(&p->top.header, "X-Challenge") &&
	    !header_get(&p->top.header, "X-Boxbe-Message"))
		return false;
	text = slice_sub(reportparts_text(p), 0, RULES_TEXT_MAX);
	rest = text;
	while (lines < 200 && slice_take_line(&rest, &line, NULL)) {
		signs |= format_signs(rules_flatten(line, flat));
		lines++;
	}
	if (!(signs & (1u << FORMAT_CHALLENGE)) ||
	    (!(p->subject_signs & (1u << FORMAT_CHALLENGE)) &&
		!header_get(&p->top.header, "X-Challenge") &&
		!p->auto_submitted.n && !p->from_empty_path &&
		!header_get(&p->top.header, "Auto-Submitted") &&
		!header_get(&p->top.header, "X-Boxbe-Message")))
		return false;
	r->kind = REPORT_CHALLENGE;
	r->format = "challenge";
	only(r, p->arena, sender(p), REASON_ID_CHALLENGE, "challenge");
	return true;
}

bool
autoreply_asks(struct report *r)
{
	NOT_ZEROED char flat[RULES_TEXT_MAX];

	for (size_t i = 0; i < r->d.n; i++)
		if (!(format_signs(rules_flatten(r->d.v[i].diag, flat)) &
			(1u << FORMAT_ASKS)))
			return false;
	r->kind = REPORT_CHALLENGE;
	for (size_t i = 0; i < r->d.n; i++) {
		r->d.v[i].reason = &reasons[REASON_ID_CHALLENGE];
		r->d.v[i].rule = "challenge";
		r->d.v[i].row = SIZE_MAX;
		r->d.v[i].confidence = REASON_BY_RULE;
	}
	return true;
}

/* Marks of before RFC 3834. */
static bool
has_mark(const struct reportparts *p)
{
	static const char *const names[] = { "X-Autoreply", "X-Autorespond",
		"X-Autoresponder", "X-Auto-Reply-From", "X-AutoReply-From",
		"X-Auto-Response", "X-Vacation", "X-Mail-Autoreply",
		"X-Facebook-Notify-None" };
	const struct header *h = &p->top.header;
	struct slice v;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (header_get(h, names[i]))
			return true;
	v = header_value(h, "Precedence", p->arena);
	return slice_is_nocase(v, "auto_reply") ||
	       slice_is_nocase(v, "auto-reply");
}

bool
autoreply_read(struct reportparts *p, struct report *r)
{
	bool replied = slice_starts_nocase(p->auto_submitted, "auto-replied");
	bool vacation = slice_search_nocase(p->auto_submitted,
			    slice_str("vacation")) != SIZE_MAX;
	bool subject = p->subject_signs & (1u << FORMAT_AUTO);

	if (p->subject_forward)
		return false;
	if (!replied && !vacation && !subject && !has_mark(p))
		return false;
	/* words alone do not do: people write about vacations */
	if (subject && !replied && !vacation && !has_mark(p) &&
	    !p->from_empty_path && !slice_starts_nocase(p->subject, "auto") &&
	    !header_get(&p->top.header, "In-Reply-To") &&
	    !header_get(&p->top.header, "X-Auto-Response-Suppress"))
		return false;
	r->kind = REPORT_AUTOREPLY;
	r->format = replied || vacation ? "rfc3834" : "auto-reply";
	only(r, p->arena, sender(p), REASON_ID_AUTO_REPLY, r->format);
	return true;
}
