/* Unit tests of flow/msmtprc and flow/aliases.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/buf.h"

#include "flow/aliases.h"
#include "flow/msmtprc.h"

#include "tap.h"

static int
eval(const char *command, struct buf *line, struct err *e)
{
	if (slice_is(slice_str(command), "fail"))
		return err_set(e, ERR_CONFIG, "it failed");
	buf_text(line, command);
	return 0;
}

/* want: one command of the account "default"; null: refused, why in the
 * error. */
static const struct {
	const char *name, *text;
	enum msmtprc_key key;
	const char *want, *why;
} files[] = {
	{ "plain", "account default\nhost h.example\n", MSMTPRC_HOST,
	    "h.example", NULL },
	{ "blanks, comments, CRLF, quotes",
	    "# c\r\n\r\n  account\tdefault \r\n\tfrom  \"a b\" \r\n",
	    MSMTPRC_FROM, "a b", NULL },
	{ "defaults", "defaults\nport 587\naccount default\nhost x\n",
	    MSMTPRC_PORT, "587", NULL },
	{ "defaults anew", "defaults\nport 587\ndefaults\naccount default\n",
	    MSMTPRC_PORT, "", NULL },
	{ "inherited", "account a\nport 1\naccount b:a\naccount default : b\n",
	    MSMTPRC_PORT, "1", NULL },
	{ "of several the last",
	    "account a\nport 1\naccount b\nport 2\naccount default : a , b\n",
	    MSMTPRC_PORT, "2", NULL },
	{ "taken back", "defaults\nport 1\naccount default\nport\n",
	    MSMTPRC_PORT, "", NULL },
	{ "taken back by what is inherited",
	    "account a\nport 1\naccount b\nport\naccount default : a, b\n",
	    MSMTPRC_PORT, "", NULL },
	{ "nothing is on", "account default\ntls\n", MSMTPRC_TLS, "on", NULL },
	{ "auth", "account default\nauth\n", MSMTPRC_AUTH, "on", NULL },
	{ "eval", "account default\neval host made.example\n", MSMTPRC_HOST,
	    "made.example", NULL },
	{ "eval fails", "account default\neval fail\n", 0, NULL,
	    "'f', line 2: it failed" },
	{ "eval in eval", "account default\neval eval eval x\n", 0, NULL,
	    "'f', line 2: eval in eval" },
	{ "no account", "host x\n", 0, NULL, "'f', line 1: 'host' stands" },
	{ "unknown", "account default\nhots x\n", 0, NULL,
	    "'f', line 2: 'hots' is no command" },
	{ "not there", "account default : gone\n", 0, NULL,
	    "'f', line 1: no account 'gone'" },
	{ "no number", "account default\nport smtp\n", 0, NULL,
	    "'f', line 2: 'port smtp': it takes a number" },
	{ "neither on nor off", "account default\ntls yes\n", 0, NULL,
	    "'f', line 2: 'tls yes': it takes on or off" },
	{ "no name", "account\n", 0, NULL, "'f', line 1: an account has" },
};

static void
test_files(void)
{
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct msmtprc rc = { 0 };
		struct arena a = { 0 };
		const struct msmtprc_account *found;
		struct err e;
		int r = msmtprc_read(
		    slice_str(files[i].text), "f", eval, &a, &rc, &e);

		is_int(r, files[i].want ? 0 : -1, "%s", files[i].name);
		found = msmtprc_find(&rc, "default");
		if (r == 0 && found)
			is_slice(slice_str(found->value[files[i].key]),
			    files[i].want, "its value");
		else
			ok(r < 0 && e.kind == ERR_CONFIG &&
				slice_starts(slice_str(e.text), files[i].why),
			    "says why: %s", e.text);
		arena_free(&a);
	}
}

static void
test_match(void)
{
	static const struct {
		const char *pattern, *text;
		bool want;
	} rows[] = {
		{ "a@b", "A@B", true },
		{ "*@b.example", "me+x@b.example", true },
		{ "*@b.example", "me@c.example", false },
		{ "m?@*", "me@x", true },
		{ "", "", true },
		{ "*", "", true },
		{ "a*b*c", "aXbYbZc", true },
		{ "a*b*c", "aXbYbZ", false },
		{ "a", "ab", false },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		is_int(msmtprc_match(
			   slice_str(rows[i].pattern), slice_str(rows[i].text)),
		    rows[i].want, "%s fits %s", rows[i].pattern, rows[i].text);
}

static void
add(void *arg, struct slice address)
{
	struct buf *b = arg;

	buf_fmt(b, "%s%.*s", b->n ? " " : "", SLICE_ARG(address));
}

static void
test_aliases(void)
{
	static const char file[] = "# local\n"
				   "root: admin@a.example # me\n"
				   "Ops:\troot, joe@b.example,\n"
				   "\tann@b.example\n"
				   "#x: y\n"
				   "\"q n\": q@a.example\n"
				   "self: \\self, self\n"
				   "round: about\nabout: round\n"
				   "cmd: |rm\nfile: /tmp/x\n"
				   "incl: :include:/x\n";
	static const struct {
		const char *name, *more, *want; /* null: refused */
	} rows[] = {
		{ "root", "", "admin@a.example" },
		{ "ROOT", "", "admin@a.example" },
		{ "ops", "", "admin@a.example joe@b.example ann@b.example" },
		{ "x", "", "x" },
		{ "q n", "", "q@a.example" },
		{ "self", "", "self self" },
		{ "x", "default: root\n", "admin@a.example" },
		{ "x", "default: y, z@a.example\n", "y z@a.example" },
		{ "round", "", NULL },
		{ "cmd", "", NULL },
		{ "file", "", NULL },
		{ "incl", "", NULL },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena a = { 0 };
		const char *text = arena_fmt(&a, "%s%s", file, rows[i].more);
		struct buf got;
		struct err e;
		int r;

		buf_init(&got, 4096);
		r = aliases_resolve(slice_str(text), slice_str(rows[i].name),
		    add, &got, &a, &e);
		is_int(r, rows[i].want ? 0 : -1, "alias %s", rows[i].name);
		if (r == 0)
			is_slice(buf_view(&got), rows[i].want, "addresses");
		buf_free(&got);
		arena_free(&a);
	}
}

int
main(void)
{
	test_files();
	test_match();
	test_aliases();
	return tap_done();
}
