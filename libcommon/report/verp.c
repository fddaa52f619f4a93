/* Recipients in the addresses that bounces come to (see verp.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/verp.h"

/* A pattern in its pieces. */
struct pieces {
	struct slice before, between, after;
	bool domain_first;
};

static bool
cut(const char *pattern, struct pieces *p_r)
{
	static const char local[] = "{local}", domain[] = "{domain}";
	struct slice s = slice_str(pattern);
	size_t l = slice_search(s, slice_str(local));
	size_t d = slice_search(s, slice_str(domain));
	size_t first = size_min(l, d), first_end, second, second_end;

	if (l == SIZE_MAX || d == SIZE_MAX || s.n > VERP_PATTERN_MAX)
		return false;
	p_r->domain_first = d < l;
	second = p_r->domain_first ? l : d;
	first_end =
	    first + (p_r->domain_first ? sizeof(domain) : sizeof(local)) - 1;
	second_end =
	    second + (p_r->domain_first ? sizeof(local) : sizeof(domain)) - 1;
	if (second <= first_end)
		return false;
	p_r->before = slice_sub(s, 0, first);
	p_r->between = slice_sub(s, first_end, second);
	p_r->after = slice_sub(s, second_end, s.n);
	return slice_find(p_r->after, '{') == SIZE_MAX &&
	       slice_find(p_r->between, '{') == SIZE_MAX &&
	       slice_find(p_r->before, '{') == SIZE_MAX;
}

int
verp_check(const char *pattern, struct err *e)
{
	struct pieces p;

	if (cut(pattern, &p))
		return 0;
	return err_set(e, ERR_USAGE,
	    "--verp: '%s' is no pattern: write one like "
	    "bounces+{local}={domain}@example.org",
	    pattern);
}

/* Where the pieces part: a domain has none of the usual "=", a local part may,
 * so the one next to the domain. */
static size_t
part(struct slice s, const struct pieces *p)
{
	size_t found = SIZE_MAX;

	for (size_t i = 1; i + p->between.n < s.n; i++) {
		if (!slice_equal_nocase(
			slice_sub(s, i, i + p->between.n), p->between))
			continue;
		found = i;
		if (p->domain_first)
			break;
	}
	return found;
}

static bool
take_ends(struct slice *s, const struct pieces *p)
{
	if (s->n < p->before.n + p->after.n ||
	    !slice_equal_nocase(slice_sub(*s, 0, p->before.n), p->before) ||
	    !slice_equal_nocase(
		slice_sub(*s, s->n - p->after.n, s->n), p->after))
		return false;
	*s = slice_sub(*s, p->before.n, s->n - p->after.n);
	return true;
}

struct slice
verp_match(const char *pattern, struct slice address, struct arena *a)
{
	struct slice first, second, local, domain;
	struct pieces p;
	size_t at;

	if (!cut(pattern, &p) || !take_ends(&address, &p))
		return slice_of(NULL, 0);
	at = part(address, &p);
	if (at == SIZE_MAX)
		return slice_of(NULL, 0);
	first = slice_sub(address, 0, at);
	second = slice_sub(address, at + p.between.n, address.n);
	local = p.domain_first ? second : first;
	domain = p.domain_first ? first : second;
	if (slice_find(domain, '.') == SIZE_MAX ||
	    slice_find(domain, '@') != SIZE_MAX)
		return slice_of(NULL, 0);
	return slice_str(
	    arena_fmt(a, "%.*s@%.*s", SLICE_ARG(local), SLICE_ARG(domain)));
}
