/* Unit tests of report/rules, report/rulesread and report/match.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "report/format.h"
#include "report/reasons.h"
#include "report/rulesread.h"

#include "tap.h"

#define ROW(id, prio, status, host, words, means, example)                     \
	id "\t" prio "\t" status "\t-\t" host "\t" words "\t" means            \
	   "\ten\t" example "\n"

static const char table[] = "# a comment\n\n" ROW(
    "a", "1", "-", "-", "user unknown", "user-unknown", "550 User unknown")
    ROW("b", "1", "-", "-", "over*quota", "mailbox-full", "over the quota")
	ROW("c", "1", "-", "-", "|rbl|", "ip-listed", "RBL hit")
	    ROW("d", "5", "5.1.1", "-", "-", "user-unknown", "5.1.1")
		ROW("e", "0", "x.7.1", "example.net", "denied", "geo-blocked",
		    "mx.example.net says: 550 5.7.1 denied")
		    ROW("f", "6", "4.7.65*", "-", "-", "reputation", "4.7.650");

static const struct {
	const char *text, *status, *host, *want;
} rows[] = {
	{ "550 no: USER  Unknown.", "", "", "a" },
	{ "you are over your quota", "", "", "b" },
	{ "quota over", "", "", "" },
	{ "an rbl says no", "", "", "c" },
	{ "marbles", "", "", "" },
	{ "x", "5.1.1", "", "d" },
	{ "user unknown", "5.1.1", "", "a" },
	{ "denied", "5.7.1", "mx.example.net", "e" },
	{ "denied", "5.7.1", "mx.example.org", "" },
	{ "", "4.7.651", "", "f" },
	{ "", "4.7.6", "", "" },
	{ "", "", "", "" },
};

static void
test_rows(void)
{
	char why[RULES_WHY_MAX], flat[RULES_TEXT_MAX];
	struct rules_made m;

	is_int(rules_read(slice_str(table), reason_id_named, &m, why), 0,
	    "a table");
	is_int(rules_check(&m, false, why), 0, "its examples");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct rules_facts f = { .text = rules_flatten(
					     slice_str(rows[i].text), flat),
			.status = slice_str(rows[i].status),
			.host = slice_str(rows[i].host) };
		size_t end, got = rules_decide(&m.rules, &f, -1, &end);

		is_str(got == SIZE_MAX ? "" : m.rows[got].id, rows[i].want,
		    "'%s' %s", rows[i].text, rows[i].status);
	}
	rules_made_free(&m);
}

static const struct {
	const char *name, *in, *why;
} bad[] = {
	{ "a column is missing", "a\t1\t-\n", "9 columns" },
	{ "no such reason", ROW("a", "1", "-", "-", "xy", "wrong", "xy"),
	    "meaning" },
	{ "twice the id",
	    ROW("a", "1", "-", "-", "xy", "virus", "xy")
		ROW("a", "1", "-", "-", "zz", "virus", "zz"),
	    "used already" },
	{ "no example", ROW("a", "1", "-", "-", "xy", "virus", "-"),
	    "no example" },
	{ "nothing asked", ROW("a", "1", "-", "-", "-", "virus", "x"),
	    "asks for nothing" },
	{ "capitals", ROW("a", "1", "-", "-", "Xy", "virus", "xy"), "small" },
	{ "it cannot fire", ROW("a", "1", "-", "-", "xy", "virus", "x y"),
	    "does not fit" },
	{ "shadowed",
	    ROW("a", "1", "-", "-", "user", "virus", "user") ROW(
		"b", "1", "-", "-", "user unknown", "virus", "user unknown"),
	    "'a' is in front" },
};

static void
test_bad(void)
{
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		char why[RULES_WHY_MAX] = "";
		struct rules_made m;
		int r =
		    rules_read(slice_str(bad[i].in), reason_id_named, &m, why);

		if (r == 0) {
			r = rules_check(&m, false, why);
			rules_made_free(&m);
		}
		ok(r < 0 && strstr(why, bad[i].why), "%s: %s", bad[i].name,
		    why);
	}
}

static void
test_flatten(void)
{
	static const struct {
		const char *in, *want;
	} texts[] = { { "A  b\r\n\tC", " a b c " }, { "", " " },
		{ "\xc3\x9c \xd0\x9f\xd0\xa0",
		    " \xc3\xbc \xd0\xbf\xd1\x80 " } };
	char flat[RULES_TEXT_MAX];

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		is_slice(rules_flatten(slice_str(texts[i].in), flat),
		    texts[i].want, "flat %zu", i);
}

static void
test_signs(void)
{
	ok(format_signs(slice_str(" mailer-daemon@x ")) & (1u << FORMAT_FROM),
	    "a sign of a From");
	ok(!(format_signs(slice_str(" ann@x ")) & (1u << FORMAT_FROM)), "none");
	is_int(format_sign_named(slice_str("nothing")), -1, "no such sign");
}

int
main(void)
{
	test_rows();
	test_bad();
	test_flatten();
	test_signs();
	return tap_done();
}
