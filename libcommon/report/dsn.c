/* Delivery status notifications (see dsn.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/token.h"

#include "msg/header.h"

#include "report/codes.h"
#include "report/dsn.h"

#define GROUP_MIN 26 /* octets of a group: "Final-Recipient:x\nAction:x" */

/* The fields of one group, as they stand. */
struct group {
	struct slice final, original, actual;
	struct slice action, status, diag, remote_mta;
	struct slice last_attempt, will_retry_until;
	struct slice reporting_mta, envid, arrival;
};

static const struct {
	struct slice name;
	size_t at;
} fields[] = {
	{ SLICE_LIT("Final-Recipient"), offsetof(struct group, final) },
	{ SLICE_LIT("Original-Recipient"), offsetof(struct group, original) },
	{ SLICE_LIT("X-Actual-Recipient"), offsetof(struct group, actual) },
	{ SLICE_LIT("Action"), offsetof(struct group, action) },
	{ SLICE_LIT("Status"), offsetof(struct group, status) },
	{ SLICE_LIT("Diagnostic-Code"), offsetof(struct group, diag) },
	{ SLICE_LIT("Remote-MTA"), offsetof(struct group, remote_mta) },
	{ SLICE_LIT("Last-Attempt-Date"),
	    offsetof(struct group, last_attempt) },
	{ SLICE_LIT("Will-Retry-Until"),
	    offsetof(struct group, will_retry_until) },
	{ SLICE_LIT("Reporting-MTA"), offsetof(struct group, reporting_mta) },
	{ SLICE_LIT("Original-Envelope-Id"), offsetof(struct group, envid) },
	{ SLICE_LIT("Arrival-Date"), offsetof(struct group, arrival) },
};

/* The first of a name counts; the value is unfolded. */
static void
note(struct group *g, const struct header_field *f, struct arena *a)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		struct slice *at = (void *)((char *)g + fields[i].at);

		if (!slice_equal_nocase(f->name, fields[i].name))
			continue;
		if (!at->n)
			*at = header_unfold(f->value, a);
		return;
	}
}

/* "type; text" in two. */
static void
split(struct slice value, struct slice *text_r, struct slice *type_r)
{
	struct slice rest = value, type;

	*type_r = slice_of(NULL, 0);
	*text_r = slice_trim(value);
	if (token_token(&rest, &type) > 0 && token_skip_cfws(&rest) > 0 &&
	    slice_get(&rest) == ';') {
		*type_r = type;
		*text_r = slice_trim(rest);
	}
}

enum reason_action
dsn_action(struct slice value)
{
	static const struct {
		const char *start;
		enum reason_action action;
	} words[] = { { "fail", REASON_FAILED }, { "delayed", REASON_DELAYED },
		{ "delivered", REASON_DELIVERED },
		{ "relayed", REASON_RELAYED }, { "expanded", REASON_EXPANDED },
		{ "expired", REASON_FAILED }, { "error", REASON_FAILED } };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (slice_starts_nocase(value, words[i].start))
			return words[i].action;
	return REASON_ACTION_NONE;
}

static enum reason_action
action_by_status(struct slice status)
{
	switch (slice_peek(status)) {
	case '2':
		return REASON_DELIVERED;
	case '4':
		return REASON_DELAYED;
	default:
		return REASON_FAILED;
	}
}

/* x.0.0 says nothing (RFC 3463 section 3.1); the server's own words may, even
 * of another class: who gave up on 452 4.2.2 writes 5.0.0. */
static void
set_status(const struct group *g, struct dsn_recipient *r)
{
	struct slice said;
	int class;

	if (!codes_status(g->status, 0, &r->status))
		r->status = slice_of(NULL, 0);
	class = slice_peek(r->status);
	/* a server's own code is nearer to the truth than its reporter's */
	if (r->status.n && !slice_ends_nocase(r->status, ".0.0")) {
		if (codes_reply(r->diag) &&
		    codes_status(r->diag, class, &said) &&
		    !slice_ends_nocase(said, ".0.0") &&
		    !slice_equal(said, r->status)) {
			r->status = said;
			r->derived |= DSN_STATUS;
		}
		return;
	}
	if (codes_status(r->diag, class < 0 ? 0 : class, &said) ||
	    (r->reply &&
		codes_status(r->diag, '0' + (int)(r->reply / 100), &said)) ||
	    (!r->status.n && codes_status(g->diag, 0, &said))) {
		r->status = said;
		r->derived |= DSN_STATUS;
	}
}

static void
fill(const struct group *g, struct arena *a, struct dsn_recipient *r)
{
	struct slice type;

	dsn_address(g->final, a, &r->final, &r->final_type);
	dsn_address(g->original, a, &r->original, &r->original_type);
	if (g->actual.n && slice_find(r->final, '@') == SIZE_MAX)
		dsn_address(g->actual, a, &r->final, &r->final_type);
	if (!r->final.n) {
		r->final = r->original;
		r->final_type = r->original_type;
	}
	split(g->diag, &r->diag, &r->diag_type);
	split(g->remote_mta, &r->remote_mta, &type);
	r->last_attempt = g->last_attempt;
	r->will_retry_until = g->will_retry_until;
	r->reply = codes_reply(r->diag);
	set_status(g, r);
	r->action = dsn_action(g->action);
	if (r->action == REASON_ACTION_NONE) {
		r->derived |= DSN_ACTION;
		r->action = action_by_status(r->status);
	}
}

/* Groups on their way to recipients. */
struct groups {
	struct dsn *d;
	struct arena *arena;
	struct slice start; /* of the group at hand, to the end of the text */
	bool again;         /* the text was read before */
};

static void
per_message(struct groups *t, const struct group *g)
{
	struct dsn *d = t->d;
	struct slice type;

	if (g->reporting_mta.n && !d->reporting_mta.n)
		split(g->reporting_mta, &d->reporting_mta, &type);
	if (g->envid.n && !d->envid.n)
		dsn_address(g->envid, t->arena, &d->envid, &type);
	if (g->arrival.n && !d->arrival.n)
		d->arrival = g->arrival;
}

static bool
is_full(const struct groups *t)
{
	return t->d->n == DSN_AT_ONCE;
}

/* A recipient that is counted only is read later: from the first of them on. */
static void
count(struct groups *t)
{
	if (t->d->all == DSN_RECIPIENTS_MAX) {
		t->d->cut = true;
		return;
	}
	t->d->all++;
	if (is_full(t) && !t->d->rest.n)
		t->d->rest = t->start;
}

/* The same of one, twice in a row. */
static bool
is_told_again(const struct dsn *d)
{
	const struct dsn_recipient *b = &d->v[d->n - 1], *a = b - 1;

	return d->n > 1 && d->n == d->all &&
	       slice_equal_nocase(a->final, b->final) &&
	       a->action == b->action && slice_equal(a->status, b->status);
}

/* A group tells of a recipient when it names one and what became of it. */
static void
end_group(struct groups *t, const struct group *g)
{
	struct dsn *d = t->d;

	per_message(t, g);
	if ((!g->final.n && !g->original.n) ||
	    (!g->action.n && !g->status.n && !g->diag.n))
		return;
	if (!t->again)
		count(t);
	if (is_full(t) || d->first + d->n == d->all)
		return;
	if (!d->v)
		d->v = arena_array(t->arena,
		    size_min(t->start.n / GROUP_MIN + 1, DSN_AT_ONCE),
		    sizeof(*d->v));
	fill(g, t->arena, &d->v[d->n++]);
	if (!t->again && is_told_again(d)) {
		d->n--;
		d->all--;
	}
}

/* A second recipient may follow without an empty line. */
static bool
starts_group(const struct group *g, const struct header_field *f)
{
	return g->final.n && slice_is_nocase(f->name, "Final-Recipient");
}

/*	delivery-status-content = per-message-fields
 *	    1*( CRLF per-recipient-fields ) */
static void
read_groups(struct groups *t, struct slice text)
{
	struct group g = { .final = { NULL, 0 } };
	struct header_field f;
	size_t n = 0;

	t->start = text;
	while (text.n) {
		struct slice here = text;
		int r = header_take(&text, &f);

		if (r > 0 && !starts_group(&g, &f)) {
			note(&g, &f, t->arena);
		} else if (r < 0) {
			struct slice line;

			slice_take_line(&text, &line, NULL);
		} else {
			end_group(t, &g);
			if (t->again && is_full(t)) {
				t->d->rest = here;
				return;
			}
			memset(&g, 0, sizeof(g));
			t->start = r > 0 ? here : text;
			if (r > 0)
				note(&g, &f, t->arena);
		}
		if (++n == DSN_FIELDS_MAX) {
			t->d->cut = true;
			break;
		}
	}
	end_group(t, &g);
	if (t->again)
		t->d->rest = slice_of(NULL, 0);
}

void
dsn_fields(struct slice text, struct arena *a, struct dsn *d)
{
	struct groups t = { .d = d, .arena = a };

	read_groups(&t, text);
}

bool
dsn_more(struct arena *a, struct dsn *d)
{
	struct groups t = { .d = d, .arena = a, .again = true };

	if (!d->rest.n)
		return false;
	d->first += d->n;
	d->n = 0;
	d->v = NULL;
	read_groups(&t, d->rest);
	return d->n > 0;
}
