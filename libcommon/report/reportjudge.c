/* Whether a text is a bounce (see reportjudge.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/format.h"
#include "report/reason.h"
#include "report/reportjudge.h"

#define LOCAL_PART_MAX 64 /* octets of one that are looked at */

/* Local parts of programs and those who run them; all others are people's. */
static bool
is_role(struct slice local)
{
	static const char *const words[] = { "admin", "mail", "daemon",
		"master", "system", "server", "service", "root", "reply",
		"bounce", "error", "deliver", "notif", "gateway", "robot",
		"return", "dsn", "ndr", "mta", "smtp", "exchange", "security",
		"quarantine", "filter", "spam", "virus", "abuse", "owner-",
		"list", "majordomo", "mms", "sms", "fax", "auto", "queue",
		"report", "agent", "router", "relay" };

	local = slice_sub(local, 0, LOCAL_PART_MAX);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (slice_search_nocase(local, slice_str(words[i])) != SIZE_MAX)
			return true;
	return false;
}

/* Somebody's address in From, and a path back to it. */
static bool
is_person(const struct reportparts *p)
{
	struct slice v[1] = { { NULL, 0 } };

	if (p->from_empty_path ||
	    !reportparts_addresses(p->from, p->arena, v, 1))
		return false;
	return !is_role(slice_take_until(&v[0], '@', NULL));
}

/* Words of a reply that a rule knows, about whom it went to. */
static bool
knows_reason(struct slice said)
{
	NOT_ZEROED struct reason_why why;
	struct reason_facts f = { .text = said };
	const struct reason *r = reason_of(&f, NULL, &why);

	return why.confidence == REASON_BY_RULE &&
	       (r->scope == REASON_OF_RECIPIENT ||
		   r->scope == REASON_OF_DOMAIN || r->class == REASON_BLOCK);
}

static bool
has_sign(unsigned signs, enum format_sign s)
{
	return signs & (1u << s);
}

/* By one who writes bounces: it names somebody, or gives something back, and
 * says why. */
static bool
tells_of_failure(const struct reportparts *p, const struct notice *n)
{
	bool about = n->n || n->returned.n || p->has_returned;

	if (has_sign(n->signs, FORMAT_SAID))
		return about || n->lone.n || n->coded.n;
	return about && (n->coded.n || knows_reason(n->said));
}

/* Nobody is to answer it: replies of programs come so, too. */
static bool
tells_surely(const struct reportparts *p, const struct notice *n)
{
	bool returned = n->returned.n || p->has_returned;

	if (!has_sign(n->signs, FORMAT_SAID))
		return false;
	return (n->n && n->v[0].weight >= NOTICE_CALLED) || n->coded.n ||
	       (returned && knows_reason(n->said));
}

bool
reportjudge_is_bounce(const struct reportparts *p, const struct notice *n)
{
	bool writer = has_sign(p->from_signs, FORMAT_FROM) || p->in_report;
	bool subject =
	    has_sign(p->subject_signs, FORMAT_SUBJECT) && !p->subject_reply;
	bool named = n->n && n->v[0].weight >= NOTICE_CALLED;

	if (p->subject_forward)
		return false;
	if (header_get(&p->top.header, "X-Failed-Recipients"))
		return !n->quoted || !is_person(p);
	if (n->quoted && !writer && !p->from_empty_path)
		return false;
	if (has_sign(n->signs, FORMAT_OWNER) && !n->n && !n->returned.n &&
	    !p->has_returned)
		return false;
	if ((writer || p->from_empty_path) && subject && n->said.n)
		return true;
	if (writer)
		return tells_of_failure(p, n);
	if (p->from_empty_path || has_sign(p->from_signs, FORMAT_SENDER))
		return tells_surely(p, n);
	return subject && has_sign(n->signs, FORMAT_SAID) && named &&
	       !is_person(p);
}

static bool
find(struct notice *n, struct slice to)
{
	for (size_t i = 0; to.n && i < n->n; i++)
		if (slice_equal_nocase(n->v[i].address, to)) {
			n->v[0] = n->v[i];
			n->n = 1;
			return true;
		}
	return false;
}

void
reportjudge_choose(struct notice *n, struct slice to)
{
	enum notice_weight best = NOTICE_NONE;
	size_t line = SIZE_MAX, kept = 0;

	for (size_t i = 0; i < n->n; i++)
		if (n->v[i].weight > best) {
			best = n->v[i].weight;
			line = n->v[i].line;
		}
	if (best >= NOTICE_CALLED || find(n, to))
		return;
	for (size_t i = 0; i < n->n; i++)
		if (n->v[i].weight == best && n->v[i].line == line)
			n->v[kept++] = n->v[i];
	n->n = kept;
}
