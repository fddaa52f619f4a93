/* Unit tests of text/taglist.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "text/taglist.h"

#include "tap.h"

static void
test_parse(void)
{
	static const struct {
		const char *in;
		int ret;
		int64_t n;
		const char *name, *value; /* of the last tag */
		int64_t name_at, value_at;
		const char *why;
	} rows[] = {
		{ "v=1", 0, 1, "v", "1", 0, 2, "" },
		{ " v = 1 ; p = ab\r\n cd ; ", 0, 2, "p", "ab\r\n cd", 9, 13,
		    "" },
		{ "v=1;p=", 0, 2, "p", "", 4, 6, "" },
		{ "v=1;p=a=b", 0, 2, "p", "a=b", 4, 6, "" },
		{ "a_1=x", 0, 1, "a_1", "x", 0, 4, "" },
		{ "v=1;V=2", 0, 2, "V", "2", 4, 6, "" },
		{ "", -1, 0, "", "", 0, 0, "no tags" },
		{ ";", -1, 0, "", "", 0, 0, "empty tag at offset 0" },
		{ "v=1;;p=2", -1, 1, "v", "1", 0, 2, "empty tag at offset 4" },
		{ "v=1;p", -1, 1, "v", "1", 0, 2,
		    "no '=' after 'p' at offset 4" },
		{ "v=1; 1p=2", -1, 1, "v", "1", 0, 2,
		    "'1p' at offset 5 is no tag name" },
		{ "v=1;=2", -1, 1, "v", "1", 0, 2,
		    "'' at offset 4 is no tag name" },
		{ "v=1;p=2;v=3", -1, 2, "p", "2", 4, 6,
		    "tag 'v' stands twice, at offset 0 and 8" },
		{ "v=\x01", -1, 0, "", "", 0, 0,
		    "control character in the value of tag 'v' at offset 2" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err e = { 0 };
		struct taglist l;
		const struct tag *t;

		is_int(taglist_parse(slice_str(rows[i].in), &l, &e),
		    rows[i].ret, "list '%s'", rows[i].in);
		is_int((int64_t)l.n, rows[i].n, "tags in it");
		is_str(e.text, rows[i].why, "the fault");
		if (!rows[i].n || (int64_t)l.n != rows[i].n)
			continue;
		t = &l.tag[l.n - 1];
		is_slice(t->name, rows[i].name, "last name");
		is_slice(t->value, rows[i].value, "last value");
		is_int((int64_t)t->name_at, rows[i].name_at, "name's offset");
		is_int(
		    (int64_t)t->value_at, rows[i].value_at, "value's offset");
	}
}

static void
test_limit(void)
{
	char text[6 * TAGLIST_MAX + 10];
	struct taglist l;
	struct err e = { 0 };
	size_t n = 0;

	for (int i = 0; i <= TAGLIST_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "t%d=;", i);
	is_int(taglist_parse(slice_of(text, n), &l, &e), -1, "too many");
	is_str(e.text, "more than 64 tags", "the fault");
	is_int((int64_t)l.n, TAGLIST_MAX, "the first stay");
}

static void
test_access(void)
{
	struct slice value = slice_str(" a : b:: c"), item;
	static const char *const want[] = { "a", "b", "", "c" };
	struct taglist l;

	is_int(taglist_parse(slice_str("v=1;t=y"), &l, NULL), 0, "parse");
	is_slice(taglist_get(&l, "t", "z"), "y", "get");
	is_slice(taglist_get(&l, "s", "*"), "*", "get what is not there");
	ok(!taglist_find(&l, "T"), "case counts");
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		ok(taglist_item(&value, ':', &item), "item %zu", i);
		is_slice(item, want[i], "its text");
	}
	ok(!taglist_item(&value, ':', &item), "then the end");
}

int
main(void)
{
	test_parse();
	test_limit();
	test_access();
	return tap_done();
}
