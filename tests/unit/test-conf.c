/* Unit tests of base/conf.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/io.h"

#include "tap.h"

struct settings {
	const char *host, *user;
	uint64_t port;
	struct opt_list header;
};

static const struct opt options[] = {
	OPT_TEXT(0, "host", struct settings, host, "HOST", "server"),
	OPT_TEXT(0, "user", struct settings, user, "NAME", "login"),
	OPT_NUMBER(0, "port", struct settings, port, "N", "port"),
	OPT_MANY(0, "header", struct settings, header, "FIELD", "field"),
	OPT_DONE,
};

static const char *const passed_over[] = { "host", "password", "user", NULL };

static const struct conf_reader reader = { "mtool", options, passed_over,
	false };
static const struct conf_reader server = { "mserver", options, passed_over,
	true };

static const char text[] = "# a remark\r\n"
			   "[*]\r\n"
			   "  header = X: all ; cut\n"
			   "mtool.port = 7\n"
			   "port: 5\n"
			   "\n"
			   "; remark\n"
			   "   [work]   \n"
			   "host=smtp.example.org\n"
			   "header=Y: work;kept\n"
			   "password = hush\n"
			   "mother.nonsense = 1\n"
			   "user = someone\n"
			   "mserver.user = me\n"
			   "[bad]\n"
			   "hots = x\n"
			   "[worse]\n"
			   "mtool.port = many";

static void
test_apply(void)
{
	struct settings s = { 0 };
	struct arena a = { 0 };
	struct conf c;
	struct err e;

	is_int(conf_parse(slice_str(text), "f", &a, &c, &e), 0, "parse");
	is_int(conf_apply(&c, "*", &reader, &s, &a, &e), 1, "[*]");
	is_int((int64_t)s.port, 7, "the tool's own key wins");
	is_int(conf_apply(&c, "work", &reader, &s, &a, &e), 1, "[work]");
	is_str(s.host, "smtp.example.org", "a key");
	is_int((int64_t)s.header.n, 2, "lists add up");
	is_str(s.header.v[0], "X: all", "blank and semicolon: a remark");
	is_str(s.header.v[1], "Y: work;kept", "semicolon alone: none");
	is_int(conf_apply(&c, "work", &server, &s, &a, &e), 1, "a server");
	is_str(s.user, "me", "has its own key");
	is_str(s.host, "smtp.example.org", "and no account's");
	is_int(conf_apply(&c, "wor", &reader, &s, &a, &e), 0, "no section");
	is_int(conf_apply(&c, "bad", &reader, &s, &a, &e), -1, "unknown key");
	is_int(e.kind, ERR_CONFIG, "is configuration");
	is_str(e.text, "f:16: unknown key 'hots'", "line and key");
	is_int(conf_apply(&c, "worse", &reader, &s, &a, &e), -1, "bad value");
	is_str(e.text, "f:18: port: 'many' is not a number", "line and value");
	arena_wipe(&a);
}

#define LONG_50  "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
#define LONG_200 LONG_50 LONG_50 LONG_50 LONG_50

static void
test_parse(void)
{
	static const struct {
		const char *name;
		struct slice in;
		const char *want; /* null: fine */
	} rows[] = {
		{ "empty", SLICE_LIT(""), NULL },
		{ "remarks", SLICE_LIT("; x\n# y\n"), NULL },
		{ "bare word", SLICE_LIT("[a]\nword\n"),
		    "f:2: neither [section] nor key = value" },
		{ "open section", SLICE_LIT("[a\n"),
		    "f:1: neither [section] nor key = value" },
		{ "no section", SLICE_LIT("a = b\n"),
		    "f:1: key before the first [section]" },
		{ "NUL", SLICE_LIT("[a]\nb=\0\n"),
		    "f:2: line has a NUL octet" },
		{ "long line", SLICE_LIT("[a]\nb=" LONG_200),
		    "f:2: line is too long" },
		{ "long section", SLICE_LIT("[" LONG_50 "]\n"),
		    "f:1: name of section is too long" },
		{ "long key", SLICE_LIT("[a]\n" LONG_50 LONG_50 "=1\n"), NULL },
	};
	struct arena a = { 0 };
	struct conf c;
	struct err e;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int r = conf_parse(rows[i].in, "f", &a, &c, &e);

		is_int(r, rows[i].want ? -1 : 0, "%s", rows[i].name);
		if (rows[i].want)
			is_str(e.text, rows[i].want, "is told");
	}
	arena_free(&a);
}

static void
test_mode(void)
{
	static const struct {
		const char *text;
		mode_t mode;
		int ret;
		const char *want; /* within the error */
	} rows[] = {
		{ "[a]\npassword=x\n", 0600, 1, "" },
		{ "[a]\npassword=x\n", 0640, -1, "others can read" },
		{ "[a]\nm.password=x\n", 0604, -1, "others can read" },
		{ "[a]\npassword-command=x\n", 0644, 1, "" },
		{ "[a]\npassword-command=x\n", 0620, -1, "others can write" },
		{ "[a]\npassword-command=x\n", 0602, -1, "others can write" },
	};
	char path[] = "/tmp/test-conf.XXXXXX";
	struct arena a = { 0 };
	struct conf c;
	struct err e;

	close(mkstemp(path));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice in = slice_str(rows[i].text);

		e.text[0] = '\0';
		io_replace(path, in.p, in.n, rows[i].mode, &e);
		is_int(conf_read(path, &a, &c, &e), rows[i].ret,
		    "mode %o, row %zu", (unsigned)rows[i].mode, i);
		ok(slice_search(slice_str(e.text), slice_str(rows[i].want)) !=
			SIZE_MAX,
		    "says '%s'", rows[i].want);
	}
	unlink(path);
	is_int(conf_read(path, &a, &c, &e), 0, "not there");
	is_int(conf_read("/", &a, &c, &e), -1, "a directory");
	is_int(e.kind, ERR_CONFIG, "is configuration");
	arena_free(&a);
}

int
main(void)
{
	test_apply();
	test_parse();
	test_mode();
	return tap_done();
}
