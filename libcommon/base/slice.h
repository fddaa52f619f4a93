/* A read-only view of bytes, and the cursor over them. Nothing from outside is
 * read in any other way: every function stops at the end by itself.
 *
 * A slice borrows; it owns nothing and need not end in NUL. Functions that
 * take a struct slice * move its start forward.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <string.h>

#include "base/def.h"

struct slice {
	const char *p; /* may be null when n is 0 */
	size_t n;      /* octets */
};

/* "%.*s" takes SLICE_ARG(s): the precision, at most 2^31 - 1, and the start. It
 * looks at s more than once: nothing that moves a cursor may stand there. */
#define SLICE_ARG(s)                                                           \
	(int)((s).n > INT32_MAX ? INT32_MAX : (s).n), (s).p ? (s).p : ""

/* A string literal as a slice, usable in static tables. */
#define SLICE_LIT(text)                                                        \
	{                                                                      \
		(text), sizeof("" text "") - 1                                 \
	}

static inline struct slice
slice_of(const void *p, size_t n)
{
	return (struct slice){ p, n };
}

/* The string without its NUL; null is the empty slice. */
static inline struct slice
slice_str(const char *s)
{
	return (struct slice){ s, s ? strlen(s) : 0 };
}

/* Octets from..to-1, both cut to what is there. */
static inline struct slice
slice_sub(struct slice s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return slice_of(s.n ? s.p + from : s.p, to - from);
}

/* Next octet as 0..255 without taking it, -1 at the end. */
static inline int
slice_peek(struct slice s)
{
	return s.n ? (unsigned char)s.p[0] : -1;
}

/* Octet i as 0..255, -1 beyond the end. */
static inline int
slice_at(struct slice s, size_t i)
{
	return i < s.n ? (unsigned char)s.p[i] : -1;
}

/* Takes one octet; -1 at the end. */
static inline int
slice_get(struct slice *s)
{
	if (!s->n)
		return -1;
	s->n--;
	return (unsigned char)*s->p++;
}

/* Takes up to n octets. */
static inline struct slice
slice_take(struct slice *s, size_t n)
{
	struct slice head = slice_sub(*s, 0, n);

	*s = slice_sub(*s, head.n, s->n);
	return head;
}

/* Takes what comes before octet c, and c itself where it is there; *found_r
 * (may be null) tells which. */
struct slice slice_take_until(struct slice *s, int c, bool *found_r);

/* Takes one line without its CRLF or LF; false at the end. *eol_r (may be
 * null) gets the number of octets of the line end: 2, 1, or 0 at the end. */
bool slice_take_line(struct slice *s, struct slice *line_r, size_t *eol_r);

/* Takes the longest run of octets for which accept(octet) holds. Here, so that
 * it can become part of the loop. */
static inline struct slice
slice_take_while(struct slice *s, bool (*accept)(int))
{
	size_t n = 0;

	while (n < s->n && accept((unsigned char)s->p[n]))
		n++;
	return slice_take(s, n);
}

/* Takes prefix if s starts with it; the second ignores ASCII case. */
bool slice_take_prefix(struct slice *s, const char *prefix);
bool slice_take_prefix_nocase(struct slice *s, const char *prefix);

/* Takes decimal digits, at least one, value at most max; false and nothing
 * taken otherwise. */
bool slice_take_number(struct slice *s, uint64_t max, uint64_t *r);

/* The whole slice is a decimal number of at most max. */
bool slice_number(struct slice s, uint64_t max, uint64_t *r);

/* Without SP, HTAB, CR and LF at both ends; at the start; at the end. */
struct slice slice_trim(struct slice s);
struct slice slice_trim_start(struct slice s);
struct slice slice_trim_end(struct slice s);

/* <0, 0, >0 as memcmp() then length; the second with ASCII case folded. */
int slice_compare(struct slice a, struct slice b);
int slice_compare_nocase(struct slice a, struct slice b);

/* The second ignores the case of ASCII letters. */
static inline bool
slice_equal(struct slice a, struct slice b)
{
	return a.n == b.n && (!a.n || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
slice_equal_nocase(struct slice a, struct slice b)
{
	/* most differ in the bits that letters of both cases share */
	return a.n == b.n && (!a.n || (!((a.p[0] ^ b.p[0]) & ~0x20) &&
					  slice_compare_nocase(a, b) == 0));
}

/* Whether s is a string, starts with one, or ends in one. */
static inline bool
slice_is(struct slice s, const char *text)
{
	return slice_equal(s, slice_str(text));
}

static inline bool
slice_is_nocase(struct slice s, const char *text)
{
	return slice_equal_nocase(s, slice_str(text));
}

static inline bool
slice_starts(struct slice s, const char *prefix)
{
	return slice_is(slice_sub(s, 0, strlen(prefix)), prefix);
}

static inline bool
slice_starts_nocase(struct slice s, const char *prefix)
{
	return slice_is_nocase(slice_sub(s, 0, strlen(prefix)), prefix);
}

bool slice_ends_nocase(struct slice s, const char *suffix);

/* Offset of the first octet c, of the first occurrence of needle (ASCII case
 * ignored by the last); SIZE_MAX when there is none. */
size_t slice_find(struct slice s, int c);
size_t slice_find_last(struct slice s, int c);
size_t slice_search(struct slice s, struct slice needle);
size_t slice_search_nocase(struct slice s, struct slice needle);

/* Offset of the first octet c that a or b follows; SIZE_MAX likewise. */
size_t slice_find_pair(struct slice s, int c, int a, int b);

/* Octets of the well-formed UTF-8 character (RFC 3629) at the start, 1..4, its
 * code point in *r; 0 at the end or when there is none. */
size_t slice_peek_utf8(struct slice s, uint32_t *r);

/* ASCII, whatever the locale. */
static inline int
ascii_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static inline bool
ascii_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
ascii_is_blank(int c)
{
	return c == ' ' || c == '\t';
}

static inline bool
ascii_is_control(int c)
{
	return (c >= 0 && c < 32) || c == 127;
}

/* 0..15, -1 when c is no hexadecimal digit. */
static inline int
ascii_hex(int c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly n octets written in hexadecimal; false, and out is spoilt, when it is
 * anything else. */
bool slice_unhex(struct slice hex, unsigned char *out, size_t n);

#endif
