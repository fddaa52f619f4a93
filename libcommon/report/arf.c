/* Complaints (see arf.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/arf.h"
#include "report/format.h"
#include "report/reasons.h"

/*	feedback-report = *( feedback-type / user-agent / version )
 *	    opt-fields-once / opt-fields-many (RFC 5965 section 3.6) */

static enum reason_id
reason_of_type(struct slice type)
{
	static const struct {
		const char *type;
		enum reason_id id;
	} rows[] = { { "abuse", REASON_ID_COMPLAINT },
		{ "complaint", REASON_ID_COMPLAINT },
		{ "not-spam", REASON_ID_NOT_SPAM },
		{ "fraud", REASON_ID_FRAUD }, { "phishing", REASON_ID_FRAUD },
		{ "virus", REASON_ID_VIRUS_REPORT },
		{ "opt-out", REASON_ID_OPT_OUT },
		{ "opt-out-list", REASON_ID_OPT_OUT },
		{ "auth-failure", REASON_ID_AUTH_REPORT },
		{ "dmarc", REASON_ID_AUTH_REPORT },
		{ "dkim", REASON_ID_AUTH_REPORT } };

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (slice_is_nocase(type, rows[i].type))
			return rows[i].id;
	return type.n ? REASON_ID_OTHER_REPORT : REASON_ID_COMPLAINT;
}

static struct dsn_recipient *
add(struct report *r, struct arena *a, struct slice address, unsigned derived)
{
	struct dsn *d = &r->d;
	struct dsn_recipient *v;
	size_t cap = 0;

	for (size_t i = 0; address.n && i < d->n; i++)
		if (slice_equal_nocase(d->v[i].final, address))
			return &d->v[i];
	if (d->n == ARF_RCPTS_MAX)
		return NULL;
	d->v = arena_grow(a, d->v, d->n, d->n + 1, sizeof(*d->v), &cap);
	v = &d->v[d->n++];
	memset(v, 0, sizeof(*v));
	v->final = address;
	v->derived = derived;
	return v;
}

/* Words that stand for a removed address (RFC 6590). */
static bool
is_redacted(struct slice address)
{
	return slice_find(address, '@') == SIZE_MAX ||
	       slice_starts_nocase(address, "[") ||
	       slice_starts_nocase(address, "xxx");
}

static void
read_fields(struct slice text, struct reportparts *p, struct report *r)
{
	struct header_field f;
	struct slice type;

	for (int n = 0; n < HEADER_FIELDS_MAX && text.n; n++) {
		struct slice value, address;

		if (header_take(&text, &f) <= 0) {
			slice_take_line(&text, &value, NULL);
			continue;
		}
		value = header_unfold(f.value, p->arena);
		if (slice_is_nocase(f.name, "Feedback-Type") &&
		    !r->feedback_type.n) {
			r->feedback_type = value;
		} else if (slice_is_nocase(f.name, "Source-IP") ||
			   slice_is_nocase(f.name, "Source")) {
			r->source_ip = value;
		} else if (slice_is_nocase(f.name, "Reporting-MTA")) {
			dsn_address(
			    value, p->arena, &r->d.reporting_mta, &type);
		} else if (slice_is_nocase(f.name, "Original-Envelope-Id")) {
			dsn_address(value, p->arena, &r->d.envid, &type);
		} else if (slice_is_nocase(f.name, "Arrival-Date") ||
			   slice_is_nocase(f.name, "Received-Date")) {
			r->d.arrival = value;
		} else if (slice_is_nocase(f.name, "Original-Rcpt-To") ||
			   slice_is_nocase(f.name, "Original-Recipient") ||
			   slice_is_nocase(f.name, "Removal-Recipient") ||
			   slice_is_nocase(f.name, "Redacted-Address")) {
			dsn_address(value, p->arena, &address, &type);
			if (!is_redacted(address))
				add(r, p->arena, address, 0);
		}
	}
}

/* Whom the reported message went to: fields of providers, else its To. */
static void
recover(struct reportparts *p, struct report *r, struct slice header)
{
	static const char *const names[] = { "X-HmXmrOriginalRecipient",
		"X-Original-Recipient", "X-Failed-Recipients", "X-Envelope-To",
		"X-Rcpt-To", "X-Original-To", "Delivered-To", "To" };
	struct slice v[2];
	struct header h;

	header = slice_sub(header, 0, 256u << 10);
	if (header_read(header, p->arena, &h, NULL) < 0)
		return;
	for (size_t i = 0; i < COUNT_OF(names) && !r->d.n; i++)
		if (reportparts_addresses(header_value(&h, names[i], p->arena),
			p->arena, v, 2) == 1 &&
		    !is_redacted(v[0]))
			add(r, p->arena, v[0], DSN_RCPT);
}

static void
finish(struct reportparts *p, struct report *r, const char *format)
{
	enum reason_id id = reason_of_type(r->feedback_type);
	struct slice to;

	r->kind = REPORT_ARF;
	r->format = format;
	if (p->has_returned)
		r->returned = part_content(&p->returned, p->arena);
	reportparts_returned(r->returned, p->arena, &r->d, &to);
	if (!r->d.n)
		recover(p, r, r->returned);
	if (!r->d.n)
		add(r, p->arena, slice_of(NULL, 0), 0);
	for (size_t i = 0; i < r->d.n; i++) {
		r->d.v[i].reason = &reasons[id];
		r->d.v[i].rule = "feedback-type";
		r->d.v[i].row = SIZE_MAX;
		r->d.v[i].confidence =
		    r->feedback_type.n ? REASON_BY_ACTION : REASON_GUESS;
	}
}

/* Somebody's report, without a part for it. */
static bool
is_like_one(struct reportparts *p)
{
	if (slice_is_nocase(p->report_type, "feedback-report"))
		return true;
	if (p->subject_reply || p->subject_forward)
		return false;
	if ((slice_starts_nocase(p->subject, "complaint about message") ||
		slice_starts_nocase(p->subject, "email feedback report") ||
		slice_starts_nocase(p->subject, "abuse report")) &&
	    p->attached)
		return true;
	return p->in_report &&
	       slice_search_nocase(p->subject, slice_str("dmarc")) !=
	           SIZE_MAX &&
	       (slice_search_nocase(p->subject, slice_str("forensic")) !=
		       SIZE_MAX ||
		   slice_search_nocase(p->subject, slice_str("failure")) !=
		       SIZE_MAX);
}

/* "Feedback-Type:" among the first lines of a text. */
static bool
has_fields(struct slice text)
{
	text = slice_sub(text, 0, 8000);
	return slice_starts_nocase(text, "feedback-type:") ||
	       slice_search_nocase(text, slice_str("\nfeedback-type:")) !=
	           SIZE_MAX;
}

bool
arf_read(struct reportparts *p, struct report *r)
{
	if (p->has_feedback) {
		read_fields(part_content(&p->feedback, p->arena), p, r);
		finish(p, r, "rfc5965");
		return true;
	}
	if (p->subject_forward || p->has_status || p->has_global ||
	    (!p->in_report && !(p->subject_signs & (1u << FORMAT_COMPLAINT))))
		return false;
	for (size_t i = 0; i < p->text_count + p->file_count; i++) {
		const struct part *part = i < p->text_count
		                              ? &p->texts[i]
		                              : &p->files[i - p->text_count];
		struct slice text;

		if (!p->in_report && part->encoding != PART_7BIT &&
		    part->encoding != PART_8BIT)
			continue;
		text = part_content(part, p->arena);
		if (!has_fields(text))
			continue;
		read_fields(text, p, r);
		finish(p, r, "rfc5965-mislabelled");
		return true;
	}
	if (!is_like_one(p))
		return false;
	if (slice_search_nocase(p->subject, slice_str("dmarc")) != SIZE_MAX)
		r->feedback_type = slice_str("auth-failure");
	finish(p, r, "feedback-text");
	return true;
}
