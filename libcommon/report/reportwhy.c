/* Why a bounce's recipients were not reached (see reportwhy.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/codes.h"
#include "report/details.h"
#include "report/reasons.h"
#include "report/reportwhy.h"

#define DIAG_LOOK 2000 /* octets of a reply that are looked at */
#define HOST_LOOK 400  /* of one for "host ... said:" */
#define SAID_LOOK 4000 /* of the text for people */
#define NAMED_MAX 1000 /* recipients that are looked for in the text */

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

struct slice
reportwhy_diag(const struct notice *n, const struct notice_rcpt *v)
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

/* What was asked last, and the answer: many recipients have the same words. */
struct asked {
	struct slice text, status, host;
	enum reason_action action;
	unsigned reply;

	const struct reason *reason; /* null: nothing was asked yet */
	struct reason_why why;       /* its words are in the arena */
};

static bool
was_asked(
    const struct asked *q, const struct dsn_recipient *v, struct slice text)
{
	return q->reason && slice_equal(q->text, text) &&
	       q->action == v->action && q->reply == v->reply &&
	       slice_equal(q->status, v->status) &&
	       slice_equal(q->host, v->remote_mta);
}

static void
ask(struct asked *q, const struct dsn_recipient *v, struct slice text,
    const struct rules *own, struct arena *a)
{
	struct reason_facts f = { v->action, v->status, v->reply,
		without_host(text), v->remote_mta };

	q->text = text;
	q->status = v->status;
	q->host = v->remote_mta;
	q->action = v->action;
	q->reply = v->reply;
	q->reason = reason_of(&f, own, &q->why);
	q->why.words = slice_trim(q->why.words);
	if (q->why.words.n)
		q->why.words.p = arena_copy(a, q->why.words);
}

static void
give_reason(struct dsn_recipient *v, struct slice text, const struct rules *own,
    struct arena *a, struct asked *q)
{
	if (!was_asked(q, v, text))
		ask(q, v, text, own, a);
	v->reason = q->reason;
	v->rule = q->why.rule;
	v->confidence = q->why.confidence;
	v->row = q->why.row;
	v->own_rule = q->why.own;
	if (q->why.words.n)
		v->words = q->why.words;
}

static void
finish_one(struct dsn_recipient *v, const struct rules *own, struct arena *a,
    struct asked *last)
{
	if (!v->command.n)
		v->command = command_of(v->diag);
	if (!v->remote_mta.n) {
		v->remote_mta = host_of(v->diag);
		if (v->remote_mta.n)
			v->derived |= DSN_RMTA;
	}
	if (!v->reason)
		give_reason(v, v->diag, own, a, last);
}

void
reportwhy_reasons(struct report *r, const struct rules *own, struct arena *a)
{
	NOT_ZEROED struct asked last;

	last.reason = NULL;
	for (size_t i = 0; i < r->d.n; i++)
		finish_one(&r->d.v[i], own, a, &last);
}

/* Where nobody gave one, the status that the reason has (RFC 3463). */
static void
give_status(struct dsn_recipient *v)
{
	bool later = v->reply / 100 == 4 || v->action == REASON_DELAYED;

	if (v->status.n || v->action > REASON_DELAYED ||
	    v->action == REASON_ACTION_NONE)
		return;
	v->derived &= ~(unsigned)DSN_STATUS;
	v->status = reason_status(v->reason, later ? '4' : '5');
	if (v->status.n)
		v->derived |= DSN_STATUS_BY_REASON;
}

/* What else the words tell, once the reason is known. */
static void
add_details(struct report *r)
{
	for (size_t i = 0; i < r->d.n; i++) {
		struct dsn_recipient *v = &r->d.v[i];
		const struct reason *why = v->reason;

		give_status(v);
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

/* A path, a host, a name, or nothing, where an address should be. */
static bool
is_no_address(struct slice s)
{
	return slice_peek(s) == '/' || slice_peek(s) == '@' ||
	       slice_peek(s) == '|' || slice_find(s, '@') == SIZE_MAX;
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
		if (count == 1 && r->d.all == 1)
			to->final = v[0];
		else if (r->d.all == n->n)
			to->final = n->v[r->d.first + i].address;
		else if (slice_find(to->final, ' ') != SIZE_MAX ||
			 slice_find(to->final, '<') != SIZE_MAX)
			to->final = slice_of(NULL, 0);
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
	NOT_ZEROED struct asked last;
	NOT_ZEROED struct asked whole;
	const struct notice *n = NULL;

	last.reason = whole.reason = NULL;
	for (size_t i = 0; i < r->d.n; i++) {
		struct dsn_recipient *v = &r->d.v[i];
		struct slice diag;

		if (v->action > REASON_DELAYED ||
		    (v->confidence == REASON_BY_RULE && v->status.n &&
			!slice_ends_nocase(v->status, ".0.0") &&
			!is_no_address(v->final)))
			continue;
		if (!n) {
			n = reportparts_notice(p);
			mend_addresses(p, r, n);
		}
		diag = n->coded;
		for (size_t k = 0; k < n->n && r->d.all < NAMED_MAX; k++)
			if (slice_equal_nocase(n->v[k].address, v->final))
				diag = reportwhy_diag(n, &n->v[k]);
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
			give_reason(
			    v, diag.n ? diag : v->diag, own, p->arena, &last);
		if (v->confidence == REASON_GUESS)
			give_reason(v, slice_sub(n->said, 0, SAID_LOOK), own,
			    p->arena, &whole);
	}
}

void
reportwhy_recipients(
    struct reportparts *p, struct report *r, const struct rules *own)
{
	reportwhy_reasons(r, own, p->arena);
	ask_text(p, r, own);
	add_details(r);
}

void
reportwhy_finish(
    struct reportparts *p, struct report *r, const struct rules *own)
{
	struct slice to;

	if (!r->returned.n && p->has_returned) {
		r->returned = part_content(&p->returned, p->arena);
		reportparts_returned(r->returned, p->arena, &r->d, &to);
	}
	if (!r->d.all)
		r->d.all = r->d.n;
	reportwhy_recipients(p, r, own);
}
