/* Unit tests of auth/canon: the examples of RFC 6376 section 3.4.5 and the
 * corners that verifiers disagree on.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "auth/canon.h"

#include "tap.h"

static void
test_field(void)
{
	static const struct {
		const char *name, *in, *simple, *relaxed;
	} rows[] = {
		{ "3.4.5 A", "A: X\r\n", "A: X\r\n", "a:X\r\n" },
		{ "3.4.5 B", "B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n",
		    "b:Y Z\r\n" },
		{ "LF ends", "B : Y\t\n\tZ  \n", "B : Y\t\r\n\tZ  \r\n",
		    "b:Y Z\r\n" },
		{ "no end", "Subject:x", "Subject:x\r\n", "subject:x\r\n" },
		{ "empty value", "Subject: \t \r\n", "Subject: \t \r\n",
		    "subject:\r\n" },
		{ "bare CR is data", "S: a\r b\r\n", "S: a\r b\r\n",
		    "s:a\r b\r\n" },
		{ "UTF-8", "S: \xc3\x84  b\r\n", "S: \xc3\x84  b\r\n",
		    "s:\xc3\x84 b\r\n" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice in = slice_str(rows[i].in);

		canon_field(CANON_SIMPLE, in, &b);
		is_slice(
		    buf_view(&b), rows[i].simple, "%s, simple", rows[i].name);
		buf_reset(&b);
		canon_field(CANON_RELAXED, in, &b);
		is_slice(
		    buf_view(&b), rows[i].relaxed, "%s, relaxed", rows[i].name);
		buf_reset(&b);
	}
	buf_free(&b);
}

static void
keep(void *to, const char *p, size_t n)
{
	buf_add(to, p, n);
}

/* The canonical form of text, given in pieces of whole lines. */
static const char *
body(enum canon_mode mode, const char *text, bool pieces, struct buf *b)
{
	struct canon_body c = { .mode = mode, .put = keep, .to = b };
	struct slice in = slice_str(text);

	buf_reset(b);
	while (pieces && in.n) {
		size_t line = slice_find(in, '\n');

		canon_body_add(
		    &c, slice_take(&in, line == SIZE_MAX ? in.n : line + 1));
	}
	if (!pieces)
		canon_body_add(&c, in);
	canon_body_end(&c);
	return buf_str(b);
}

static void
test_body(void)
{
	static const struct {
		const char *name, *in, *simple, *relaxed;
	} rows[] = {
		{ "3.4.5", " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n",
		    " C\r\nD E\r\n" },
		{ "empty", "", "\r\n", "" },
		{ "only empty lines", "\r\n\r\n", "\r\n", "" },
		{ "only blanks", " \t\r\n \r\n", " \t\r\n \r\n", "" },
		{ "no CRLF at the end", "a", "a\r\n", "a\r\n" },
		{ "blank at the open end", "a\r\n ", "a\r\n \r\n", "a\r\n" },
		{ "LF", "a\n\nb \n\n", "a\r\n\r\nb \r\n", "a\r\n\r\nb\r\n" },
		{ "mixed", "a\r\n\nb\n\r\nc\r\n\n", "a\r\n\r\nb\r\n\r\nc\r\n",
		    "a\r\n\r\nb\r\n\r\nc\r\n" },
		{ "blank line between", "a\r\n \t \r\nb\r\n",
		    "a\r\n \t \r\nb\r\n", "a\r\n\r\nb\r\n" },
		{ "bare CR is data", "a\rb\r\n\r\r\n", "a\rb\r\n\r\r\n",
		    "a\rb\r\n\r\r\n" },
		{ "leading blanks", "  a  b\r\n", "  a  b\r\n", " a b\r\n" },
		{ "many empty between", "a\r\n\r\n\r\n\r\nb\r\n",
		    "a\r\n\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\n\r\nb\r\n" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (int pieces = 0; pieces < 2; pieces++) {
			is_str(body(CANON_SIMPLE, rows[i].in, pieces, &b),
			    rows[i].simple, "%s, simple", rows[i].name);
			is_str(body(CANON_RELAXED, rows[i].in, pieces, &b),
			    rows[i].relaxed, "%s, relaxed", rows[i].name);
		}
	buf_free(&b);
}

static void
test_hash(void)
{
	/* bh= of RFC 6376 3.4.3 and 3.4.4 for empty bodies, SHA-256 */
	struct canon_hash h[4] = {
		{ CANON_SIMPLE, DIGEST_SHA256, CANON_ALL, 0, { 0 }, { 0 } },
		{ CANON_RELAXED, DIGEST_SHA256, CANON_ALL, 0, { 0 }, { 0 } },
		{ CANON_RELAXED, DIGEST_SHA256, 2, 0, { 0 }, { 0 } },
		{ CANON_SIMPLE, DIGEST_SHA1, 0, 0, { 0 }, { 0 } },
	};
	char hex[DIGEST_HEX_MAX];

	ok(canon_hash_body(NULL, slice_str(""), h, 2, NULL) == 0, "empty body");
	digest_hex(h[0].sum, 4, hex);
	is_str(hex, "7eb70257", "simple: CRLF");
	digest_hex(h[1].sum, 4, hex);
	is_str(hex, "e3b0c442", "relaxed: nothing");
	ok(canon_hash_body(NULL, slice_str("ab  c\r\n\r\n"), h, 4, NULL) == 0,
	    "four hashes at once");
	is_int((int64_t)h[0].size, 7, "simple size");
	is_int((int64_t)h[1].size, 6, "relaxed size");
	is_int((int64_t)h[2].size, 6, "size does not stop at the limit");
	digest_hex(h[2].sum, 4, hex);
	is_str(hex, "fb8e20fc", "sha256(ab)");
	digest_hex(h[3].sum, 4, hex);
	is_str(hex, "da39a3ee", "sha1 of nothing, l=0");
}

/* A body of several strides hashes as one of the same octets in one piece. */
static void
test_strides(void)
{
	struct canon_hash h = { .mode = CANON_RELAXED, .limit = CANON_ALL };
	struct buf in, out;
	unsigned char sum[DIGEST_MAX];

	buf_init(&in, 8 * IO_STRIDE);
	buf_init(&out, 8 * IO_STRIDE);
	for (unsigned i = 0; in.n < 3 * IO_STRIDE; i++)
		buf_fmt(&in, "line %u  x \t%s%s", i, i % 7 ? "\r\n" : "\n",
		    i % 5 ? "" : "\r\n\r\n");
	body(CANON_RELAXED, buf_str(&in), true, &out);
	digest_of(DIGEST_SHA256, buf_view(&out), sum, NULL);
	ok(canon_hash_body(NULL, buf_view(&in), &h, 1, NULL) == 0, "hash");
	is_int((int64_t)h.size, (int64_t)out.n, "size");
	ok(memcmp(h.sum, sum, 32) == 0, "strides do not show");
	buf_free(&in);
	buf_free(&out);
}

int
main(void)
{
	test_field();
	test_body();
	test_hash();
	test_strides();
	return tap_done();
}
