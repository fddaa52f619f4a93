/* Views and cursors (see slice.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/slice.h"

struct slice
slice_sub(struct slice s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return slice_of(s.n ? s.p + from : s.p, to - from);
}

int
slice_get(struct slice *s)
{
	int c = slice_peek(*s);

	if (c >= 0)
		*s = slice_sub(*s, 1, s->n);
	return c;
}

struct slice
slice_take(struct slice *s, size_t n)
{
	struct slice head = slice_sub(*s, 0, n);

	*s = slice_sub(*s, head.n, s->n);
	return head;
}

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
	bool found;
	size_t eol;

	if (!s->n)
		return false;
	*line_r = slice_take_until(s, '\n', &found);
	eol = found ? 1 : 0;
	if (found && line_r->n && line_r->p[line_r->n - 1] == '\r') {
		line_r->n--;
		eol = 2;
	}
	if (eol_r)
		*eol_r = eol;
	return true;
}

struct slice
slice_take_while(struct slice *s, bool (*accept)(int))
{
	size_t n = 0;

	while (n < s->n && accept((unsigned char)s->p[n]))
		n++;
	return slice_take(s, n);
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
	slice_take_while(&s, is_space);
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
slice_equal(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
slice_equal_nocase(struct slice a, struct slice b)
{
	if (a.n != b.n)
		return false;
	if (!a.n)
		return true;
	return ascii_lower((unsigned char)a.p[0]) ==
	           ascii_lower((unsigned char)b.p[0]) &&
	       slice_compare_nocase(a, b) == 0;
}

bool
slice_is(struct slice s, const char *text)
{
	return slice_equal(s, slice_str(text));
}

bool
slice_is_nocase(struct slice s, const char *text)
{
	return slice_equal_nocase(s, slice_str(text));
}

bool
slice_starts(struct slice s, const char *prefix)
{
	return slice_is(slice_sub(s, 0, strlen(prefix)), prefix);
}

bool
slice_starts_nocase(struct slice s, const char *prefix)
{
	return slice_is_nocase(slice_sub(s, 0, strlen(prefix)), prefix);
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
	size_t n = size_min(a.n, b.n);

	for (size_t i = 0; i < n; i++) {
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

size_t
slice_search(struct slice s, struct slice needle)
{
	const char *at;

	if (!needle.n)
		return 0;
	at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return at ? (size_t)(at - s.p) : SIZE_MAX;
}

size_t
slice_search_nocase(struct slice s, struct slice needle)
{
	int first = ascii_lower(slice_peek(needle));

	if (!needle.n)
		return 0;
	for (size_t i = 0; i + needle.n <= s.n; i++)
		if (ascii_lower((unsigned char)s.p[i]) == first &&
		    !slice_compare_nocase(slice_of(s.p + i, needle.n), needle))
			return i;
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
