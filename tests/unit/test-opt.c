/* Unit tests of base/opt.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/opt.h"

#include "tap.h"

struct inner {
	bool deep;
	const char *color;
};

struct settings {
	bool quiet;
	unsigned verbose;
	const char *from;
	struct opt_list to;
	uint64_t port, size;
	int64_t wait;
	const char *password;
	struct inner inner;
};

static const struct opt inner_options[] = {
	OPT_HEAD("Common"),
	OPT_FLAG(0, "deep", struct inner, deep, "from another table"),
	{ .kind = OPT_KIND_CHOICE,
	    .name = "color",
	    .arg = "auto|always|never",
	    .help = "colours",
	    .at = offsetof(struct inner, color),
	    .flags = OPT_BRIEF },
	OPT_DONE,
};

static const struct opt options[] = {
	OPT_HEAD("Envelope"),
	{ .kind = OPT_KIND_TEXT,
	    .letter = 'f',
	    .name = "from",
	    .arg = "ADDR",
	    .help = "envelope sender, or <> for none, which is what a bounce "
		    "has and what no reply is ever sent to",
	    .at = offsetof(struct settings, from),
	    .flags = OPT_EMPTY },
	OPT_MANY('t', "to", struct settings, to, "ADDR", "recipient's address"),
	OPT_FLAG('q', "quiet", struct settings, quiet, "say [nothing]"),
	OPT_COUNT('v', "verbose", struct settings, verbose, "say more"),
	{ .kind = OPT_KIND_NUMBER,
	    .letter = 'p',
	    .name = "port",
	    .arg = "N",
	    .help = "port",
	    .at = offsetof(struct settings, port),
	    .max = 65535,
	    .flags = OPT_NO_CONF },
	OPT_SIZE(0, "size", struct settings, size, "SIZE", "how much"),
	{ .kind = OPT_KIND_NUMBER,
	    .name = "count",
	    .arg = "N",
	    .help = "how often",
	    .at = offsetof(struct settings, port),
	    .flags = OPT_FROM_1 | OPT_HIDDEN },
	{ .kind = OPT_KIND_SIZE,
	    .name = "least",
	    .arg = "SIZE",
	    .help = "at least",
	    .at = offsetof(struct settings, size),
	    .flags = OPT_FROM_1 | OPT_HIDDEN },
	OPT_DURATION(0, "wait", struct settings, wait, "TIME", "how long"),
	{ .kind = OPT_KIND_TEXT,
	    .name = "password",
	    .arg = "WORD",
	    .help = "secret",
	    .at = offsetof(struct settings, password),
	    .flags = OPT_SECRET },
	{ .kind = OPT_KIND_FLAG,
	    .name = "hide",
	    .help = "not shown",
	    .at = offsetof(struct settings, quiet),
	    .flags = OPT_HIDDEN },
	OPT_MORE(inner_options, struct settings, inner),
	OPT_TEXT(0, "file", struct settings, from, "FILE", "after the others"),
	OPT_DONE,
};

#define ARGS_MAX 16

/* Parses the words of line; what was read as one text in got. */
static int
parse(const char *line, char *got, size_t n, struct err *e)
{
	struct settings s = { 0 };
	struct arena a = { 0 };
	struct opt_list rest;
	struct slice left = slice_str(line);
	char *argv[ARGS_MAX] = { arena_string(&a, "tool") };
	int argc = 1, r, at;

	while (left.n)
		argv[argc++] =
		    arena_copy(&a, slice_take_until(&left, ' ', NULL));
	r = opt_parse(options, argc, argv, &s, &rest, &a, e);
	at = snprintf(got, n, "q%d v%u f=%s p%llu s%llu w%lld d%d c=%s to",
	    s.quiet, s.verbose, s.from ? s.from : "-",
	    (unsigned long long)s.port, (unsigned long long)s.size,
	    (long long)s.wait, s.inner.deep,
	    s.inner.color ? s.inner.color : "-");
	for (size_t i = 0; i < s.to.n; i++)
		at += snprintf(got + at, n - (size_t)at, " %s", s.to.v[i]);
	at += snprintf(got + at, n - (size_t)at, " rest");
	for (size_t i = 0; i < rest.n; i++)
		at += snprintf(got + at, n - (size_t)at, " %s", rest.v[i]);
	arena_free(&a);
	return r;
}

static void
test_good(void)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "", "q0 v0 f=- p0 s0 w0 d0 c=- to rest" },
		{ "-q -vv -fx", "q1 v2 f=x p0 s0 w0 d0 c=- to rest" },
		{ "-qvf x", "q1 v1 f=x p0 s0 w0 d0 c=- to rest" },
		{ "--from=a=b --from c", "q0 v0 f=c p0 s0 w0 d0 c=- to rest" },
		{ "--from=", "q0 v0 f= p0 s0 w0 d0 c=- to rest" },
		{ "a -t x b --to=y -", "q0 v0 f=- p0 s0 w0 d0 c=- to x y rest "
				       "a b -" },
		{ "-q -- -v --to", "q1 v0 f=- p0 s0 w0 d0 c=- to rest -v "
				   "--to" },
		{ "--qui --verb=5", "q1 v5 f=- p0 s0 w0 d0 c=- to rest" },
		{ "-q --quiet=no", "q0 v0 f=- p0 s0 w0 d0 c=- to rest" },
		{ "--port 65535 --size 2k --wait 500ms",
		    "q0 v0 f=- p65535 s2048 w500 d0 c=- to rest" },
		{ "--size 1G --wait 14d",
		    "q0 v0 f=- p0 s1073741824 w1209600000 d0 c=- to rest" },
		{ "--count 1 --least 1k",
		    "q0 v0 f=- p1 s1024 w0 d0 c=- to rest" },
		{ "--wait 30", "q0 v0 f=- p0 s0 w30000 d0 c=- to rest" },
		{ "--deep --color never",
		    "q0 v0 f=- p0 s0 w0 d1 c=never to rest" },
		{ "--file x --hide", "q1 v0 f=x p0 s0 w0 d0 c=- to rest" },
	};
	char got[256];
	struct err e;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		e.text[0] = '\0';
		is_int(parse(rows[i].in, got, sizeof(got), &e), 0,
		    "'%s' is taken (%s)", rows[i].in, e.text);
		is_str(got, rows[i].want, "'%s' means", rows[i].in);
	}
}

static void
test_bad(void)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "--nope", "unknown option '--nope': --help lists them all" },
		{ "--nope=1", "unknown option '--nope': --help lists them "
			      "all" },
		{ "-x", "unknown option '-x': --help lists them all" },
		{ "-qx", "unknown option '-x': --help lists them all" },
		{ "--f=1", "option '--f' is ambiguous: --from, --file" },
		{ "--hid", "unknown option '--hid': --help lists them all" },
		{ "--from", "option '--from' needs a value: ADDR" },
		{ "-q -f", "option '-f' needs a value: ADDR" },
		{ "--quiet=perhaps", "--quiet: 'perhaps' is neither yes nor "
				     "no" },
		{ "--port 65536", "--port: '65536' is not a number from 0 to "
				  "65535" },
		{ "--count 0", "--count: '0' is not a number from 1" },
		{ "--least 0", "--least: size '0' is too small" },
		{ "--to=", "--to: nothing is no value: ADDR, or leave it "
			   "away" },
		{ "--file= x", "--file: nothing is no value: FILE, or leave "
			       "it away" },
		{ "-p -1", "-p: '-1' is not a number from 0 to 65535" },
		{ "--size 1T", "--size: '1T' is not a size: write 500, 64k, "
			       "10M or 1G" },
		{ "--size 99999999999G", "--size: size '99999999999G' is too "
					 "large" },
		{ "--wait 5y", "--wait: '5y' is not a length of time: write "
			       "500ms, 30s, 5m, 2h or 14d" },
		{ "--wait s", "--wait: 's' is not a length of time: write "
			      "500ms, 30s, 5m, 2h or 14d" },
		{ "--wait 999999999999999999d",
		    "--wait: time '999999999999999999d' is too long" },
		{ "--color blue", "--color: 'blue' is none of "
				  "auto|always|never" },
		{ "--password x", "'password' is a key of the accounts file, "
				  "not an option: others see the command "
				  "line" },
		{ "--pass x", "unknown option '--pass': --help lists them "
			      "all" },
	};
	char got[256];
	struct err e;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		is_int(parse(rows[i].in, got, sizeof(got), &e), -1,
		    "'%s' is refused", rows[i].in);
		is_int(e.kind, ERR_USAGE, "as wrong usage");
		is_str(e.text, rows[i].want, "and named");
	}
}

static void
test_set(void)
{
	static const struct {
		const char *name, *value, *want;
	} bad[] = {
		{ "nope", "1", "unknown key 'nope'" },
		{ "fro", "1", "unknown key 'fro'" },
		{ "port", "1", "'port' is an option of the command line only" },
		{ "quiet", "7", "quiet: '7' is neither yes nor no" },
	};
	struct settings s = { 0 };
	struct arena a = { 0 };
	char value[] = "hush";
	struct err e;

	is_int(opt_set(options, "password", value, &s, &a, &e), 0, "a secret");
	value[0] = '-';
	is_str(s.password, "hush", "is copied");
	is_int(opt_set(options, "quiet", "Yes", &s, &a, &e), 0, "yes");
	ok(s.quiet, "turns on");
	is_int(opt_set(options, "quiet", "false", &s, &a, &e), 0, "false");
	ok(!s.quiet, "turns off");
	is_int(opt_set(options, "color", "always", &s, &a, &e), 0, "a choice");
	is_str(s.inner.color, "always", "of the inner table");
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		is_int(opt_set(options, bad[i].name, bad[i].value, &s, &a, &e),
		    -1, "key '%s' is refused", bad[i].name);
		is_int(e.kind, ERR_CONFIG, "as configuration");
		is_str(e.text, bad[i].want, "and named");
	}
	ok(opt_has(options, "deep"), "has");
	ok(!opt_has(options, "port"), "has not what is no key");
	arena_wipe(&a);
}

/* Every line of the text fits a screen. */
static bool
fits(struct slice text, size_t width)
{
	struct slice line;

	while (slice_take_line(&text, &line, NULL))
		if (line.n >= width)
			return false;
	return true;
}

static bool
holds(const struct buf *b, const char *text)
{
	return slice_search(buf_view(b), slice_str(text)) != SIZE_MAX;
}

static void
test_help(void)
{
	struct buf b;

	buf_init(&b, 65536);
	opt_help(options, &b);
	ok(fits(buf_view(&b), 80), "help fits 80 columns");
	ok(holds(&b, "Envelope:\n  -f, --from ADDR  envelope sender"), "a row");
	ok(holds(&b, "      --deep       from another table"), "a row inside");
	ok(holds(&b, "\n  --color auto|always|never\n"), "one only named");
	ok(!holds(&b, "password") && !holds(&b, "hide"), "the rest is silent");
	buf_reset(&b);
	opt_list_all(options, &b);
	ok(holds(&b, "-f\t--from\tADDR\t-\n"), "list: with a letter");
	ok(holds(&b, "-\t--hide\t-\thidden\n"), "list: hidden");
	ok(!holds(&b, "password"), "list: no key");
	buf_free(&b);
}

static void
test_completion(void)
{
	static const struct {
		const char *shell, *want;
	} rows[] = {
		{ "bash", "compgen -W 'auto always never'" },
		{ "bash", "complete -F _tool tool\n" },
		{ "bash", "\t-f | --from)\n\t\treturn ;;\n" },
		{ "bash", "\t--file)\n\t\tcompopt -o filenames\n" },
		{ "zsh", "#compdef tool\n" },
		{ "zsh", "'*'{-t+,--to=}'[recipient'\\''s address]:ADDR: '" },
		{ "zsh", "'(-q --quiet)'{-q,--quiet}'[say \\[nothing\\]]'" },
		{ "zsh", "'--file=[after the others]:FILE:_files'" },
		{ "fish", "complete -c tool -s q -l quiet -d 'say [nothing]'" },
		{ "fish", " -l to -x -d 'recipient'\\''s address'" },
		{ "fish", " -l color -x -a 'auto always never' -d 'colours'" },
	};
	struct buf b;
	struct err e;

	buf_init(&b, 65536);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		buf_reset(&b);
		is_int(opt_completion(options, "tool", rows[i].shell, &b, &e),
		    0, "%s", rows[i].shell);
		ok(holds(&b, rows[i].want), "has %s", rows[i].want);
		ok(holds(&b, "hide"), "%s: one that --help lacks",
		    rows[i].shell);
	}
	is_int(opt_completion(options, "tool", "csh", &b, &e), -1, "no csh");
	is_int(e.kind, ERR_USAGE, "is wrong usage");
	buf_free(&b);
}

int
main(void)
{
	test_good();
	test_bad();
	test_set();
	test_help();
	test_completion();
	return tap_done();
}
