/* Bounces (see reportbounce.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msg/addr.h"

#include "report/codes.h"
#include "report/details.h"
#include "report/format.h"
#include "report/notice.h"
#include "report/reasons.h"
#include "report/reportbounce.h"

#define MINE_MAX   8    /* addresses of the bounce's own header */
#define DIAG_LOOK  2000 /* octets of a reply that are looked at */
#define HOST_LOOK  400  /* of one for "host ... said:" */
#define FAILED_MAX 500  /* of X-Failed-Recipients */

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

static size_t
own_addresses(struct reportparts *p, struct slice v[MINE_MAX])
{
	size_t n = reportparts_addresses(p->from, p->arena, v, 2);

	return n + reportparts_addresses(p->to, p->arena, v + n, MINE_MAX - n);
}

static struct dsn_recipient *
add(struct report *r, struct arena *a, size_t *cap)
{
	struct dsn *d = &r->d;

	d->v = arena_grow(a, d->v, d->n, d->n + 1, sizeof(*d->v), cap);
	memset(&d->v[d->n], 0, sizeof(*d->v));
	return &d->v[d->n++];
}

static bool
has_code(struct slice s)
{
	struct slice status;

	return codes_reply(s) != 0 || codes_status(s, 0, &status);
}

/* Words without a code that a rule knows. */
static bool
tells(struct slice diag)
{
	NOT_ZEROED struct reason_why why;
	struct reason_facts f = { .text = diag };

	reason_of(&f, NULL, &why);
	return why.confidence == REASON_BY_RULE;
}

/* What is said of one: its own words, a line of the transcript that names it,
 * or what is said of all. */
static struct slice
best_diag(const struct notice *n, const struct notice_rcpt *v)
{
	if (has_code(v->diag))
		return v->diag;
	if (v->coded.n)
		return v->coded;
	if (n->coded.n && (n->n == 1 || (n->n < 4 && !tells(v->diag))) &&
	    has_code(n->coded))
		return n->coded;
	return v->diag;
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

static void
fill(struct report *r, const struct notice *n, enum reason_action action,
    struct arena *a)
{
	size_t cap = 0;

	for (size_t i = 0; i < n->n; i++) {
		struct dsn_recipient *to = add(r, a, &cap);

		to->final = n->v[i].address;
		to->original = n->v[i].origin;
		to->action = action;
		to->derived = DSN_RCPT | DSN_ACTION | DSN_STATUS | DSN_DIAG;
		to->diag = best_diag(n, &n->v[i]);
		set_codes(to, action);
	}
}

/* Exim and Gmail name the recipients in the header. */
static void
fill_by_header(struct reportparts *p, struct report *r, const struct notice *n,
    enum reason_action action)
{
	NOT_ZEROED struct slice v[FAILED_MAX];
	size_t cap = 0, count = reportparts_addresses(
			    header_value(&p->top.header, "X-Failed-Recipients",
				p->arena),
			    p->arena, v, FAILED_MAX);

	for (size_t i = 0; i < count; i++) {
		struct dsn_recipient *to = add(r, p->arena, &cap);

		to->final = v[i];
		to->action = action;
		to->derived = DSN_ACTION | DSN_STATUS | DSN_DIAG;
		to->diag = n->coded;
		set_codes(to, action);
	}
}

/* Addresses that only stand there: the one the message went to, if it is one
 * of them. */
static void
prefer(struct notice *n, struct slice to)
{
	for (size_t i = 0; to.n && i < n->n; i++)
		if (slice_equal_nocase(n->v[i].address, to)) {
			n->v[0] = n->v[i];
			n->n = 1;
			return;
		}
}

/* Nobody is named: the one the message went to. */
static void
fill_by_returned(struct reportparts *p, struct report *r,
    const struct notice *n, struct slice to, enum reason_action action)
{
	size_t cap = 0;
	struct dsn_recipient *v = add(r, p->arena, &cap);

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

/* How sure it is, by who wrote it, what the subject says and the text. */
static bool
is_bounce(const struct reportparts *p, const struct notice *n)
{
	bool failed = header_get(&p->top.header, "X-Failed-Recipients") != NULL;
	bool daemon = (p->from_signs & (1u << FORMAT_FROM)) ||
	              p->from_empty_path || failed || p->in_report;
	bool subject =
	    (p->subject_signs & (1u << FORMAT_SUBJECT)) && !p->subject_reply;
	bool said = n->signs & (1u << FORMAT_SAID);
	bool named = n->n && n->v[0].weight >= NOTICE_CALLED;

	if (p->subject_forward || (n->quoted && !daemon))
		return false;
	if (failed || (daemon && subject && n->said.n))
		return true;
	if (daemon || (p->from_signs & (1u << FORMAT_SENDER)))
		return said && (named || n->coded.n);
	return subject && said && named;
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
	return n ? n->returned : slice_of(NULL, 0);
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
	struct slice mine[MINE_MAX], to;
	struct notice n;
	enum reason_action action;

	if (!may_be_bounce(p))
		return false;
	notice_read(
	    reportparts_text(p), mine, own_addresses(p, mine), p->arena, &n);
	if (!is_bounce(p, &n))
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
		prefer(&n, to);
		fill(r, &n, action, p->arena);
	}
	if (!r->d.n) {
		if (r->verp_rcpt.n)
			to = r->verp_rcpt;
		else if (!to.n && n.lone.n)
			to = with_domain(p, n.lone);
		fill_by_returned(p, r, &n, to, action);
	}
	return true;
}

/* "in reply to RCPT TO", "after end of data", ">>> MAIL FROM" */
static bool
answers(struct slice before)
{
	static const char *const words[] = { "to ", "after ", "our ", ">>> ",
		"end of " };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (slice_ends_nocase(before, words[i]))
			return true;
	return false;
}

static bool
names_command(struct slice diag, const char *name)
{
	size_t at;

	while ((at = slice_search_nocase(diag, slice_str(name))) != SIZE_MAX) {
		if (answers(slice_sub(diag, 0, at)))
			return true;
		slice_take(&diag, at + 1);
	}
	return false;
}

/* The command that was refused. */
static struct slice
command_of(struct slice diag)
{
	static const struct {
		const char *name, *command;
	} rows[] = { { "rcpt to", "RCPT" }, { "mail from", "MAIL" },
		{ "data", "DATA" }, { "ehlo", "EHLO" }, { "helo", "HELO" },
		{ "starttls", "STARTTLS" } };

	diag = slice_sub(diag, 0, DIAG_LOOK);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (names_command(diag, rows[i].name))
			return slice_str(rows[i].command);
	if (slice_search_nocase(diag, slice_str("initial greeting")) !=
		SIZE_MAX ||
	    slice_search_nocase(diag, slice_str("initial connection")) !=
		SIZE_MAX)
		return slice_str("CONNECT");
	return slice_of(NULL, 0);
}

static bool
in_host(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' || c == '-' ||
	       c == '_';
}

/* "host mx.example.net[192.0.2.1] said", "while talking to mx.example.net" */
static struct slice
host_of(struct slice diag)
{
	static const char *const words[] = { "host ", "talking to ", "server ",
		"relay=", "connect to " };

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		size_t at = slice_search_nocase(diag, slice_str(words[i]));
		struct slice rest, name;

		if (at == SIZE_MAX)
			continue;
		rest =
		    slice_trim(slice_sub(diag, at + strlen(words[i]), diag.n));
		name = slice_take_while(&rest, in_host);
		while (name.n && name.p[name.n - 1] == '.')
			name.n--;
		if (slice_find(name, '.') != SIZE_MAX)
			return name;
	}
	return slice_of(NULL, 0);
}

/* "host mx.example.net[192.0.2.1] said: 550 ...": what it said. */
static struct slice
without_host(struct slice text)
{
	size_t at;

	if (!slice_starts(text, "host "))
		return text;
	at = slice_search(slice_sub(text, 0, HOST_LOOK), slice_str("said:"));
	return at == SIZE_MAX ? text : slice_sub(text, at + 5, text.n);
}

static void
give_reason(struct dsn_recipient *v, struct slice text, const struct rules *own,
    struct arena *a)
{
	NOT_ZEROED struct reason_why why;
	struct reason_facts f = { v->action, v->status, v->reply,
		without_host(text), v->remote_mta };

	v->reason = reason_of(&f, own, &why);
	v->rule = why.rule;
	v->confidence = why.confidence;
	v->row = why.row;
	v->own_rule = why.own;
	if (why.words.n)
		v->words =
		    slice_of(arena_copy(a, slice_trim(why.words)), why.words.n);
	v->words = slice_trim(v->words);
}

static void
finish_one(struct dsn_recipient *v, const struct rules *own, struct arena *a)
{
	if (!v->command.n)
		v->command = command_of(v->diag);
	if (!v->remote_mta.n) {
		v->remote_mta = host_of(v->diag);
		if (v->remote_mta.n)
			v->derived |= DSN_RMTA;
	}
	if (!v->reason)
		give_reason(v, v->diag, own, a);
}

void
reportbounce_reasons(struct report *r, const struct rules *own, struct arena *a)
{
	for (size_t i = 0; i < r->d.n; i++)
		finish_one(&r->d.v[i], own, a);
}

/* What else the words tell, once the reason is known. */
static void
add_details(struct report *r)
{
	for (size_t i = 0; i < r->d.n; i++) {
		struct dsn_recipient *v = &r->d.v[i];
		const struct reason *why = v->reason;

		v->remote_ip = details_ip(v->remote_mta);
		if (!v->remote_ip.n && v->remote_mta.n)
			v->remote_ip = details_ip(v->diag);
		if (why == &reasons[REASON_ID_IP_LISTED] ||
		    why == &reasons[REASON_ID_DOMAIN_LISTED] ||
		    why == &reasons[REASON_ID_REPUTATION])
			v->blocklist = details_blocklist(v->diag);
		if (v->reply / 100 == 4 || v->action == REASON_DELAYED)
			v->retry_after = details_retry(v->diag);
	}
}

/* A path, a host, or nothing, where an address should be. */
static bool
is_no_address(struct slice s)
{
	return slice_peek(s) == '/' || slice_peek(s) == '@' ||
	       slice_peek(s) == '|' || !s.n;
}

/* Then the header, the one who was meant at first, or the text know better. */
static void
mend_addresses(struct reportparts *p, struct report *r, const struct notice *n)
{
	struct slice v[2];
	size_t count = reportparts_addresses(
	    header_value(&p->top.header, "X-Failed-Recipients", p->arena),
	    p->arena, v, 2);

	for (size_t i = 0; i < r->d.n; i++) {
		struct dsn_recipient *to = &r->d.v[i];

		if (!is_no_address(to->final))
			continue;
		if (!is_no_address(to->original)) {
			to->final = to->original;
			continue;
		}
		if (count == 1 && r->d.n == 1)
			to->final = v[0];
		else if (i < n->n && r->d.n == n->n)
			to->final = n->v[i].address;
		else
			continue;
		to->derived |= DSN_RCPT;
	}
}

/* What says more than its code: the text for people, where the fields are
 * silent. */
static void
ask_text(struct reportparts *p, struct report *r, const struct rules *own)
{
	struct slice mine[MINE_MAX];
	struct notice n;
	bool asked = false;

	for (size_t i = 0; i < r->d.n; i++) {
		struct dsn_recipient *v = &r->d.v[i];
		struct slice diag;

		if (v->action > REASON_DELAYED ||
		    (v->confidence == REASON_BY_RULE && v->status.n &&
			!is_no_address(v->final)))
			continue;
		if (!asked) {
			notice_read(reportparts_text(p), mine,
			    own_addresses(p, mine), p->arena, &n);
			mend_addresses(p, r, &n);
		}
		asked = true;
		diag = n.coded;
		for (size_t k = 0; k < n.n && r->d.n < 1000; k++)
			if (slice_equal_nocase(n.v[k].address, v->final))
				diag = best_diag(&n, &n.v[k]);
		if (!v->status.n || slice_ends_nocase(v->status, ".0.0")) {
			struct slice status;
			int class = slice_peek(v->status);

			if (codes_status(
				diag, class < 0 ? 0 : class, &status)) {
				v->status = status;
				v->derived |= DSN_STATUS;
			}
		}
		if (!v->diag.n && diag.n) {
			v->diag = diag;
			v->derived |= DSN_DIAG;
		}
		if (v->confidence != REASON_BY_RULE)
			give_reason(v, diag.n ? diag : v->diag, own, p->arena);
		if (v->confidence == REASON_GUESS)
			give_reason(
			    v, slice_sub(n.said, 0, 4000), own, p->arena);
	}
}

void
reportbounce_finish(
    struct reportparts *p, struct report *r, const struct rules *own)
{
	struct slice to;

	if (!r->returned.n && p->has_returned) {
		r->returned = returned_header(p, NULL);
		reportparts_returned(r->returned, p->arena, &r->d, &to);
	}
	reportbounce_reasons(r, own, p->arena);
	ask_text(p, r, own);
	add_details(r);
}
