/* Why a message was not delivered (see reason.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "report/reason_rules.h"

/* Every status of a rule is "x.subject.detail": the class is not looked at. */
static bool
status_fits(struct slice status, const char *pattern)
{
	return slice_is(slice_sub(status, 1, status.n), pattern);
}

/* Lower case, runs of blanks and control octets as one SP. */
static struct slice
flatten(struct slice in, char out[REASON_DIAG_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < in.n && n < REASON_DIAG_MAX; i++) {
		int c = ascii_lower((unsigned char)in.p[i]);

		if (c > 32 && c != 127)
			out[n++] = (char)c;
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	return slice_of(out, n);
}

static const struct reason *
by_words(struct slice text, char rule_r[REASON_RULE_MAX])
{
	char flat[REASON_DIAG_MAX];
	struct slice s = flatten(text, flat);

	for (size_t i = 0; i < reason_word_count; i++) {
		const struct reason_words *w = &reason_words[i];

		if (slice_search(s, slice_str(w->words)) == SIZE_MAX)
			continue;
		snprintf(rule_r, REASON_RULE_MAX, "words:%s", w->words);
		return &reasons[w->reason];
	}
	return NULL;
}

static const struct reason *
by_status(struct slice status, char rule_r[REASON_RULE_MAX])
{
	for (size_t i = 0; status.n && i < reason_status_count; i++) {
		const struct reason_status *r = &reason_statuses[i];

		if ((r->class && r->class != status.p[0]) ||
		    !status_fits(status, r->status))
			continue;
		snprintf(
		    rule_r, REASON_RULE_MAX, "status:%.*s", SLICE_ARG(status));
		return &reasons[r->reason];
	}
	return NULL;
}

static const struct reason *
by_reply(unsigned reply, char rule_r[REASON_RULE_MAX])
{
	for (size_t i = 0; i < reason_reply_count; i++) {
		if (reason_replies[i].reply != reply)
			continue;
		snprintf(rule_r, REASON_RULE_MAX, "reply:%u", reply);
		return &reasons[reason_replies[i].reason];
	}
	return NULL;
}

/* What was done needs no cause. */
static const struct reason *
by_action(enum reason_action action, char rule_r[REASON_RULE_MAX])
{
	static const enum reason_id of[] = {
		[REASON_DELIVERED] = REASON_ID_DELIVERED,
		[REASON_RELAYED] = REASON_ID_RELAYED,
		[REASON_EXPANDED] = REASON_ID_EXPANDED,
	};

	if (action < REASON_DELIVERED)
		return NULL;
	snprintf(
	    rule_r, REASON_RULE_MAX, "action:%s", reason_action_name(action));
	return &reasons[of[action]];
}

const struct reason *
reason_of(const struct reason_facts *f, char rule_r[REASON_RULE_MAX])
{
	const struct reason *r = by_action(f->action, rule_r);

	if (!r)
		r = by_words(f->text, rule_r);
	if (!r)
		r = by_status(f->status, rule_r);
	if (!r)
		r = by_reply(f->reply, rule_r);
	if (r)
		return r;
	snprintf(rule_r, REASON_RULE_MAX, "none");
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
		"none" };

	return names[a];
}

const char *
reason_action_name(enum reason_action a)
{
	static const char *const names[] = { "none", "failed", "delayed",
		"delivered", "relayed", "expanded" };

	return names[a];
}

/*	status-code = class "." subject "." detail
 *	class       = "2" / "4" / "5"
 *	subject     = 1*3digit, and detail as well (RFC 3463 section 2) */
static size_t
status_size(struct slice s)
{
	size_t n = 1;

	if (slice_peek(s) != '2' && slice_peek(s) != '4' &&
	    slice_peek(s) != '5')
		return 0;
	for (int k = 0; k < 2; k++) {
		size_t digits = 0;

		if (slice_at(s, n) != '.')
			return 0;
		n++;
		while (ascii_is_digit(slice_at(s, n + digits)))
			digits++;
		if (!digits || digits > 3)
			return 0;
		n += digits;
	}
	return slice_at(s, n) == '.' && ascii_is_digit(slice_at(s, n + 1)) ? 0
	                                                                   : n;
}

/* Nothing of a number, a word or an address (192.0.2.1) is just before. */
static bool
stands_alone(struct slice s, size_t at)
{
	int c = at ? slice_at(s, at - 1) : ' ';

	return !ascii_is_digit(c) && !ascii_is_alpha(c) && c != '.' && c != '@';
}

bool
reason_find_status(struct slice text, int class, struct slice *status_r)
{
	for (size_t i = 0; i < text.n; i++) {
		size_t n;

		if (!ascii_is_digit(text.p[i]) || !stands_alone(text, i) ||
		    (class && text.p[i] != class))
			continue;
		n = status_size(slice_sub(text, i, text.n));
		if (!n)
			continue;
		*status_r = slice_sub(text, i, i + n);
		return true;
	}
	return false;
}

/* Reply-code = %x32-35 %x30-35 %x30-39 (RFC 5321 section 4.2); of the failures
 * only. */
unsigned
reason_find_reply(struct slice text)
{
	for (size_t i = 0; i + 3 <= text.n; i++) {
		struct slice code = slice_sub(text, i, i + 3);
		int after = slice_at(text, i + 3);
		uint64_t v;

		if ((code.p[0] != '4' && code.p[0] != '5') ||
		    !stands_alone(text, i) || ascii_is_digit(after) ||
		    ascii_is_alpha(after) || after == '.')
			continue;
		if (slice_number(code, 559, &v))
			return (unsigned)v;
	}
	return 0;
}
