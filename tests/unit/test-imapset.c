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
	uint64_t at = 0;

	buf_reset(out);
	while (imapset_write(s, &at, SIZE_MAX / 2, out))
		;
	return buf_str(out);
}

static bool
same(const struct imapset *a, const struct imapset *b)
{
	struct imapset_range x, y;
	uint64_t i = 0, k = 0;

	while (imapset_next(a, &i, &x))
		if (!imapset_next(b, &k, &y) || x.first != y.first ||
		    x.last != y.last)
			return false;
	return !imapset_next(b, &k, &y) && a->runs == b->runs && a->n == b->n;
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
		ok(same(&a, &r), "joined again it is both");
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
	struct imapset_range r;
	uint64_t at = 0;

	for (uint32_t i = 1; i < 2000000; i += 2) {
		imapset_add(&odd, i, i);
		imapset_add(&even, i + 1, i + 1);
	}
	imapset_join(&odd, &even);
	ok(imapset_next(&odd, &at, &r) && r.first == 1 && r.last == 2000000,
	    "one range");
	ok(!imapset_next(&odd, &at, &r), "and no other");
	is_int((int64_t)imapset_count(&odd), 2000000, "of all");
	imapset_free(&odd);
	imapset_free(&even);
}

/* Every range of the set against an array of truths, from UID base + 1 on. */
static bool
is_true(const struct imapset *s, const bool *truth, uint32_t base, uint32_t n)
{
	struct imapset_range r = { 0 };
	uint64_t at = 0, before = 0;
	uint32_t count = 0;
	bool good = true;

	for (uint32_t u = 1; u < n; u++) {
		good &= imapset_has(s, base + u) == truth[u];
		count += truth[u];
	}
	good &= imapset_count(s) == count;
	while (imapset_next(s, &at, &r)) {
		good &= before == 0 || before + 1 < r.first;
		for (uint32_t u = r.first; u <= r.last; u++)
			good &= truth[u - base];
		before = r.last;
	}
	return good && imapset_last(s) == before;
}

/* Sets against arrays of truths: within a block of UIDs, and where two of them
 * meet; added, taken away, joined, cut. */
static void
test_random(void)
{
	enum { UIDS = 200 };
	static const uint32_t bases[] = { 0, 65536 - 100, 7 * 65536 - 3,
		UINT32_MAX - UIDS + 1 };
	uint32_t seed = 7;

	for (size_t row = 0; row < COUNT_OF(bases); row++) {
		bool truth[2][UIDS] = { { false } }, less[UIDS], both[UIDS];
		struct imapset s[2] = { { 0 } };
		uint32_t base = bases[row], kept = 0;
		bool good = true;

		for (int i = 0; i < 300; i++) {
			struct imapset minus = { 0 };
			uint32_t first, last, which;

			seed = seed * 1664525 + 1013904223;
			which = seed >> 12 & 1;
			first = 1 + (seed >> 24) % 190;
			last = first + (seed >> 16) % 5;
			imapset_add(&s[which], base + last, base + first);
			for (uint32_t u = first; u <= last; u++)
				truth[which][u] = true;
			good &= is_true(&s[0], truth[0], base, UIDS);
			good &= is_true(&s[1], truth[1], base, UIDS);
			for (uint32_t u = 0; u < UIDS; u++) {
				less[u] = truth[0][u] && !truth[1][u];
				both[u] = truth[0][u] || truth[1][u];
			}
			imapset_minus(&s[0], &s[1], &minus);
			good &= is_true(&minus, less, base, UIDS);
			good &= imapset_covers(&s[0], &minus);
			good &= imapset_covers(&s[1], &s[0]) == (minus.n == 0);
			imapset_join(&minus, &s[1]);
			good &= is_true(&minus, both, base, UIDS);
			imapset_cut(&minus, (uint64_t)i / 2);
			kept = 0;
			for (uint32_t u = 0; u < UIDS; u++)
				both[u] = both[u] && kept++ < (uint32_t)i / 2;
			good &= is_true(&minus, both, base, UIDS);
			imapset_free(&minus);
		}
		ok(good, "300 additions from UID %lu on keep both sets true",
		    (unsigned long)base + 1);
		imapset_free(&s[0]);
		imapset_free(&s[1]);
	}
}

/* A short text that would be long work: each range is all UIDs. */
static void
test_work(void)
{
	struct imapset s = { 0 };
	struct buf in;
	struct err e;

	buf_init(&in, 4096);
	for (int i = 0; i < 20; i++)
		buf_fmt(&in, "%s1:4294967295", i ? "," : "");
	is_int(imapset_read(&s, buf_view(&in), &e), -1,
	    "everything, twenty times, is refused");
	is_str(e.text, "too many ranges of UIDs", "and named");
	imapset_free(&s);
	is_int(imapset_read(&s, slice_str("1:4294967295"), &e), 0,
	    "everything once is not");
	ok(imapset_has(&s, 4294967295), "the last UID is in it");
	imapset_free(&s);
	buf_free(&in);
}

static void
test_cut_and_pieces(void)
{
	struct imapset s = { 0 };
	struct buf out;
	uint64_t at = 0;
	size_t pieces = 0;

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
	struct imapset_range r;
	uint64_t at = 0;
	clock_t start = clock();

	for (uint32_t i = RANGES; i > 0; i--)
		imapset_add(&down, 2 * i, 2 * i);
	for (uint32_t i = 0; i < RANGES; i++) {
		uint32_t u = (uint32_t)((i * 7919ull) % RANGES + 1);

		imapset_add(&mixed, 2 * u, 2 * u);
	}
	ok(clock() - start < 20 * CLOCKS_PER_SEC, "in less than 20 s");
	is_int((int64_t)down.runs, RANGES, "all of them, backwards");
	is_int((int64_t)mixed.runs, RANGES, "all of them, mixed");
	ok(same(&down, &mixed), "the same set");
	imapset_add(&down, 9, 3);
	imapset_add(&down, 5, 5);
	ok(imapset_next(&down, &at, &r) && r.first == 2 && r.last == 10,
	    "overlaps become one");
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
	test_work();
	test_names();
	return tap_done();
}
