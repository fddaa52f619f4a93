/* Unit tests of auth/author.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/buf.h"

#include "auth/author.h"

#include "tap.h"

static const struct {
	const char *in, *want;
} rows[] = {
	{ "a@b.test", "b.test" },
	{ " Ann <a@b.test>\r\n", "b.test" },
	{ "\"x@y.test\" <a@b.test>", "b.test" },
	{ "x@y.test <a@b.test>", "b.test" },
	{ "<a@b.test> x@y.test", "b.test" },
	{ "(a@c.test) a@b.test", "b.test" },
	{ "\"a@x\"@b.test", "b.test" },
	{ "a@b.test (comment), c@d.test", "b.test d.test" },
	{ "Team: a@b.test, C <c@d.test>;", "b.test d.test" },
	{ "Nobody:;", "" },
	{ "<@r.test,@s.test:a@b.test>", "b.test" },
	{ "a@[192.0.2.1]", "[192.0.2.1]" },
	{ "a @ b.test", "b.test" },
	{ "ann", "" },
	{ "", "" },
	{ "\"never closed <a@b.test>", "b.test" },
	{ "a@", "" },
	{ "a@b\xc3\xa4.test", "b\xc3\xa4.test" },
};

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena a = { 0 };
		struct slice *d;
		struct buf b;
		size_t n = author_domains(slice_str(rows[i].in), &a, &d);

		buf_init(&b, 1000);
		for (size_t k = 0; k < n; k++)
			buf_fmt(&b, "%s%.*s", k ? " " : "", SLICE_ARG(d[k]));
		is_str(buf_str(&b), rows[i].want, "%s", rows[i].in);
		buf_free(&b);
		arena_free(&a);
	}
	return tap_done();
}
