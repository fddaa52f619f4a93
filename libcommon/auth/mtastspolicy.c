/* MTA-STS: the policy file (RFC 8461 section 3.2).
 *
 *	policy-record = policy-field *WSP *(term policy-field *WSP) [term]
 *	term          = LF / CRLF
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/mtasts.h"

#define EXT_NAME_MAX 32
#define DIGITS_MAX   9999999999u /* 1*10DIGIT */

const char *
mtasts_mode_name(enum mtasts_mode m)
{
	static const char *const names[] = { "unset", "none", "testing",
		"enforce" };

	return names[m];
}

/* What was read so far. */
struct work {
	struct mtasts_policy *p;
	struct slice body;
	bool version, mode, age; /* there, good or bad */
	bool version_good;
	bool bad;
};

static void
fault(struct work *w, enum mtasts_wrong wrong, struct slice at)
{
	struct mtasts_policy *p = w->p;
	size_t from = at.p ? (size_t)(at.p - w->body.p) : 0;

	w->bad |= wrong < MTASTS_WRONG_TWICE;
	if (p->fault_count == MTASTS_FAULTS_MAX)
		return;
	p->fault[p->fault_count++] =
	    (struct mtasts_fault){ wrong, { from, from + at.n } };
}

/* Letters, digits, hyphens; labels of 1..63 octets, at least two. */
static bool
is_host(struct slice s)
{
	size_t label = 0, labels = 1;

	for (size_t i = 0; i < s.n; i++) {
		int c = slice_at(s, i);

		if (c == '.') {
			if (label == 0 || slice_at(s, i - 1) == '-')
				return false;
			label = 0;
			labels++;
			continue;
		}
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) &&
		    (c != '-' || label == 0))
			return false;
		if (++label > 63)
			return false;
	}
	return label > 0 && labels > 1 && s.n <= 253 &&
	       slice_at(s, s.n - 1) != '-';
}

bool
mtasts_pattern_ok(struct slice pattern)
{
	slice_take_prefix(&pattern, "*.");
	return is_host(pattern);
}

bool
mtasts_pattern_match(struct slice pattern, const char *host)
{
	struct slice h = slice_str(host);

	if (slice_take_prefix(&pattern, "*.")) {
		bool dot;

		return slice_take_until(&h, '.', &dot).n > 0 && dot &&
		       slice_equal_nocase(h, pattern);
	}
	return slice_equal_nocase(h, pattern);
}

bool
mtasts_match(const struct mtasts_policy *p, const char *host)
{
	for (size_t i = 0; i < p->mx_count; i++)
		if (mtasts_pattern_match(p->mx[i], host))
			return true;
	return false;
}

/* True the first time: a key but mx counts once. */
static bool
first(struct work *w, bool *seen, struct slice line)
{
	bool again = *seen;

	*seen = true;
	if (again)
		fault(w, MTASTS_WRONG_TWICE, line);
	return !again;
}

static void
read_mode(struct work *w, struct slice value, struct slice line)
{
	for (unsigned m = MTASTS_NONE; m <= MTASTS_ENFORCE; m++)
		if (slice_is(value, mtasts_mode_name(m)))
			w->p->mode = m;
	if (w->p->mode == MTASTS_MODE_UNSET)
		fault(w, MTASTS_WRONG_MODE, line);
}

static void
read_age(struct work *w, struct slice value, struct slice line)
{
	uint64_t n;

	if (slice_number(value, DIGITS_MAX, &n) && n <= MTASTS_AGE_MAX)
		w->p->max_age = (int64_t)n;
	else
		fault(w, MTASTS_WRONG_AGE, line);
}

static void
read_mx(struct work *w, struct slice value, struct slice line)
{
	if (!mtasts_pattern_ok(value))
		fault(w, MTASTS_WRONG_MX, line);
	else if (w->p->mx_count < MTASTS_MX_MAX)
		w->p->mx[w->p->mx_count++] = value;
}

static bool
is_ext_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = slice_at(s, i);

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) &&
		    (i == 0 || !strchr("_-.", c)))
			return false;
	}
	return s.n > 0 && s.n <= EXT_NAME_MAX;
}

static void
read_line(struct work *w, struct slice line)
{
	struct slice value = line, key;
	bool found;

	key = slice_take_until(&value, ':', &found);
	value = slice_trim(value);
	if (!found || !is_ext_name(key)) {
		fault(w, MTASTS_WRONG_LINE, line);
	} else if (slice_is(key, "version")) {
		if (first(w, &w->version, line)) {
			w->version_good = slice_is(value, "STSv1");
			if (!w->version_good)
				fault(w, MTASTS_WRONG_VERSION, line);
		}
	} else if (slice_is(key, "mode")) {
		if (first(w, &w->mode, line))
			read_mode(w, value, line);
	} else if (slice_is(key, "max_age")) {
		if (first(w, &w->age, line))
			read_age(w, value, line);
	} else if (slice_is(key, "mx")) {
		read_mx(w, value, line);
	} else {
		fault(w, value.n ? MTASTS_WRONG_UNKNOWN : MTASTS_WRONG_LINE,
		    line);
	}
}

int
mtasts_policy_read(struct slice body, struct mtasts_policy *p)
{
	struct work w = { .p = p, .body = body };
	struct slice s = body, line, none = { 0 };
	size_t lines = 0;

	*p = (struct mtasts_policy){ .max_age = -1 };
	if (body.n > MTASTS_POLICY_MAX)
		s = slice_sub(body, 0, MTASTS_POLICY_MAX);
	while (lines++ < MTASTS_LINES_MAX && slice_take_line(&s, &line, NULL))
		if (line.n || s.n)
			read_line(&w, line);
	if (!w.version)
		fault(&w, MTASTS_WRONG_VERSION, none);
	if (!w.mode)
		fault(&w, MTASTS_WRONG_MODE, none);
	if (!w.age)
		fault(&w, MTASTS_WRONG_AGE, none);
	if (p->mode > MTASTS_NONE && p->mx_count == 0)
		fault(&w, MTASTS_WRONG_NO_MX, none);
	return w.bad || body.n > MTASTS_POLICY_MAX ? -1 : 0;
}
