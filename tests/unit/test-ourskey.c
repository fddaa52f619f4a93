/* Unit tests of report/ourskey, and of report/ours where keys decide.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "crypt/mac.h"

#include "report/ours.h"
#include "report/verp.h"

#include "tap.h"

#define KEY "0123456789abcdef"
#define OLD "fedcba9876543210"

static int
make(enum digest_kind kind, struct slice key, struct slice text,
    char hex_r[OURSKEY_HEX])
{
	unsigned char sum[DIGEST_MAX];
	struct err e;

	if (mac_of(kind, key, text, sum, &e) < 0)
		return -1;
	digest_hex(sum, digest_size(kind), hex_r);
	return 0;
}

static int
make_mac(struct slice key, struct slice text, char hex_r[OURSKEY_HEX])
{
	return make(DIGEST_SHA256, key, text, hex_r);
}

static int
make_mac_sha1(struct slice key, struct slice text, char hex_r[OURSKEY_HEX])
{
	return make(DIGEST_SHA1, key, text, hex_r);
}

/* Tag that KEY makes of text, in place of "TAG" in form; of OLD for "OLD". */
static struct slice
signed_as(const char *form, const char *text, struct arena *a)
{
	size_t at = slice_search(slice_str(form), slice_str("TAG"));
	size_t old = slice_search(slice_str(form), slice_str("OLD"));
	char hex[OURSKEY_HEX];

	if (at == SIZE_MAX && old == SIZE_MAX)
		return slice_str(form);
	make_mac(slice_str(at == SIZE_MAX ? OLD : KEY), slice_str(text), hex);
	at = at == SIZE_MAX ? old : at;
	return slice_str(
	    arena_fmt(a, "%.*s%.12s%s", (int)at, form, hex, form + at + 3));
}

static const struct {
	const char *name, *to, *rcpt, *signed_text, *envid, *envid_text;
	enum ours want;
	const char *by;
} rows[] = {
	{ "a tag of ours", "b+u=d.ex=TAG@o.ex", "u@d.ex", "verp:u@d.ex", "", "",
	    OURS_YES, "verp-hmac" },
	{ "of the key before", "b+u=d.ex=OLD@o.ex", "u@d.ex", "verp:u@d.ex", "",
	    "", OURS_YES, "verp-hmac" },
	{ "capitals", "b+U=D.EX=TAG@o.ex", "U@D.EX", "verp:u@d.ex", "", "",
	    OURS_YES, "verp-hmac" },
	{ "with a minus", "b-u=d.ex=TAG@o.ex", "u@d.ex", "verp:u@d.ex", "", "",
	    OURS_YES, "verp-hmac" },
	{ "Sympa's form", "b+u==d.ex==list=TAG@o.ex", "u@d.ex", "verp:u@d.ex",
	    "", "", OURS_YES, "verp-hmac" },
	{ "of another recipient", "b+u=d.ex=TAG@o.ex", "u@d.ex", "verp:v@d.ex",
	    "", "", OURS_NO, "verp-bad" },
	{ "made up", "b+u=d.ex=0123456789ab@o.ex", "u@d.ex", "", "", "",
	    OURS_NO, "verp-bad" },
	{ "of an envelope id's text", "b+u=d.ex=TAG@o.ex", "u@d.ex",
	    "envid:u@d.ex", "", "", OURS_NO, "verp-bad" },
	{ "no tag", "b+u=d.ex@o.ex", "u@d.ex", "", "", "", OURS_UNKNOWN, NULL },
	{ "short of a digit", "b+u=d.ex=0123456789a@o.ex", "", "", "", "",
	    OURS_UNKNOWN, NULL },
	{ "no hexadecimal", "b+u=d.ex=0123456789ag@o.ex", "", "", "", "",
	    OURS_UNKNOWN, NULL },
	{ "nothing but a tag", "=0123456789ab@o.ex", "", "", "", "",
	    OURS_UNKNOWN, NULL },
	{ "no address", "", "", "", "", "", OURS_UNKNOWN, NULL },
	{ "an envelope id of ours", "", "", "", "job7.TAG", "envid:job7",
	    OURS_YES, "envid-hmac" },
	{ "of the key before", "", "", "", "job7.OLD", "envid:job7", OURS_NO,
	    "envid-bad" },
	{ "its text is another", "", "", "", "job7.TAG", "envid:job8", OURS_NO,
	    "envid-bad" },
	{ "its case counts", "", "", "", "Job7.TAG", "envid:job7", OURS_NO,
	    "envid-bad" },
	{ "one without a tag", "", "", "", "order+7", "", OURS_UNKNOWN, NULL },
	{ "nothing before the tag", "", "", "", ".0123456789ab", "",
	    OURS_UNKNOWN, NULL },
	{ "one good tag is enough", "b+u=d.ex=0123456789ab@o.ex", "u@d.ex", "",
	    "job7.TAG", "envid:job7", OURS_YES, "envid-hmac" },
};

static void
test_verdicts(void)
{
	const struct ourskey keys = { .verp = { slice_str(KEY),
					  slice_str(OLD) },
		.envid = { slice_str(KEY) },
		.verp_count = 2,
		.envid_count = 1,
		.mac = make_mac };
	const struct ours_names names = { .keys = &keys };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena a = { 0 };
		struct report r = { .kind = REPORT_BOUNCE };
		const char *by;

		r.verp_to = signed_as(rows[i].to, rows[i].signed_text, &a);
		r.verp_rcpt = ours_verp(r.verp_to, &a);
		r.d.envid = signed_as(rows[i].envid, rows[i].envid_text, &a);
		is_slice(r.verp_rcpt, rows[i].rcpt, "%s", rows[i].name);
		is_int((int)ours_of(&r, &names, &a, &by), (int)rows[i].want,
		    "its verdict");
		is_str(by ? by : "", rows[i].by ? rows[i].by : "", "and why");
		arena_free(&a);
	}
}

#define DAYS(n) ((int64_t)(n)*86400)

/* The digits were made with Python's hmac. */
static const struct {
	const char *name, *to;
	int64_t now;
	enum ours want;
	const char *by;
} batv[] = {
	{ "a sender of ours", "prvs=00076901d6=news@o.ex", DAYS(20000),
	    OURS_YES, "batv" },
	{ "its last day", "PRVS=00076901d6=news@o.ex", DAYS(20007), OURS_YES,
	    "batv" },
	{ "the day after", "prvs=00076901d6=news@o.ex", DAYS(20008),
	    OURS_UNKNOWN, "batv-late" },
	{ "too far ahead to be of these thousand days",
	    "prvs=09004539f2=news@o.ex", DAYS(20000), OURS_UNKNOWN,
	    "batv-late" },
	{ "over the thousand", "prvs=1003d12bbe=news@o.ex", DAYS(20998),
	    OURS_YES, "batv" },
	{ "of another sender", "prvs=00076901d6=info@o.ex", DAYS(20000),
	    OURS_NO, "batv-bad" },
	{ "another day", "prvs=00086901d6=news@o.ex", DAYS(20000), OURS_NO,
	    "batv-bad" },
	{ "short", "prvs=0007=news@o.ex", DAYS(20000), OURS_NO, "batv-bad" },
	{ "no key number", "prvs=x0076901d6=news@o.ex", DAYS(20000), OURS_NO,
	    "batv-bad" },
	{ "unsigned", "news@o.ex", DAYS(20000), OURS_UNKNOWN, NULL },
};

static void
test_batv_sign(void)
{
	static const struct {
		const char *from, *want;
		int64_t now;
	} signed_[] = {
		/* the digits of day 7 are Exim's, too */
		{ "news@o.ex", "prvs=00076901d6=news@o.ex", DAYS(20000) },
		{ "news@o.ex", "prvs=00076901d6=news@o.ex",
		    DAYS(20000) + 86399 },
		{ "nobody", NULL, DAYS(20000) },
		{ "\"a b\"@o.ex", NULL, DAYS(20000) },
		{ "", NULL, DAYS(20000) },
	};
	struct ourskey keys = { .batv = { slice_str(KEY) },
		.batv_count = 1,
		.mac_sha1 = make_mac_sha1 };
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(signed_); i++) {
		const char *got;

		keys.now = signed_[i].now;
		got = ourskey_batv_sign(&keys, slice_str(signed_[i].from), &a);
		is_str(got ? got : "none",
		    signed_[i].want ? signed_[i].want : "none",
		    "batv: '%s' signed", signed_[i].from);
	}
	keys.batv_count = 0;
	ok(!ourskey_batv_sign(&keys, slice_str("a@o.ex"), &a), "no key");
	arena_free(&a);
}

static void
test_batv(void)
{
	struct ourskey keys = { .batv = { slice_str(OLD), slice_str(KEY) },
		.batv_count = 2,
		.mac_sha1 = make_mac_sha1 };
	const struct ours_names names = { .keys = &keys };

	for (size_t i = 0; i < COUNT_OF(batv); i++) {
		struct arena a = { 0 };
		struct report r = { .verp_to = slice_str(batv[i].to) };
		const char *by;

		keys.now = batv[i].now;
		is_int((int)ours_of(&r, &names, &a, &by), (int)batv[i].want,
		    "batv: %s", batv[i].name);
		is_str(by ? by : "", batv[i].by ? batv[i].by : "", "and why");
		arena_free(&a);
	}
}

static const struct {
	const char *pattern, *address, *want; /* null: no pattern */
} patterns[] = {
	{ "b+{local}={domain}@o.ex", "b+u=d.ex@o.ex", "u@d.ex" },
	{ "b+{local}={domain}@o.ex", "B+u=a=d.ex@O.EX", "u=a@d.ex" },
	{ "b+{local}={domain}@o.ex", "b+u=d@o.ex", "" },
	{ "b+{local}={domain}@o.ex", "b+=d.ex@o.ex", "" },
	{ "b+{local}={domain}@o.ex", "b+u=d.ex@x.ex", "" },
	{ "b+{local}={domain}@o.ex", "b+u-d.ex@o.ex", "" },
	{ "b+{local}={domain}@o.ex", "b@o.ex", "" },
	{ "{domain}--{local}@b.o.ex", "d.ex--u--v@b.o.ex", "u--v@d.ex" },
	{ "r-{local}-at-{domain}@o.ex", "r-u-at-home-at-d.ex@o.ex",
	    "u-at-home@d.ex" },
	{ "b+{local}{domain}@o.ex", "", NULL },
	{ "b+{local}@o.ex", "", NULL },
	{ "{local}={domain}={local}", "", NULL },
	{ "", "", NULL },
};

static void
test_patterns(void)
{
	for (size_t i = 0; i < COUNT_OF(patterns); i++) {
		struct arena a = { 0 };
		struct err e;

		is_int(verp_check(patterns[i].pattern, &e),
		    patterns[i].want ? 0 : -1, "'%s'", patterns[i].pattern);
		if (patterns[i].want)
			is_slice(verp_match(patterns[i].pattern,
				     slice_str(patterns[i].address), &a),
			    patterns[i].want, "%s", patterns[i].address);
		arena_free(&a);
	}
}

/* What was found of the signature counts, not what it says of itself. */
static void
test_signed(void)
{
	static const char *const domains[] = { "o.ex" };
	struct ours_names names = { .domains = domains, .domain_count = 1 };
	struct report r = { .d.returned_header =
				slice_str("DKIM-Signature: d=o.ex\n") };
	static const struct {
		enum ours_signed found;
		enum ours want;
		const char *by;
	} cases[] = { { OURS_SIGNED_NOT_ASKED, OURS_YES, "dkim" },
		{ OURS_SIGNED_NOT, OURS_UNKNOWN, "" },
		{ OURS_SIGNED_HEADER, OURS_YES, "dkim-header" },
		{ OURS_SIGNED_MESSAGE, OURS_YES, "dkim-message" } };

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena a = { 0 };
		const char *by;

		names.signed_by_us = cases[i].found;
		is_int((int)ours_of(&r, &names, &a, &by), (int)cases[i].want,
		    "a signature, %d", (int)cases[i].found);
		is_str(by ? by : "", cases[i].by, "and why");
		arena_free(&a);
	}
}

/* Keys decide before names; without any of both nothing is asked. */
static void
test_names(void)
{
	static const char *const domains[] = { "o.ex" };
	const struct ourskey keys = {
		.verp = { slice_str(KEY) }, .verp_count = 1, .mac = make_mac
	};
	struct ours_names names = { .domains = domains, .domain_count = 1 };
	struct arena a = { 0 };
	struct report r = { .verp_to = slice_str("b+u=d.ex=0123456789ab@o.ex"),
		.verp_rcpt = slice_str("u@d.ex") };
	const char *by;

	r.d.returned_header = slice_str("DKIM-Signature: d=o.ex\n");
	is_int((int)ours_of(&r, &names, &a, &by), OURS_YES, "a signature");
	names.keys = &keys;
	is_int((int)ours_of(&r, &names, &a, &by), OURS_NO, "but a bad tag");
	is_str(by, "verp-bad", "which is told");
	r.verp_to = slice_str("b+u=d.ex@o.ex");
	is_int((int)ours_of(&r, &names, &a, &by), OURS_YES, "without a tag");
	is_str(by, "dkim", "names decide");
	names = (struct ours_names){ .keys = NULL };
	is_int((int)ours_of(&r, &names, &a, &by), OURS_NOT_ASKED, "not asked");
	arena_free(&a);
}

int
main(void)
{
	test_verdicts();
	test_names();
	test_batv_sign();
	test_batv();
	test_patterns();
	test_signed();
	return tap_done();
}
