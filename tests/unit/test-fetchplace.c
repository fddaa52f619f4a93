/* Unit tests of flow/fetchplace.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "flow/fetchplace.h"

#include "tap.h"

static void
places(void)
{
	static const struct {
		const char *name;
		int separator;
		bool plain;
		const char *want; /* null: refused */
	} t[] = {
		{ "INBOX", '/', false, "" },
		{ "inbox", '/', true, "/INBOX" },
		{ "A/B", '/', false, "/.A.B" },
		{ "A/B", '/', true, "/A/B" },
		{ "A.B", '/', false, "/.A%2EB" },
		{ "A.B", '.', true, "/A/B" },
		{ "A/B", '.', true, "/A%2FB" },
		{ "..", '/', true, "/%2E." },
		{ "../../etc", '/', true, "/%2E./%2E./etc" },
		{ "../etc", '/', true, "/%2E./etc" },
		{ "a/../b", '/', true, "/a/%2E./b" },
		{ "a/..", '/', false, "/.a.%2E%2E" },
		{ "/etc", '/', true, NULL },
		{ "/etc", -1, true, "/%2Fetc" },
		{ "/etc", -1, false, "/.%2Fetc" },
		{ "a//b", '/', true, NULL },
		{ ".hidden", '/', true, "/%2Ehidden" },
		{ "cur", '/', true, "/%63ur" },
		{ "a/new", '/', true, "/a/%6Eew" },
		{ "Tmp", '/', true, "/%54mp" },
		{ "cur", '/', false, "/.cur" },
		{ "100%", '/', true, "/100%25" },
		{ "a\nb", '/', true, "/a%0Ab" },
		{ "Entw\303\274rfe", '/', true, "/Entw\303\274rfe" },
		{ "Entw\303\274rfe", '/', false, "/.Entw&APw-rfe" },
		{ "", '/', true, NULL },
	};

	for (size_t i = 0; i < COUNT_OF(t); i++) {
		struct buf out;
		struct err e;
		int ret;

		buf_init(&out, 4096);
		ret = fetchplace_of(
		    slice_str(t[i].name), t[i].separator, t[i].plain, &out, &e);
		if (!t[i].want)
			ok(ret < 0 && e.kind == ERR_DATA, "'%s' is refused",
			    t[i].name);
		else
			ok(ret == 0 && slice_is(buf_view(&out), t[i].want),
			    "'%s' is '%s'", t[i].name, t[i].want);
		buf_free(&out);
	}
}

static void
too_long(void)
{
	struct buf name, out;

	buf_init(&name, 4096);
	buf_init(&out, 8192);
	for (int i = 0; i < 300; i++)
		buf_char(&name, 'x');
	ok(fetchplace_of(buf_view(&name), '/', true, &out, NULL) < 0,
	    "300 octets are too long");
	buf_reset(&name);
	for (int i = 0; i < 50; i++)
		buf_text(&name, "a/");
	ok(fetchplace_of(buf_view(&name), '/', true, &out, NULL) < 0,
	    "50 levels are too deep");
	buf_free(&name);
	buf_free(&out);
}

static void
patterns(void)
{
	static const struct {
		const char *pattern, *name;
		bool want;
	} t[] = {
		{ "*", "a/b", true },
		{ "%", "a/b", false },
		{ "%", "a", true },
		{ "a/%", "a/b", true },
		{ "a/%", "a/b/c", false },
		{ "a*c", "a/b/c", true },
		{ "a*c", "a/b/d", false },
		{ "inbox", "INBOX", true },
		{ "Spam", "spam", false },
		{ "", "", true },
		{ "**********b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	};

	for (size_t i = 0; i < COUNT_OF(t); i++)
		ok(fetchplace_match(t[i].pattern, slice_str(t[i].name), '/') ==
			t[i].want,
		    "'%s' and '%s'", t[i].pattern, t[i].name);
}

int
main(void)
{
	places();
	too_long();
	patterns();
	return tap_done();
}
