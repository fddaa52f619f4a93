/* Unit tests of auth/mtasts and auth/tlsrpt: records and policies.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/mtasts.h"
#include "auth/tlsrpt.h"

#include "tap.h"

static void
test_records(void)
{
	static const struct {
		const char *in;
		int ret;
		const char *id;
	} rows[] = {
		{ "v=STSv1; id=20260101T000000;", 1, "20260101T000000" },
		{ "v=STSv1;id=1", 1, "1" },
		{ "v=STSv1 ; x-y.z=a ; id=1 ; ", 1, "1" },
		{ "v=STSv1", -1, "" },
		{ "v=STSv1;", -1, "" },
		{ "v=STSv1; id=", -1, "" },
		{ "v=STSv1; id=a-b", -1, "" },
		{ "v=STSv1; id=123456789012345678901234567890123", -1, "" },
		{ "v=STSv1; id =1", -1, "" },
		{ "v=STSv1; id=1; id=2", -1, "" },
		{ "v=STSv1; id=1;; a=b", -1, "" },
		{ "v=STSv1; id=1; a=b c", -1, "" },
		{ "v=STSv1; id=1; _a=b", -1, "" },
		{ "v=STSv2; id=1", 0, "" },
		{ "v=STSv1x; id=1", 0, "" },
		{ " v=STSv1; id=1", 0, "" },
		{ "V=STSv1; id=1", 0, "" },
		{ "id=1; v=STSv1", 0, "" },
		{ "", 0, "" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct mtasts_record r;

		is_int(mtasts_record_read(slice_str(rows[i].in), &r),
		    rows[i].ret, "'%s'", rows[i].in);
		is_slice(r.id, rows[i].id, "its id");
	}
}

#define TOP "version: STSv1\n"

static void
test_policies(void)
{
	static const struct {
		const char *in;
		int ret;
		const char *mode;
		int64_t age;
		size_t mx;
		int wrong; /* of the first fault, -1 none */
	} rows[] = {
		{ TOP "mode: enforce\r\nmx: a.example\r\nmx: *.b.example\r\n"
		      "max_age: 86400\r\n",
		    0, "enforce", 86400, 2, -1 },
		{ TOP "mode:none\nmax_age:0", 0, "none", 0, 0, -1 },
		{ TOP "mode: testing \nmx: a.example\nmax_age: 1\nx-e: y z\n",
		    0, "testing", 1, 1, MTASTS_WRONG_UNKNOWN },
		{ TOP "mode: enforce\nmode: none\nmx: a.example\nmax_age: 5\n",
		    0, "enforce", 5, 1, MTASTS_WRONG_TWICE },
		{ TOP "mode: enforce\nmax_age: 5\n", -1, "enforce", 5, 0,
		    MTASTS_WRONG_NO_MX },
		{ TOP "mode: Enforce\nmx: a.example\nmax_age: 5\n", -1, "unset",
		    5, 1, MTASTS_WRONG_MODE },
		{ TOP "mode: none\nmax_age: 31557601\n", -1, "none", -1, 0,
		    MTASTS_WRONG_AGE },
		{ TOP "mode: none\n", -1, "none", -1, 0, MTASTS_WRONG_AGE },
		{ TOP "mode: testing\nmx: a.*.example\nmx: b.example\n"
		      "max_age: 5\n",
		    -1, "testing", 5, 1, MTASTS_WRONG_MX },
		{ TOP "nonsense\nmode: none\nmax_age: 5\n", -1, "none", 5, 0,
		    MTASTS_WRONG_LINE },
		{ "version: STSv2\nmode: none\nmax_age: 5\n", -1, "none", 5, 0,
		    MTASTS_WRONG_VERSION },
		{ "", -1, "unset", -1, 0, MTASTS_WRONG_VERSION },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct mtasts_policy p;

		is_int(mtasts_policy_read(slice_str(rows[i].in), &p),
		    rows[i].ret, "policy %zu", i);
		is_str(mtasts_mode_name(p.mode), rows[i].mode, "mode");
		is_int(p.max_age, rows[i].age, "max_age");
		is_int((int64_t)p.mx_count, (int64_t)rows[i].mx, "patterns");
		is_int(p.fault_count ? (int)p.fault[0].wrong : -1,
		    rows[i].wrong, "first fault");
	}
}

static void
test_match(void)
{
	static const struct {
		const char *pattern, *host;
		bool good;
	} rows[] = {
		{ "mx.example.org", "MX.Example.Org", true },
		{ "*.example.org", "mx.example.org", true },
		{ "*.example.org", "a.mx.example.org", false },
		{ "*.example.org", "example.org", false },
		{ "*.example.org", ".example.org", false },
		{ "mx.example.org", "mx.example.com", false },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		is_int(mtasts_pattern_match(
			   slice_str(rows[i].pattern), rows[i].host),
		    rows[i].good, "%s, %s", rows[i].pattern, rows[i].host);
	ok(mtasts_pattern_ok(slice_str("*.a-b.example")), "a pattern");
	ok(!mtasts_pattern_ok(slice_str("*.*.example")), "two stars");
	ok(!mtasts_pattern_ok(slice_str("a_b.example")), "an underscore");
	ok(!mtasts_pattern_ok(slice_str("-a.example")), "a hyphen in front");
	ok(!mtasts_pattern_ok(slice_str("a.example.")), "a dot behind");
}

static void
test_tlsrpt(void)
{
	static const struct {
		const char *in;
		int ret;
		size_t uris;
	} rows[] = {
		{ "v=TLSRPTv1; rua=mailto:a@b.example", 1, 1 },
		{ "v=TLSRPTv1;rua=mailto:a@b.example , https://c.example/x?y=z",
		    1, 2 },
		{ "v=TLSRPTv1; rua=ftp://x", -1, 1 },
		{ "v=TLSRPTv1; rua=mailto:@x", -1, 1 },
		{ "v=TLSRPTv1; rua=", -1, 0 },
		{ "v=TLSRPTv1", -1, 0 },
		{ "v=TLSRPTv2; rua=mailto:a@b.example", 0, 0 },
		{ "rua=mailto:a@b.example; v=TLSRPTv1", 0, 0 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct tlsrpt_record r;

		is_int(tlsrpt_read(slice_str(rows[i].in), &r), rows[i].ret,
		    "'%s'", rows[i].in);
		is_int((int64_t)r.count, (int64_t)rows[i].uris, "its URIs");
	}
}

int
main(void)
{
	test_records();
	test_policies();
	test_match();
	test_tlsrpt();
	return tap_done();
}
