/* Views and cursors (see slice.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/eight.h"
#include "base/octets.h"
#include "base/slice.h"

#define SLICE_NEEDLE_MAX 256 /* longer ones are searched for by memmem() */

struct slice
slice_take_until(struct slice *s, int c, bool *found_r)
{
	size_t at = slice_find(*s, c);
	bool found = at != SIZE_MAX;
	struct slice head = slice_take(s, at);

	if (found)
		slice_take(s, 1);
	if (found_r)
		*found_r = found;
	return head;
}

bool
slice_take_line(struct slice *s, struct slice *line_r, size_t *eol_r)
{
	const char *at;
	size_t n, eol = 1;

	if (!s->n)
		return false;
	at = memchr(s->p, '\n', s->n);
	n = at ? (size_t)(at - s->p) : s->n;
	*line_r = slice_of(s->p, n);
	if (at && n && at[-1] == '\r') {
		line_r->n--;
		eol = 2;
	}
	if (eol_r)
		*eol_r = at ? eol : 0;
	*s = slice_of(s->p + n + (at ? 1 : 0), s->n - n - (at ? 1 : 0));
	return true;
}

bool
slice_take_prefix(struct slice *s, const char *prefix)
{
	if (!slice_starts(*s, prefix))
		return false;
	slice_take(s, strlen(prefix));
	return true;
}

bool
slice_take_prefix_nocase(struct slice *s, const char *prefix)
{
	if (!slice_starts_nocase(*s, prefix))
		return false;
	slice_take(s, strlen(prefix));
	return true;
}

bool
slice_take_number(struct slice *s, uint64_t max, uint64_t *r)
{
	uint64_t v = 0;
	size_t n = 0;

	for (; ascii_is_digit(slice_at(*s, n)); n++) {
		unsigned digit = (unsigned)(s->p[n] - '0');

		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, digit, &v) || v > max)
			return false;
	}
	if (!n)
		return false;
	slice_take(s, n);
	*r = v;
	return true;
}

bool
slice_number(struct slice s, uint64_t max, uint64_t *r)
{
	uint64_t v;

	if (!slice_take_number(&s, max, &v) || s.n)
		return false;
	*r = v;
	return true;
}

static bool
is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice
slice_trim_start(struct slice s)
{
	while (s.n && is_space((unsigned char)s.p[0])) {
		s.p++;
		s.n--;
	}
	return s;
}

struct slice
slice_trim_end(struct slice s)
{
	while (s.n && is_space((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

struct slice
slice_trim(struct slice s)
{
	return slice_trim_end(slice_trim_start(s));
}

bool
slice_ends_nocase(struct slice s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && slice_is_nocase(slice_sub(s, s.n - n, s.n), suffix);
}

static int
by_length(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

int
slice_compare(struct slice a, struct slice b)
{
	size_t n = size_min(a.n, b.n);
	int r = n ? memcmp(a.p, b.p, n) : 0;

	return r ? r : by_length(a.n, b.n);
}

int
slice_compare_nocase(struct slice a, struct slice b)
{
	size_t n = size_min(a.n, b.n), i = 0;

	while (i + EIGHT_OCTETS <= n && eight_small(eight_load(a.p + i, n)) ==
					    eight_small(eight_load(b.p + i, n)))
		i += EIGHT_OCTETS;
	for (; i < n; i++) {
		int d = ascii_lower((unsigned char)a.p[i]) -
		        ascii_lower((unsigned char)b.p[i]);

		if (d)
			return d;
	}
	return by_length(a.n, b.n);
}

size_t
slice_find(struct slice s, int c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t
slice_find_last(struct slice s, int c)
{
	const char *at = s.n ? memrchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

/* What is looked for: the first octet of a needle and the last that is no
 * blank, of which there are too many, and the bit that makes a letter small;
 * each as often as it fits. */
struct ends {
	octets first, last, first_bit, last_bit;
	size_t gap; /* between the two */
};

static struct ends
ends_of(struct slice needle, bool nocase)
{
	size_t gap = needle.n - 1;
	int first = slice_peek(needle), last, first_bit, last_bit;

	while (gap && needle.p[gap] == ' ')
		gap--;
	last = slice_at(needle, gap);
	first_bit = nocase && ascii_is_alpha(first) ? 0x20 : 0;
	last_bit = nocase && ascii_is_alpha(last) ? 0x20 : 0;
	return (struct ends){ octets_fill(first | first_bit),
		octets_fill(last | last_bit), octets_fill(first_bit),
		octets_fill(last_bit), gap };
}

/* Which of the octets at p both ends stand at. */
static octets
places(const char *p, const struct ends *e)
{
	return (octets)(((octets_load(p) | e->first_bit) == e->first) &
			((octets_load(p + e->gap) | e->last_bit) == e->last));
}

static bool
is_place(const char *p, const struct ends *e)
{
	return octets_any(places(p, e));
}

/* The same of four times as many. */
static bool
is_near(const char *p, const struct ends *e)
{
	return octets_any(places(p, e) | places(p + OCTETS, e) |
			  places(p + 2 * OCTETS, e) |
			  places(p + 3 * OCTETS, e));
}

static bool
is_end(int c, octets bit, octets want)
{
	return (c | bit[0]) == want[0];
}

/* The offset, from at on, of the next place where both ends stand; when there
 * is none, one from which the needle would not fit. */
static size_t
next_place(struct slice s, size_t at, const struct ends *e)
{
	size_t end = s.n - e->gap; /* of the places */

	while (at + 4 * OCTETS <= end && !is_near(s.p + at, e))
		at += 4 * OCTETS;
	while (at + OCTETS <= end && !is_place(s.p + at, e))
		at += OCTETS;
	if (at < end && at + OCTETS > end && end >= OCTETS &&
	    !is_place(s.p + end - OCTETS, e))
		return end;
	while (at < end &&
	       (!is_end(slice_at(s, at), e->first_bit, e->first) ||
		   !is_end(slice_at(s, at + e->gap), e->last_bit, e->last)))
		at++;
	return at;
}

static size_t
search(struct slice s, struct slice needle, bool nocase)
{
	struct ends e;

	if (!needle.n)
		return 0;
	if (needle.n > s.n)
		return SIZE_MAX;
	e = ends_of(needle, nocase);
	s = slice_sub(s, 0, s.n - needle.n + 1 + e.gap);
	for (size_t at = 0; (at = next_place(s, at, &e)) + e.gap < s.n; at++) {
		struct slice here = slice_of(s.p + at, needle.n);

		if (nocase ? !slice_compare_nocase(here, needle)
			   : !memcmp(here.p, needle.p, needle.n))
			return at;
	}
	return SIZE_MAX;
}

size_t
slice_search(struct slice s, struct slice needle)
{
	const char *at;

	if (needle.n <= SLICE_NEEDLE_MAX)
		return search(s, needle, false);
	at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t
slice_search_nocase(struct slice s, struct slice needle)
{
	return search(s, needle, true);
}

/* What is looked for by slice_find_pair(). */
struct pair {
	octets c, a, b;
};

static octets
pairs(const char *p, const struct pair *w)
{
	octets next = octets_load(p + 1);

	return (octets)((octets_load(p) == w->c) &
			((next == w->a) | (next == w->b)));
}

size_t
slice_find_pair(struct slice s, int c, int a, int b)
{
	const struct pair w = { octets_fill(c), octets_fill(a),
		octets_fill(b) };
	size_t at = 0;

	while (at + 4 * OCTETS < s.n &&
	       !octets_any(pairs(s.p + at, &w) | pairs(s.p + at + OCTETS, &w) |
			   pairs(s.p + at + 2 * OCTETS, &w) |
			   pairs(s.p + at + 3 * OCTETS, &w)))
		at += 4 * OCTETS;
	while (at + OCTETS < s.n && !octets_any(pairs(s.p + at, &w)))
		at += OCTETS;
	for (; at + 1 < s.n; at++)
		if (slice_at(s, at) == c &&
		    (slice_at(s, at + 1) == a || slice_at(s, at + 1) == b))
			return at;
	return SIZE_MAX;
}

/* UTF8-tail in RFC 3629, section 4. */
static bool
is_utf8_tail(int c)
{
	return c >= 0x80 && c <= 0xbf;
}

size_t
slice_peek_utf8(struct slice s, uint32_t *r)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int c = slice_peek(s);
	size_t n = c < 0x80   ? 1
	           : c < 0xc2 ? 0
	           : c < 0xe0 ? 2
	           : c < 0xf0 ? 3
	                      : 4;
	uint32_t v;

	if (c < 0 || c > 0xf4 || !n)
		return 0;
	v = n == 1 ? (uint32_t)c : (uint32_t)c & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (!is_utf8_tail(slice_at(s, i)))
			return 0;
		v = v << 6 | ((uint32_t)slice_at(s, i) & 0x3f);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*r = v;
	return n;
}

bool
slice_unhex(struct slice hex, unsigned char *out, size_t n)
{
	if (hex.n / 2 != n || hex.n % 2)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = ascii_hex(slice_at(hex, 2 * i));
		int low = ascii_hex(slice_at(hex, 2 * i + 1));

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
