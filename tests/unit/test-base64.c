/* Unit tests of text/base64 (the first rows are RFC 4648's).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"

#include "tap.h"

static void
test_vectors(void)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xff\xfe\xfd~", "//79fg==" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&b);
		base64_encode(slice_str(rows[i].in), &b);
		is_slice(buf_view(&b), rows[i].want, "encode '%s'", rows[i].in);
		is_int((int64_t)base64_size(strlen(rows[i].in)), (int64_t)b.n,
		    "size");
		buf_reset(&b);
		ok(base64_decode(slice_str(rows[i].want), &b), "decode '%s'",
		    rows[i].want);
		is_slice(buf_view(&b), rows[i].in, "its octets");
	}
	buf_free(&b);
}

static bool
decode_body(struct slice in, struct buf *out)
{
	struct base64_decoder dec = { 0 };

	/* An octet at a time: pieces must not matter. */
	while (in.n)
		base64_decode_add(&dec, slice_take(&in, 1), out);
	base64_decode_finish(&dec, out);
	return !dec.flawed;
}

static void
test_decode(void)
{
	static const struct {
		const char *in;
		bool strict, fws, body;
		const char *want;
	} rows[] = {
		{ "Zm9v\r\n Ym\tFy", false, true, true, "foobar" },
		{ "Zg= =", false, true, true, "f" },
		{ "Zg=", false, false, false, "f" },
		{ "Zg", false, false, false, "f" },
		{ "Z", false, false, false, "" },
		{ "Zh==", false, false, false, "f" },
		{ "Zm9=", false, false, false, "fo" },
		{ "Zm9v=", false, false, false, "foo" },
		{ "Zg==Zg==", false, false, false, "ff" },
		{ "Zg===", false, false, false, "f" },
		{ "Zm-9v!", false, false, false, "foo" },
		{ "Zm9v\xff", false, false, false, "foo" },
		{ "====", false, false, false, "" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice in = slice_str(rows[i].in);

		ok(base64_decode(in, &b) == rows[i].strict, "strict '%s'",
		    rows[i].in);
		ok(base64_decode_fws(in, &b) == rows[i].fws, "with blanks");
		buf_reset(&b);
		ok(decode_body(in, &b) == rows[i].body, "as a body");
		is_slice(buf_view(&b), rows[i].want, "its octets");
		buf_reset(&b);
	}
	buf_free(&b);
}

static void
test_lines(void)
{
	unsigned char octets[1000] = { 0 };
	struct slice in = slice_of(octets, sizeof(octets));
	struct buf whole, pieces, back;

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (unsigned char)(i * 7);
	buf_init(&whole, 2000);
	buf_init(&pieces, 2000);
	buf_init(&back, 2000);
	base64_encode_lines(in, &whole);
	is_int((int64_t)whole.n, (int64_t)base64_size_lines(in.n), "size");
	is_int((int64_t)slice_find(buf_view(&whole), '\r'), BASE64_LINE,
	    "lines have 76 characters");
	ok(slice_ends_nocase(buf_view(&whole), "\r\n"), "the last ends too");
	ok(base64_decode_fws(buf_view(&whole), &back), "decodes");
	ok(slice_equal(buf_view(&back), in), "to what it was");
	for (size_t step = 1; step < 130; step += 7) {
		struct base64_encoder enc = { .lines = true };
		struct slice rest = in;

		buf_reset(&pieces);
		while (rest.n)
			base64_add(&enc, slice_take(&rest, step), &pieces);
		base64_finish(&enc, &pieces);
		ok(slice_equal(buf_view(&whole), buf_view(&pieces)),
		    "pieces of %zu", step);
	}
	buf_free(&whole);
	buf_free(&pieces);
	buf_free(&back);
	ok(base64_size_lines(UINT64_MAX) == UINT64_MAX, "size saturates");
	is_int((int64_t)base64_size_lines(57), 78, "one full line");
	is_int((int64_t)base64_size_lines(58), 84, "and a bit");
}

static void
test_full(void)
{
	struct buf b;

	buf_init(&b, 5);
	ok(!base64_decode(slice_str("Zm9vYmFy"), &b), "beyond the maximum");
	ok(buf_over(&b), "said so");
	buf_free(&b);
	buf_init(&b, 6);
	ok(base64_decode_fws(slice_str("Zm9v   YmFy"), &b), "just fits");
	buf_free(&b);
}

int
main(void)
{
	test_vectors();
	test_decode();
	test_lines();
	test_full();
	return tap_done();
}
