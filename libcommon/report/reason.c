/* Why a message was not delivered (see reason.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/reasons.h"

/* What was done needs no cause. */
static const struct reason *
by_action(enum reason_action action, struct reason_why *why)
{
	static const enum reason_id of[] = {
		[REASON_DELIVERED] = REASON_ID_DELIVERED,
		[REASON_RELAYED] = REASON_ID_RELAYED,
		[REASON_EXPANDED] = REASON_ID_EXPANDED,
	};

	if (action < REASON_DELIVERED)
		return NULL;
	why->rule = reason_action_name(action);
	why->confidence = REASON_BY_ACTION;
	return &reasons[of[action]];
}

static const struct reason *
by_rules(
    const struct rules *r, const struct rules_facts *f, struct reason_why *why)
{
	size_t end, row = rules_decide(r, f, -1, &end);

	if (row == SIZE_MAX)
		return NULL;
	why->row = row;
	why->rule = r->rows[row].id;
	why->confidence = end ? REASON_BY_RULE : REASON_BY_CODE;
	why->words = slice_sub(f->text, end > 60 ? end - 60 : 0, end);
	return &reasons[r->rows[row].what];
}

const struct reason *
reason_of(const struct reason_facts *f, const struct rules *own,
    struct reason_why *why_r)
{
	struct rules_facts facts = {
		.status = f->status, .host = f->host, .reply = f->reply
	};
	const struct reason *r = by_action(f->action, why_r);

	why_r->own = false;
	why_r->row = SIZE_MAX;
	why_r->words = slice_of(NULL, 0);
	if (r)
		return r;
	if (f->text.n)
		facts.text = rules_flatten(f->text, why_r->flat);
	if (own && (r = by_rules(own, &facts, why_r))) {
		why_r->own = true;
		return r;
	}
	r = by_rules(&reason_rules, &facts, why_r);
	if (r)
		return r;
	why_r->rule = "none";
	why_r->confidence = REASON_GUESS;
	return &reasons[f->action == REASON_DELAYED ? REASON_ID_DELAYED
						    : REASON_ID_UNKNOWN];
}

const char *
reason_class_name(enum reason_class c)
{
	static const char *const names[] = { "hard", "soft", "block", "message",
		"info", "unknown" };

	return names[c];
}

const char *
reason_scope_name(enum reason_scope s)
{
	static const char *const names[] = { "recipient", "domain", "sender-ip",
		"sender-domain", "message", "system", "none" };

	return names[s];
}

const char *
reason_act_name(enum reason_act a)
{
	static const char *const names[] = { "suppress", "count", "hold", "fix",
		"release", "none" };

	return names[a];
}

const char *
reason_action_name(enum reason_action a)
{
	static const char *const names[] = { "none", "failed", "delayed",
		"delivered", "relayed", "expanded" };

	return names[a];
}
