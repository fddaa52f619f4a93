/* What a reason does to the list (see suppress.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/suppress.h"

/*	reason count window keep */
const char suppress_policy_default[] = "complaint 1 - always\n"
				       "opt-out 1 - always\n"
				       "fraud 1 - always\n"
				       "not-spam release - -\n"
				       "delivered release - -\n"
				       "mailbox-disabled 2 30d 180d\n"
				       "mailbox-dormant 2 30d 180d\n"
				       "domain-unknown 2 14d 90d\n"
				       "recipient-refused 1 - 365d\n"
				       "smtputf8-unsupported 0 - -\n"
				       "class:hard 1 - always\n"
				       "mailbox-full 5 30d 30d\n"
				       "greylisted 0 - -\n"
				       "recipient-rate 0 - -\n"
				       "tls-failed 0 - -\n"
				       "list-expansion 0 - -\n"
				       "system-full 0 - -\n"
				       "system-down 0 - -\n"
				       "system-error 0 - -\n"
				       "protocol 0 - -\n"
				       "delivery-agent 0 - -\n"
				       "too-many-recipients 0 - -\n"
				       "class:soft 5 14d 30d\n"
				       "* 0 - -\n";

/* "14d", "12h", "always"; "-" is 0. */
static bool
read_span(struct slice s, int64_t *r)
{
	uint64_t n;
	int unit;

	if (slice_is(s, "-")) {
		*r = 0;
		return true;
	}
	if (slice_is(s, "always")) {
		*r = SUPPRESS_ALWAYS;
		return true;
	}
	if (!slice_take_number(&s, 100000, &n) || s.n != 1)
		return false;
	unit = slice_get(&s);
	*r = (int64_t)n * (unit == 'd' ? 86400 : unit == 'h' ? 3600 : 0);
	return unit == 'd' || unit == 'h';
}

static struct slice
take_word(struct slice *line)
{
	*line = slice_trim_start(*line);
	for (size_t i = 0; i < line->n; i++)
		if (ascii_is_blank(line->p[i]))
			return slice_take(line, i);
	return slice_take(line, line->n);
}

static bool
read_row(struct slice line, struct suppress_rule *r)
{
	struct slice count;

	memset(r, 0, sizeof(*r));
	r->reason = take_word(&line);
	count = take_word(&line);
	r->release = slice_is(count, "release");
	if (!r->release && !slice_number(count, SUPPRESS_SEEN_MAX, &r->count))
		return false;
	return read_span(take_word(&line), &r->window) &&
	       read_span(take_word(&line), &r->keep) && !slice_trim(line).n;
}

int
suppress_policy_read(
    struct slice text, struct suppress_policy *p, struct err *e)
{
	struct slice line;

	for (unsigned n = 1; slice_take_line(&text, &line, NULL); n++) {
		line = slice_trim(line);
		if (!line.n || slice_peek(line) == '#')
			continue;
		if (p->n == SUPPRESS_POLICY_MAX)
			return err_set(
			    e, ERR_CONFIG, "a policy of too many rows");
		if (!read_row(line, &p->v[p->n++]))
			return err_set(e, ERR_CONFIG,
			    "policy, line %u, '%.*s': it wants reason, count "
			    "(0..16) or release, window, keep",
			    n, SLICE_ARG(slice_sub(line, 0, 80)));
	}
	return 0;
}

const struct suppress_rule *
suppress_policy_of(
    const struct suppress_policy *p, struct slice reason, struct slice class)
{
	for (size_t i = 0; i < p->n; i++) {
		struct slice want = p->v[i].reason;

		if (slice_is(want, "*") || slice_equal(want, reason) ||
		    (slice_take_prefix(&want, "class:") &&
			slice_equal(want, class)))
			return &p->v[i];
	}
	return NULL;
}
