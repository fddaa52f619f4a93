/* Unit tests of proto/smtpdata.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/smtpdata.h"

#include "tap.h"

#define S(text) SLICE_LIT(text)

/* want.p is null for what is refused. */
static const struct {
	struct slice in, want;
} rows[] = {
	{ S(""), S("") },
	{ S("a\r\n"), S("a\r\n") },
	{ S("a\nb\n"), S("a\r\nb\r\n") },
	{ S("a"), S("a\r\n") },
	{ S(".\r\n"), S("..\r\n") },
	{ S("a\n.\nb\n..c"), S("a\r\n..\r\nb\r\n...c\r\n") },
	{ S("a.b\n"), S("a.b\r\n") },
	{ S("\n\n"), S("\r\n\r\n") },
	{ S("\r\n.\n"), S("\r\n..\r\n") },
	{ S("\n.\r\n"), S("\r\n..\r\n") },
	{ S("a\rb"), { NULL, 0 } },
	{ S("a\r"), { NULL, 0 } },
	{ S("a\r\r\n"), { NULL, 0 } },
	{ S("\r.\r\n"), { NULL, 0 } },
	{ S("\r\n.\r"), { NULL, 0 } },
	{ S("a\0b"), { NULL, 0 } },
};

/* The text in pieces of n octets. */
static int
write_pieces(struct slice in, size_t n, struct buf *out, struct err *e)
{
	struct writer to = writer_to_buf(out), w;
	struct smtpdata d;

	smtpdata_init(&d, &to);
	w = smtpdata_writer(&d);
	while (in.n > 0)
		if (writer_put(&w, slice_take(&in, n), e) < 0)
			return -1;
	return smtpdata_end(&d, e);
}

static void
test_rows(void)
{
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t n = 1; n <= 4; n++) {
			bool good = rows[i].want.p != NULL;

			buf_reset(&b);
			is_int(write_pieces(rows[i].in, n, &b, NULL),
			    good ? 0 : -1, "row %zu in pieces of %zu", i, n);
			if (good)
				ok(slice_equal(buf_view(&b), rows[i].want),
				    "what comes out");
		}
	buf_free(&b);
}

static void
test_long_lines(void)
{
	char line[EOL_LINE_MAX + 3];
	struct buf b;
	struct err e;

	memset(line, 'x', sizeof(line));
	memcpy(line + EOL_LINE_MAX, "\r\n", 2);
	buf_init(&b, 4096);
	is_int(write_pieces(slice_of(line, EOL_LINE_MAX + 2), 7, &b, &e), 0,
	    "a line of 998");
	line[EOL_LINE_MAX] = 'x';
	memcpy(line + EOL_LINE_MAX + 1, "\r\n", 2);
	is_int(write_pieces(slice_of(line, EOL_LINE_MAX + 3), 7, &b, &e), -1,
	    "a line of 999");
	is_str(e.text, "more than 998 octets in line 1 of the message", "why");
	buf_free(&b);
}

int
main(void)
{
	test_rows();
	test_long_lines();
	return tap_done();
}
