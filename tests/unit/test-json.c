/* Unit tests of base/json.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "base/json.h"
#include "base/jsonline.h"

#include "tap.h"

static void
test_write(void)
{
	static const char octets[] = "a\0b";
	struct json *o = json_new_object(), *list = json_new_array();
	struct buf b;

	buf_init(&b, 4096);
	json_put_text(o, "z", "first stays first");
	json_put_text(o, "a", "\xffz\xc3");
	json_put_text(o, "none", NULL);
	json_put_slice(o, "nul", slice_of(octets, 3));
	json_put_number(o, "n", INT64_MIN);
	json_put_bool(o, "yes", true);
	json_put_null(o, "null");
	json_put_number(o, "bad\xff", 1);
	json_add_text(list, "\xe2\x82\xac\n\"");
	json_add_number(list, 7);
	json_add_slice(list, slice_of(NULL, 0));
	json_add(list, json_new_object());
	json_put(o, "list", list);
	json_write(o, false, &b);
	is_str(buf_str(&b),
	    "{\"z\":\"first stays first\",\"a\":\"\xef\xbf\xbdz\xef\xbf\xbd\","
	    "\"none\":null,\"nul\":\"a\\u0000b\",\"n\":-9223372036854775808,"
	    "\"yes\":true,\"null\":null,\"bad\xef\xbf\xbd\":1,"
	    "\"list\":[\"\xe2\x82\xac\\n\\\"\",7,null,{}]}",
	    "compact, in order, always UTF-8");
	json_free(&o);
	ok(!o, "freed");
	json_free(&o);
	buf_reset(&b);
	o = json_new_object();
	json_put_number(o, "n", 1);
	json_write(o, true, &b);
	is_str(buf_str(&b), "{\n  \"n\": 1\n}", "indented");
	json_free(&o);
	buf_free(&b);
}

static void
test_read(void)
{
	struct slice text = slice_str(
	    "{\"t\":\"a\\u0000b\",\"n\":-5,\"l\":[1,true],\"x\":1.5}");
	struct json *j;
	struct err e;
	int64_t n = 0;
	bool yes = false;
	struct slice s;

	is_int(json_read(text, &j, &e), 0, "an object is read");
	ok(json_text(json_member(j, "t"), &s) && s.n == 3, "text with a NUL");
	ok(json_number(json_member(j, "n"), &n) && n == -5, "a number");
	ok(!json_number(json_member(j, "x"), &n), "a fraction is none");
	ok(!json_number(json_member(j, "none"), &n),
	    "nor is what is not there");
	ok(!json_text(json_member(j, "n"), &s), "a number is no text");
	is_int((int64_t)json_count(json_member(j, "l")), 2, "a list");
	ok(json_bool(json_item(json_member(j, "l"), 1), &yes) && yes, "true");
	ok(!json_bool(json_item(json_member(j, "l"), 2), &yes), "list's end");
	json_free(&j);
}

static void
test_bad(void)
{
	static const struct {
		const char *name, *in;
		int ret;
	} rows[] = {
		{ "empty", "", -1 },
		{ "trailing", "{} x", -1 },
		{ "two keys alike", "{\"a\":1,\"a\":2}", -1 },
		{ "not UTF-8", "\"\xff\"", -1 },
		{ "cut", "{\"a\":", -1 },
		{ "a scalar", "1", 0 },
		{ "brackets in text", "\"[[[[\\\"[[\"", 0 },
	};
	struct json *j;
	struct buf deep;
	struct err e;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		is_int(json_read(slice_str(rows[i].in), &j, &e), rows[i].ret,
		    "%s", rows[i].name);
		ok(!j == (rows[i].ret < 0), "a value only when good");
		if (rows[i].ret < 0)
			is_int(e.kind, ERR_DATA, "bad data");
		json_free(&j);
	}
	buf_init(&deep, 1024);
	for (int i = 0; i <= JSON_DEPTH_MAX; i++)
		buf_char(&deep, '[');
	is_int(json_read(buf_view(&deep), &j, &e), -1, "too deep");
	is_str(e.text, "JSON is nested deeper than 64 levels", "is said");
	buf_free(&deep);
}

/* What is written without a tree says the same. */
static void
test_line(void)
{
	struct buf b;

	buf_init(&b, 4096);
	jsonline_begin(&b);
	jsonline_text(&b, "t", "\xff \x01\"\\\n");
	jsonline_maybe(&b, "m", NULL);
	jsonline_maybe(&b, "e", "");
	jsonline_number(&b, "n", INT64_MIN);
	jsonline_member(&b, "o");
	jsonline_bool(&b, "b", true);
	jsonline_null(&b, "z");
	jsonline_object_end(&b);
	jsonline_array(&b, "a");
	jsonline_element_number(&b, 7);
	jsonline_element_number(&b, -1);
	jsonline_element(&b, slice_of(NULL, 0));
	jsonline_object(&b);
	jsonline_object_end(&b);
	jsonline_array_end(&b);
	jsonline_end(&b);
	is_str(buf_str(&b),
	    "{\"t\":\"\xef\xbf\xbd \\u0001\\\"\\\\\\n\",\"m\":null,\"e\":\"\","
	    "\"n\":-9223372036854775808,\"o\":{\"b\":true,\"z\":null},"
	    "\"a\":[7,-1,\"\",{}]}\n",
	    "without a tree");
	buf_free(&b);
}

/* Runs of blanks and control octets, at all places of eight octets. */
static void
test_flat(void)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "", "" },
		{ " \t\n", "" },
		{ "a b", "a b" },
		{ "  a  b\n\t c ", "a b c" },
		{ "said \n 550", "said 550" },
		{ "a \"b\" \\  c", "a \\\"b\\\" \\\\ c" },
		{ "\xc3\xa4  \xff", "\xc3\xa4 \xef\xbf\xbd" },
		{ "\x7f x", "\x7f x" },
	};
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t n = 0; n < 10; n++) {
			char in[64], want[64];

			snprintf(in, sizeof(in), "%.*s%s", (int)n, "123456789",
			    rows[i].in);
			snprintf(want, sizeof(want), "{\"k\":\"%.*s%s%s\"}\n",
			    (int)n, "123456789",
			    n && (unsigned char)rows[i].in[0] - 1 < 32 &&
				    rows[i].want[0]
				? " "
				: "",
			    rows[i].want);
			buf_reset(&b);
			jsonline_begin(&b);
			jsonline_flat(&b, "k", slice_str(in));
			jsonline_end(&b);
			is_str(buf_str(&b), want, "flat %zu behind %zu", i, n);
		}
	buf_free(&b);
}

int
main(void)
{
	test_write();
	test_line();
	test_flat();
	test_read();
	test_bad();
	return tap_done();
}
