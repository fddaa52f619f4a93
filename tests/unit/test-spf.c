/* Unit tests of auth/spfrecord and auth/spfmacro.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/spfmacro.h"
#include "auth/spfrecord.h"

#include "tap.h"

static void
test_syntax(void)
{
	static const struct {
		const char *in;
		int ret;
		size_t terms;
		const char *fault; /* the term */
	} rows[] = {
		{ "v=spf1", 0, 0, "" },
		{ "V=SPF1 -ALL", 0, 1, "" },
		{ "v=spf1  a  mx  ", 0, 2, "" },
		{ "v=spf1 a/24//64 mx:x.example//128 ptr:y.example", 0, 3, "" },
		{ "v=spf1 ip4:1.2.3.0/24 ip6:::1/0 exists:%{i}.x.example", 0, 3,
		    "" },
		{ "v=spf1 exp=a.b redirect=c.d x-y.z=%{c}", 0, 3, "" },
		{ "v=spf1 a:x.example/33", -1, 0, "a:x.example/33" },
		{ "v=spf1 a/08", -1, 0, "a/08" },
		{ "v=spf1 mx//129", -1, 0, "mx//129" },
		{ "v=spf1 all -all.", -1, 1, "-all." },
		{ "v=spf1 -x=y", -1, 0, "-x=y" },
		{ "v=spf1 include", -1, 0, "include" },
		{ "v=spf1 include:", -1, 0, "include:" },
		{ "v=spf1 a:museum", -1, 0, "a:museum" },
		{ "v=spf1 a:x.123", -1, 0, "a:x.123" },
		{ "v=spf1 a:%{d0}.x", -1, 0, "a:%{d0}.x" },
		{ "v=spf1 a:%{c}", -1, 0, "a:%{c}" },
		{ "v=spf1 a:%d.x.example", -1, 0, "a:%d.x.example" },
		{ "v=spf1 ip4:::1", -1, 0, "ip4:::1" },
		{ "v=spf1 ip6:1.2.3.4", -1, 0, "ip6:1.2.3.4" },
		{ "v=spf1\tall", -2, 0, "" },
		{ "v=spf1 a\tmx", -1, 0, "a\tmx" },
		{ "v=spf10", -2, 0, "" },
		{ "v=spf1 exp=a.b exp=c.d", -1, 1, "exp=c.d" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice text = slice_str(rows[i].in);
		struct spfrecord_fault f = { 0 };
		struct spfrecord r = { 0 };
		int got = -2;

		if (spfrecord_is(text))
			got = spfrecord_read(text, &a, &r, &f);
		is_int(got, rows[i].ret, "'%s'", rows[i].in);
		is_int((int64_t)r.count, (int64_t)rows[i].terms, "its terms");
		is_slice(f.term, rows[i].fault, "its fault");
		is_slice(slice_sub(text, f.span[0], f.span[1]), rows[i].fault,
		    "where it is");
	}
	arena_free(&a);
}

static struct slice
validated(void *arg)
{
	(void)arg;
	return slice_str("mx.example.org");
}

/* The examples of RFC 7208 section 7.4, and more. */
static void
test_macros(void)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "%{s}", "strong-bad@email.example.com" },
		{ "%{o}", "email.example.com" },
		{ "%{d}", "email.example.com" },
		{ "%{d4}", "email.example.com" },
		{ "%{d3}", "email.example.com" },
		{ "%{d2}", "example.com" },
		{ "%{d1}", "com" },
		{ "%{dr}", "com.example.email" },
		{ "%{d2r}", "example.email" },
		{ "%{l}", "strong-bad" },
		{ "%{l-}", "strong.bad" },
		{ "%{lr}", "strong-bad" },
		{ "%{lr-}", "bad.strong" },
		{ "%{l1r-}", "strong" },
		{ "%{ir}.%{v}._spf.%{d2}",
		    "3.2.0.192.in-addr._spf.example.com" },
		{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
		{ "%{L}%{S}", "strong-badstrong-bad%40email.example.com" },
		{ "%%%_%-", "% %20" },
		{ "%{p}.%{h}", "mx.example.org.helo.example" },
		{ "%{c}|%{r}|%{t}", "192.0.2.3|here.example|42" },
	};
	struct spfmacro m = {
		.sender = slice_str("strong-bad@email.example.com"),
		.local = slice_str("strong-bad"),
		.origin = slice_str("email.example.com"),
		.domain = slice_str("email.example.com"),
		.helo = slice_str("helo.example"),
		.receiver = slice_str("here.example"),
		.now = 42,
		.validated = validated,
	};
	struct buf out;

	ip_read(slice_str("192.0.2.3"), &m.ip);
	buf_init(&out, SPFMACRO_TEXT_MAX);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&out);
		spfmacro_expand(&m, slice_str(rows[i].in), &out);
		is_str(buf_str(&out), rows[i].want, "%s", rows[i].in);
	}
	buf_reset(&out);
	spfmacro_domain(&m,
	    slice_str("%{s}.%{s}.%{s}.%{s}.%{s}.%{s}.%{s}.%{s}.%{s}.%{s}."),
	    &out);
	ok(out.n <= SPFMACRO_DOMAIN_MAX && out.n > 220, "cut from the left");
	ok(slice_ends_nocase(buf_view(&out), ".com"), "and only there");
	buf_free(&out);
}

int
main(void)
{
	test_syntax();
	test_macros();
	return tap_done();
}
