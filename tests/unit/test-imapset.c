/* Unit tests of proto/imapset and proto/imapname.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <time.h>

#include "proto/imapname.h"
#include "proto/imapset.h"

#include "tap.h"

static const char *
text_of(const struct imapset *s, struct buf *out)
{
	size_t at = 0;

	buf_reset(out);
	while (imapset_write(s, &at, SIZE_MAX / 2, out))
		;
	return buf_str(out);
}

static void
test_read(void)
{
	static const struct {
		const char *in;
		int ret;
		const char *want;
		uint64_t count;
	} rows[] = {
		{ "1", 0, "1", 1 },
		{ "1,2,3", 0, "1:3", 3 },
		{ "3,1,2", 0, "1:3", 3 },
		{ "5:2", 0, "2:5", 4 },
		{ "1:4,7,9:10", 0, "1:4,7,9:10", 7 },
		{ "9:10,7,1:4", 0, "1:4,7,9:10", 7 },
		{ "1,3,5,2,4", 0, "1:5", 5 },
		{ "10:20,30:40,5:35", 0, "5:40", 36 },
		{ "2,4294967295", 0, "2,4294967295", 2 },
		{ "1:4294967295", 0, "1:4294967295", UINT32_MAX },
		{ "4294967295,1:4294967294", 0, "1:4294967295", UINT32_MAX },
		{ "0", -1, "", 0 },
		{ "4294967296", -1, "", 0 },
		{ "1:*", -1, "", 0 },
		{ "1,", -1, "1", 1 },
		{ "1:", -1, "", 0 },
		{ ",1", -1, "", 0 },
		{ "", -1, "", 0 },
		{ "1 2", -1, "1", 1 },
	};
	struct buf out;

	buf_init(&out, 4096);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct imapset s = { 0 };
		struct err e;

		is_int(imapset_read(&s, slice_str(rows[i].in), &e), rows[i].ret,
		    "read '%s'", rows[i].in);
		is_str(text_of(&s, &out), rows[i].want, "as a set");
		is_int((int64_t)imapset_count(&s), (int64_t)rows[i].count,
		    "its count");
		imapset_free(&s);
	}
	buf_free(&out);
}

static void
test_minus(void)
{
	static const struct {
		const char *a, *b, *want;
	} rows[] = {
		{ "1:10", "3:4,8", "1:2,5:7,9:10" },
		{ "1:10", "1:10", "" },
		{ "1:10", "11:20", "1:10" },
		{ "5:6", "1:5", "6" },
		{ "5:6", "6:9", "5" },
		{ "1,3,5,7", "2:6", "1,7" },
		{ "1:4294967295", "1:4294967294", "4294967295" },
		{ "4294967290:4294967295", "4294967295",
		    "4294967290:4294967294" },
	};
	struct buf out;

	buf_init(&out, 4096);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct imapset a = { 0 }, b = { 0 }, r = { 0 };

		imapset_read(&a, slice_str(rows[i].a), NULL);
		imapset_read(&b, slice_str(rows[i].b), NULL);
		imapset_minus(&a, &b, &r);
		is_str(text_of(&r, &out), rows[i].want, "%s without %s",
		    rows[i].a, rows[i].b);
		imapset_join(&r, &b);
		imapset_join(&a, &b);
		ok(a.n == r.n && memcmp(a.v, r.v, a.n * sizeof(a.v[0])) == 0,
		    "joined again it is both");
		imapset_free(&a);
		imapset_free(&b);
		imapset_free(&r);
	}
	buf_free(&out);
}

/* What lies between a million ranges is added in one go. */
static void
test_join(void)
{
	struct imapset odd = { 0 }, even = { 0 };

	for (uint32_t i = 1; i < 2000000; i += 2) {
		imapset_add(&odd, i, i);
		imapset_add(&even, i + 1, i + 1);
	}
	imapset_join(&odd, &even);
	is_int((int64_t)odd.n, 1, "one range");
	is_int((int64_t)imapset_count(&odd), 2000000, "of all");
	imapset_free(&odd);
	imapset_free(&even);
}

/* A set against an array of truths. */
static void
test_random(void)
{
	bool truth[200] = { false };
	struct imapset s = { 0 };
	uint32_t seed = 7;
	bool good = true;

	for (int i = 0; i < 300; i++) {
		uint32_t first, last;

		seed = seed * 1664525 + 1013904223;
		first = 1 + (seed >> 24) % 190;
		last = first + (seed >> 16) % 5;
		imapset_add(&s, first, last);
		for (uint32_t u = first; u <= last; u++)
			truth[u] = true;
		for (uint32_t u = 1; u < 200; u++)
			good &= imapset_has(&s, u) == truth[u];
		for (size_t k = 1; k < s.n; k++)
			good &= s.v[k - 1].last + 1 < s.v[k].first;
	}
	ok(good, "300 additions keep the set true, sorted and merged");
	imapset_free(&s);
}

static void
test_cut_and_pieces(void)
{
	struct imapset s = { 0 };
	struct buf out;
	size_t at = 0, pieces = 0;

	buf_init(&out, 4096);
	imapset_read(&s, slice_str("1:4,7,9:10"), NULL);
	while (imapset_write(&s, &at, 5, &out)) {
		buf_char(&out, ' ');
		pieces++;
	}
	is_str(buf_str(&out), "1:4 7 9:10 ", "small rooms, one range each");
	imapset_cut(&s, 5);
	is_str(text_of(&s, &out), "1:4,7", "the lowest five");
	imapset_cut(&s, 2);
	is_str(text_of(&s, &out), "1:2", "the lowest two");
	imapset_cut(&s, 99);
	is_str(text_of(&s, &out), "1:2", "no more than there are");
	imapset_cut(&s, 0);
	is_str(text_of(&s, &out), "", "none");
	imapset_free(&s);
	buf_free(&out);
}

static void
test_names(void)
{
	static const struct {
		const char *wire, *utf8; /* null: not decodable */
	} rows[] = {
		{ "INBOX", "INBOX" }, { "Entw&APw-rfe", "Entw\xc3\xbcrfe" },
		{ "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
		    "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/"
		    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e" },
		{ "a&-b", "a&b" }, { "&2D3eAA-", "\xf0\x9f\x98\x80" },
		{ "&APw", NULL },     /* open */
		{ "&AP-", NULL },     /* half a unit */
		{ "&2D0-", NULL },    /* a surrogate alone */
		{ "&3gA-", NULL },    /* the second half first */
		{ "&AGE-", NULL },    /* "a" needs no base64 */
		{ "&AAo-", NULL },    /* a line feed */
		{ "&A P w-", NULL },  /* no alphabet */
		{ "\xc3\xbc", NULL }, /* 8-bit */
		{ "a\tb", NULL },     /* control */
		{ "&APx-", NULL },    /* stray bits */
	};
	struct buf out;

	buf_init(&out, 4096);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		bool good = imapname_decode(slice_str(rows[i].wire), &out);

		ok(good == (rows[i].utf8 != NULL), "name '%s'", rows[i].wire);
		if (rows[i].utf8) {
			is_slice(buf_view(&out), rows[i].utf8, "decoded");
			buf_reset(&out);
			ok(imapname_encode(slice_str(rows[i].utf8), &out),
			    "encodes");
			is_slice(buf_view(&out), rows[i].wire, "as it was");
		}
		buf_reset(&out);
	}
	ok(!imapname_encode(slice_str("a\xff"), &out), "no UTF-8");
	ok(!imapname_encode(slice_str("a\nb"), &out), "control");
	buf_free(&out);
}

/* A million ranges from the last to the first, and in no order: moved one by
 * one that would take minutes. */
static void
test_any_order(void)
{
	enum { RANGES = 1000000 };
	struct imapset down = { 0 }, mixed = { 0 };
	struct imapset_bulk b = { 0 };
	clock_t start = clock();

	for (uint32_t i = RANGES; i > 0; i--)
		imapset_gather(&down, &b, 2 * i, 2 * i);
	imapset_settle(&down, &b);
	for (uint32_t i = 0; i < RANGES; i++) {
		uint32_t at = (uint32_t)((i * 7919ull) % RANGES + 1);

		imapset_gather(&mixed, &b, 2 * at, 2 * at);
	}
	imapset_settle(&mixed, &b);
	ok(clock() - start < 20 * CLOCKS_PER_SEC, "in less than 20 s");
	is_int((int64_t)down.n, RANGES, "all of them, backwards");
	is_int((int64_t)mixed.n, RANGES, "all of them, mixed");
	ok(memcmp(down.v, mixed.v, RANGES * sizeof(down.v[0])) == 0,
	    "the same set");
	imapset_gather(&down, &b, 9, 3);
	imapset_gather(&down, &b, 5, 5);
	imapset_settle(&down, &b);
	ok(down.v[0].first == 2 && down.v[0].last == 10, "overlaps become one");
	imapset_settle(&down, &b);
	imapset_free(&down);
	imapset_free(&mixed);
}

int
main(void)
{
	test_any_order();
	test_read();
	test_minus();
	test_join();
	test_random();
	test_cut_and_pieces();
	test_names();
	return tap_done();
}
