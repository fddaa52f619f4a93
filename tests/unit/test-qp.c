/* Unit tests of text/qp.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/qp.h"

#include "tap.h"

#define X70                                                                    \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void
test_encode(void)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "", "" },
		{ "plain\n", "plain\r\n" },
		{ "plain\r\nopen", "plain\r\nopen" },
		{ "caf\xc3\xa9 = 1\n", "caf=C3=A9 =3D 1\r\n" },
		{ "blank \ntab\t\r\n \n", "blank=20\r\ntab=09\r\n=20\r\n" },
		{ "two  blanks", "two  blanks" },
		{ "ends ", "ends=20" },
		{ "From me\nFrost\n>From\n",
		    "=46rom me\r\nFrost\r\n>From\r\n" },
		{ ".\n..a\nb.\n", "=2E\r\n=2E.a\r\nb.\r\n" },
		{ "a\rb\r", "a=0Db=0D" },
		{ "a \r", "a =0D" },
		{ X70 "12345", X70 "12345" },
		{ X70 "123456", X70 "12345=\r\n6" },
		{ X70 "1234\xc3", X70 "1234=\r\n=C3" },
		{ X70 "1234 \nx", X70 "1234=\r\n=20\r\nx" },
		{ X70 "12345.\n", X70 "12345=\r\n=2E\r\n" },
	};
	struct buf b, back;

	buf_init(&b, 1000);
	buf_init(&back, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&b);
		buf_reset(&back);
		qp_encode(slice_str(rows[i].in), &b);
		is_slice(buf_view(&b), rows[i].want, "encode %zu", i);
		ok(qp_decode(buf_view(&b), &back), "decodes");
	}
	buf_free(&b);
	buf_free(&back);
}

static void
test_binary(void)
{
	struct qp_encoder enc = { .binary = true };
	struct buf b, back;

	buf_init(&b, 100);
	buf_init(&back, 100);
	qp_add(&enc, slice_str("a\r\nb \n\r."), &b);
	qp_finish(&enc, &b);
	is_slice(buf_view(&b), "a=0D=0Ab =0A=0D.", "binary");
	ok(qp_decode(buf_view(&b), &back), "decodes");
	is_slice(buf_view(&back), "a\r\nb \n\r.", "to what it was");
	buf_free(&b);
	buf_free(&back);
}

static void
test_decode(void)
{
	static const struct {
		const char *in;
		bool ret;
		const char *want;
	} rows[] = {
		{ "a=3Db=c3=A9", true, "a=b\xc3\xa9" },
		{ "soft=\r\nbreak=\nagain", true, "softbreakagain" },
		{ "soft= \t\r\nbreak", true, "softbreak" },
		{ "blanks  \r\nend\t\n", true, "blanks\r\nend\n" },
		{ "in the  middle", true, "in the  middle" },
		{ "a=zb", false, "a=zb" },
		{ "a=3zb", false, "a=3zb" },
		{ "a==3D", false, "a==" },
		{ "a= b", false, "a= b" },
		{ "a=\rb", false, "a=\rb" },
		{ "a=", false, "a" },
		{ "a=4", false, "a=4" },
		{ "8bit \xe9", false, "8bit \xe9" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct qp_decoder dec = { 0 };
		struct slice in = slice_str(rows[i].in);

		buf_reset(&b);
		ok(qp_decode(in, &b) == rows[i].ret, "decode '%s'", rows[i].in);
		is_slice(buf_view(&b), rows[i].want, "its octets");
		buf_reset(&b);
		while (in.n)
			qp_decode_add(&dec, slice_take(&in, 1), &b);
		qp_decode_finish(&dec, &b);
		is_slice(buf_view(&b), rows[i].want, "octet by octet");
	}
	buf_free(&b);
}

static void
test_many_blanks(void)
{
	char blanks[QP_HELD_MAX + 50];
	struct buf b;

	memset(blanks, ' ', sizeof(blanks));
	buf_init(&b, 2 * sizeof(blanks));
	ok(qp_decode(slice_of(blanks, sizeof(blanks)), &b), "many blanks");
	is_int((int64_t)b.n, QP_HELD_MAX, "what was not held back is kept");
	buf_free(&b);
}

int
main(void)
{
	test_encode();
	test_binary();
	test_decode();
	test_many_blanks();
	return tap_done();
}
