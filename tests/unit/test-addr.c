/* Unit tests of msg/addr.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msg/addr.h"

#include "tap.h"

/* want: "name|local|domain|group" for each, ";" between; null: refused. lax:
 * null when it is the same as want. */
static const struct {
	const char *in, *want, *lax;
} lists[] = {
	{ "a@b.example", "|a|b.example|-", NULL },
	{ "Ann Lee <a@b>", "Ann Lee|a|b|-", NULL },
	{ "\"Lee, Ann\" <a@b>, c@d", "Lee, Ann|a|b|-;|c|d|-", NULL },
	{ "a@b (Ann \\(x\\))", "Ann (x)|a|b|-", NULL },
	{ "=?utf-8?q?J=C3=BCrg?= <j@x>", "J\xc3\xbcrg|j|x|-", NULL },
	{ "=?utf-8?q?J=C3=BC?= =?utf-8?q?rg?= <j@x>", "J\xc3\xbcrg|j|x|-",
	    NULL },
	{ "J. Q. Public <a@b>", "J. Q. Public|a|b|-", NULL },
	{ "\"a b\"@c", "|a b|c|-", NULL },
	{ "\"a\\\"b\".c@d", "|a\"b.c|d|-", NULL },
	{ "a@[192.0.2.1]", "|a|[192.0.2.1]|-", NULL },
	{ "a . b @ c (x) . d", "x|a.b|c.d|-", NULL },
	{ "<@r1,@r2:a@b>", "|a|b|-", NULL },
	{ "G: a@b, N <c@d>;, e@f", "|a|b|G;N|c|d|G;|e|f|-", NULL },
	{ "undisclosed-recipients:;", "", NULL },
	{ " , a@b,, c@d ,", "|a|b|-;|c|d|-", NULL },
	{ "a\r\n @b,\r\n\tc@d", "|a|b|-;|c|d|-", NULL },
	{ "\xc3\xa9@\xc3\xa9.example", "|\xc3\xa9|\xc3\xa9.example|-", NULL },
	{ "", "", NULL },
	{ "a..b@c", NULL, "|a..b|c|-" },
	{ ".a@c, a.@c", NULL, "|.a|c|-;|a.|c|-" },
	{ "a@b; c@d", NULL, "|a|b|-;|c|d|-" },
	{ "just text, a@b", NULL, "|a|b|-" },
	{ "a b@c, d@e", NULL, "|d|e|-" },
	{ "\"x, evil@e\" y, a@b", NULL, "|a|b|-" },
	{ "<>", NULL, "" },
	{ "a@b c@d", NULL, "" },
	{ "a@", NULL, "" },
	{ "@b", NULL, "" },
	{ "a@b.", NULL, "" },
	{ "N <a@b", NULL, "" },
	{ "\"open <a@b>, c@d", NULL, "" },
	{ "(open a@b", NULL, "" },
	{ "\"a\nBcc: x\"@b", NULL, "" },
	{ "a@[1\n 2]", NULL, "" },
	{ "G: a@b", NULL, "|a|b|G" },
	{ "G: H: a@b;;", NULL, "" },
};

static const char *
flat(const struct addr_list *list, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < list->n; i++) {
		const struct addr *ad = &list->v[i];

		buf_fmt(out, "%s%.*s|%.*s|%.*s|%.*s", i ? ";" : "",
		    SLICE_ARG(ad->name), SLICE_ARG(ad->local),
		    SLICE_ARG(ad->domain),
		    SLICE_ARG(ad->group.p ? ad->group : slice_str("-")));
	}
	return buf_str(out);
}

static void
test_lists(void)
{
	struct buf out;

	buf_init(&out, 1u << 20);
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		const char *want = lists[i].want;
		struct slice in = slice_str(lists[i].in);
		struct arena a = { 0 };
		struct addr_list list;
		struct err e;
		int got = addr_parse(in, &a, &list, &e);

		is_int(got, want ? 0 : -1, "strict '%s'", lists[i].in);
		if (want)
			is_str(flat(&list, &out), want, "what is in it");
		addr_parse_lax(in, &a, &list);
		ok(list.flawed == (!want && !slice_is(in, "a..b@c") &&
				      !slice_is(in, ".a@c, a.@c") &&
				      !slice_is(in, "a@b; c@d")),
		    "lax: flawed or not");
		is_str(flat(&list, &out), want ? want : lists[i].lax,
		    "lax '%s'", lists[i].in);
		arena_free(&a);
	}
	buf_free(&out);
}

#define A10   "aaaaaaaaaa"
#define A60   A10 A10 A10 A10 A10 A10
#define LABEL A60 "aaa"

static const struct {
	const char *in;
	bool utf8;
	const char *local; /* null: refused */
} envelope[] = {
	{ "a@b", false, "a" },
	{ "a.b+c=d@example.com", false, "a.b+c=d" },
	{ "\"a b\\\"\"@c", false, "\"a b\\\"\"" },
	{ "\"\"@c", false, "\"\"" },
	{ "a@[192.0.2.1]", false, "a" },
	{ "a@[IPv6:2001:db8::1]", false, "a" },
	{ "a@[x]", false, NULL },
	{ "a@[192.0.2.1", false, NULL },
	{ "a@[192.0.2.1]x", false, NULL },
	{ A60 "aaaa@b", false, A60 "aaaa" },
	{ A60 "aaaaa@b", false, NULL },
	{ "a@" LABEL, false, "a" },
	{ "a@" LABEL "a", false, NULL },
	{ "a@" LABEL "." LABEL "." LABEL "." A60, false, "a" },
	{ "aa@" LABEL "." LABEL "." LABEL "." A60, false, NULL },
	{ "a@-b", false, NULL },
	{ "a@b-", false, NULL },
	{ "a@b..c", false, NULL },
	{ "a@b.", false, NULL },
	{ "a..b@c", false, NULL },
	{ ".a@c", false, NULL },
	{ "a", false, NULL },
	{ "a@", false, NULL },
	{ "@b", false, NULL },
	{ "", false, NULL },
	{ "a@b c", false, NULL },
	{ "a@b\r\nRCPT TO:<x@y>", false, NULL },
	{ "\"a\r\n\"@b", false, NULL },
	{ "a\n@b", false, NULL },
	{ "<a@b>", false, NULL },
	{ "\xc3\xa9@b", false, NULL },
	{ "\xc3\xa9@\xc3\xa9", true, "\xc3\xa9" },
	{ "\xc3@b", true, NULL },
};

static void
test_envelope(void)
{
	struct slice local, domain;
	struct err e;

	for (size_t i = 0; i < COUNT_OF(envelope); i++) {
		int got = addr_envelope(slice_str(envelope[i].in),
		    envelope[i].utf8, &local, &domain, &e);

		is_int(got, envelope[i].local ? 0 : -1, "envelope '%s'",
		    envelope[i].in);
		if (got == 0)
			is_slice(local, envelope[i].local, "its local part");
	}
	is_int(addr_envelope(slice_of("a\0b@c", 5), false, &local, &domain, &e),
	    -1, "NUL");
}

static void
test_format(void)
{
	static const struct {
		struct addr in;
		const char *want;
	} rows[] = {
		{ { SLICE_LIT(""), SLICE_LIT("a.b"), SLICE_LIT("c"),
		      { NULL, 0 } },
		    "a.b@c" },
		{ { SLICE_LIT("Lee, Ann"), SLICE_LIT("a b"), SLICE_LIT("c"),
		      { NULL, 0 } },
		    "\"Lee, Ann\" <\"a b\"@c>" },
		{ { SLICE_LIT("N"), SLICE_LIT("a..b"), SLICE_LIT("c"),
		      { NULL, 0 } },
		    "N <\"a..b\"@c>" },
	};
	struct buf out;

	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&out);
		addr_format_named(&rows[i].in, &out);
		is_str(buf_str(&out), rows[i].want, "format");
	}
	buf_free(&out);
	is_slice(addr_domain(slice_str("\"a@b\"@c")), "c", "domain");
	is_slice(addr_domain(slice_str("abc")), "", "no domain");
	ok(addr_equal(slice_str("a@B.c"), slice_str("a@b.C")), "equal");
	ok(!addr_equal(slice_str("A@b.c"), slice_str("a@b.c")), "not equal");
}

int
main(void)
{
	test_lists();
	test_envelope();
	test_format();
	return tap_done();
}
