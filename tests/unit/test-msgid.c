/* Unit tests of msg/msgid.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msg/msgid.h"

#include "tap.h"

static int64_t
fixed(const struct given *g)
{
	return g->fixed_now;
}

static void
sevens(void *p, size_t n)
{
	memset(p, 7, n);
}

static void
test_make(void)
{
	struct given g = { fixed, 1795478972, sevens, "host.example", NULL };
	static const struct {
		const char *host, *domain, *want;
	} rows[] = {
		{ "h.example", "a.example",
		    "<6b04d5bc.070707070707070707070707@a.example>" },
		{ "h.example", "",
		    "<6b04d5bc.070707070707070707070707@h.example>" },
		{ NULL, "", "<6b04d5bc.070707070707070707070707@localhost>" },
	};
	struct buf b;

	buf_init(&b, MSGID_MAX);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&b);
		g.hostname = rows[i].host;
		msgid_make(&g, slice_str(rows[i].domain), &b);
		is_slice(buf_view(&b), rows[i].want, "made %zu", i);
	}
	buf_free(&b);
}

static void
test_find(void)
{
	static const struct {
		const char *in;
		int64_t n;
		const char *first, *last;
	} rows[] = {
		{ "<a@b>", 1, "<a@b>", "<a@b>" },
		{ " <a@b>\r\n <c@d>,<e>", 3, "<a@b>", "<e>" },
		{ "Your message of \"x\" <a@b> (c)", 1, "<a@b>", "<a@b>" },
		{ "<<a@b> <c d> <> <e", 1, "<a@b>", "<a@b>" },
		{ " a@b ", 0, "a@b", "" },
		{ "a b@c", 0, "", "" },
		{ "", 0, "", "" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice rest = slice_str(rows[i].in), id = { 0 }, first;
		int64_t n = 0;

		first = id;
		while (msgid_next(&rest, &id))
			n++;
		is_int(n, rows[i].n, "ids in '%s'", rows[i].in);
		is_slice(id, rows[i].last, "the last");
		ok(msgid_first(slice_str(rows[i].in), &first) ==
			(rows[i].first[0] != '\0'),
		    "has a first");
		is_slice(first, rows[i].first, "the first");
	}
}

int
main(void)
{
	test_make();
	test_find();
	return tap_done();
}
