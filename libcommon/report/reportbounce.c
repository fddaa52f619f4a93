/* Bounces (see reportbounce.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msg/addr.h"

#include "report/codes.h"
#include "report/format.h"
#include "report/notice.h"
#include "report/reportbounce.h"
#include "report/reportjudge.h"
#include "report/reportwhy.h"

#define FAILED_MAX 500 /* addresses of X-Failed-Recipients */

bool
reportbounce_by_fields(struct reportparts *p, struct report *r)
{
	if (p->has_status || p->has_global) {
		const struct part *part =
		    p->has_global ? &p->global : &p->status;

		r->format = p->has_global ? "rfc6533" : "rfc3464";
		dsn_fields(part_content(part, p->arena), p->arena, &r->d);
		if (r->d.n)
			return true;
	}
	if (!p->in_report ||
	    (p->report_type.n &&
		!slice_is_nocase(p->report_type, "delivery-status")))
		return false;
	for (size_t i = 0; i < p->file_count && !r->d.n; i++)
		dsn_fields(
		    part_content(&p->files[i], p->arena), p->arena, &r->d);
	for (size_t i = 0; i < p->text_count && !r->d.n; i++)
		if (!part_is(&p->texts[i], "text", "html"))
			dsn_fields(part_content(&p->texts[i], p->arena),
			    p->arena, &r->d);
	if (r->d.n)
		r->format = "rfc3464-mislabelled";
	return r->d.n > 0;
}

static void
set_codes(struct dsn_recipient *to, enum reason_action action)
{
	int class = action == REASON_DELAYED ? 0 : '5';

	to->reply = codes_reply(to->diag);
	if (class && to->reply / 100 == 4)
		class = '4';
	if (!codes_status(to->diag, class, &to->status))
		codes_status(to->diag, 0, &to->status);
	if (to->status.n && slice_peek(to->status) == '2')
		to->status = slice_of(NULL, 0);
}

/* The next ones that a text names. */
static void
fill(struct report *r, const struct notice *n, enum reason_action action,
    struct arena *a)
{
	struct dsn *d = &r->d;

	d->all = n->n;
	d->n = size_min(n->n - d->first, DSN_AT_ONCE);
	d->v = arena_array(a, d->n, sizeof(*d->v));
	for (size_t i = 0; i < d->n; i++) {
		const struct notice_rcpt *from = &n->v[d->first + i];
		struct dsn_recipient *to = &d->v[i];

		to->final = from->address;
		to->original = from->origin;
		to->action = action;
		to->derived = DSN_RCPT | DSN_ACTION | DSN_STATUS | DSN_DIAG;
		to->diag = reportwhy_diag(n, from);
		set_codes(to, action);
	}
}

/* Exim and Gmail name the recipients in the header. */
static void
fill_by_header(struct reportparts *p, struct report *r, const struct notice *n,
    enum reason_action action)
{
	NOT_ZEROED struct slice v[FAILED_MAX];
	size_t count = reportparts_addresses(
	    header_value(&p->top.header, "X-Failed-Recipients", p->arena),
	    p->arena, v, FAILED_MAX);

	if (!count)
		return;
	r->d.n = count;
	r->d.v = arena_array(p->arena, count, sizeof(*r->d.v));
	for (size_t i = 0; i < count; i++) {
		struct dsn_recipient *to = &r->d.v[i];

		to->final = v[i];
		to->action = action;
		to->derived = DSN_ACTION | DSN_STATUS | DSN_DIAG;
		to->diag = n->coded;
		set_codes(to, action);
	}
}

/* Nobody is named: the one the message went to. */
static void
fill_by_returned(struct reportparts *p, struct report *r,
    const struct notice *n, struct slice to, enum reason_action action)
{
	struct dsn_recipient *v = arena_new(p->arena, sizeof(*v));

	r->d.v = v;
	r->d.n = 1;
	v->final = to;
	v->action = action;
	v->derived = DSN_RCPT | DSN_ACTION | DSN_STATUS | DSN_DIAG;
	v->diag =
	    n->coded.n ? n->coded : slice_trim(slice_sub(n->said, 0, 2000));
	set_codes(v, action);
}

/* A local part alone is of the domain that writes: AOL. */
static struct slice
with_domain(struct reportparts *p, struct slice local)
{
	struct slice v[1], domain;

	if (!reportparts_addresses(p->from, p->arena, v, 1))
		return slice_of(NULL, 0);
	domain = addr_domain(v[0]);
	if (slice_find(domain, '.') == SIZE_MAX)
		return slice_of(NULL, 0);
	return slice_str(arena_fmt(
	    p->arena, "%.*s@%.*s", SLICE_ARG(local), SLICE_ARG(domain)));
}

/* Ordinary mail need not be read at all. */
static bool
may_be_bounce(const struct reportparts *p)
{
	return p->from_empty_path || p->in_report ||
	       (p->from_signs & (1u << FORMAT_FROM | 1u << FORMAT_SENDER)) ||
	       (p->subject_signs & (1u << FORMAT_SUBJECT)) ||
	       header_get(&p->top.header, "X-Failed-Recipients");
}

/* Fields of a report that stand in the text. */
static bool
by_fields_in_text(struct reportparts *p, struct report *r, struct slice text)
{
	if (slice_search_nocase(text, slice_str("\nfinal-recipient:")) ==
	    SIZE_MAX)
		return false;
	dsn_fields(text, p->arena, &r->d);
	if (r->d.n)
		r->format = "rfc3464-in-text";
	return r->d.n > 0;
}

static struct slice
returned_header(struct reportparts *p, const struct notice *n)
{
	if (p->has_returned)
		return part_content(&p->returned, p->arena);
	return n->returned;
}

/* A bounce within the text of another one. */
static bool
by_nested(struct reportparts *p, struct report *r, struct slice message)
{
	struct reportparts inner;

	if (slice_search_nocase(slice_sub(message, 0, 4000),
		slice_str("multipart/report")) == SIZE_MAX ||
	    reportparts_read(message, p->arena, &inner, NULL) < 0)
		return false;
	return reportbounce_by_fields(&inner, r);
}

bool
reportbounce_by_text(struct reportparts *p, struct report *r)
{
	struct slice to;
	struct notice n;
	enum reason_action action;

	if (!may_be_bounce(p))
		return false;
	n = *reportparts_notice(p);
	if (!reportjudge_is_bounce(p, &n))
		return false;
	if (by_fields_in_text(p, r, n.said))
		return true;
	if ((!n.n || n.v[0].weight < NOTICE_CALLED) &&
	    by_nested(p, r, n.returned))
		return true;
	action =
	    n.signs & (1u << FORMAT_DELAY) ? REASON_DELAYED : REASON_FAILED;
	r->format = "text";
	r->returned = returned_header(p, &n);
	reportparts_returned(r->returned, p->arena, &r->d, &to);
	if (n.n && n.v[0].weight >= NOTICE_CALLED)
		fill(r, &n, action, p->arena);
	if (!r->d.n)
		fill_by_header(p, r, &n, action);
	if (!r->d.n && n.n) {
		reportjudge_choose(&n, to);
		fill(r, &n, action, p->arena);
	}
	if (!r->d.n) {
		if (r->verp_rcpt.n)
			to = r->verp_rcpt;
		else if (!to.n && n.lone.n)
			to = with_domain(p, n.lone);
		else if (!to.n)
			to = n.to;
		fill_by_returned(p, r, &n, to, action);
	}
	return true;
}

bool
reportbounce_more(
    struct reportparts *p, struct report *r, enum reason_action action)
{
	struct dsn *d = &r->d;

	if (d->rest.n)
		return dsn_more(p->arena, d);
	if (d->first + d->n >= d->all)
		return false;
	d->first += d->n;
	fill(r, reportparts_notice(p), action, p->arena);
	return true;
}
