/* msend called as sendmail or msmtp: the flags that cron, PHP, git, mailx and
 * mutt use, and msmtp's own.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pwd.h>
#include <unistd.h>

#include "msend_front.h"

#define CONFIGURE 256 /* no letter, but an option */

/* What a letter means. */
enum letter_kind {
	NO_SUCH,
	IGNORED,
	IGNORED_REST,  /* what is attached to it as well */
	IGNORED_VALUE, /* and its value */
	FLAG,          /* has a meaning */
	REST,          /* and what is attached to it */
	VALUE          /* and a value, attached or not */
};

static enum letter_kind
kind_of(const struct msend_front *f, int letter)
{
	static const struct {
		const char *letters;
		enum letter_kind sendmail, msmtp;
	} kinds[] = {
		{ "GUmn", IGNORED, IGNORED },
		{ "i", IGNORED, IGNORED },
		{ "c", IGNORED, NO_SUCH },
		{ "e", IGNORED_REST, NO_SUCH },
		{ "BLhO", IGNORED_VALUE, IGNORED_VALUE },
		{ "px", IGNORED_VALUE, NO_SUCH },
		{ "o", IGNORED_REST, IGNORED_REST },
		{ "X", IGNORED_VALUE, VALUE },
		{ "A", IGNORED_REST, IGNORED_REST },
		{ "tvI", FLAG, FLAG },
		{ "PS", IGNORED_VALUE, FLAG },
		{ "d", IGNORED_REST, FLAG },
		{ "bq", REST, REST },
		{ "CNRFfra", VALUE, VALUE },
		{ "V", VALUE, FLAG },
	};

	for (size_t i = 0; i < COUNT_OF(kinds) && letter; i++)
		if (strchr(kinds[i].letters, letter))
			return f->msmtp ? kinds[i].msmtp : kinds[i].sendmail;
	return NO_SUCH;
}

static int
set_command(
    struct msend_front *f, const char *name, const char *value, struct err *e)
{
	if (msmtprc_set(&f->cli, slice_str(name), slice_str(value), f->a, e) ==
	    0)
		return 0;
	e->kind = ERR_USAGE;
	return -1;
}

/* -bX: what sendmail shall be. 1: it was answered. */
static int
set_mode(struct msend_front *f, const char *mode, struct err *e)
{
	switch (mode[0]) {
	case 'm':
		return 0;
	case 's':
		f->set->local.smtp = true;
		return 0;
	case 'p':
		f->set->local.queue = true;
		return 1;
	case 'i':
		return 1;
	case 'v':
		return err_set(e, ERR_USAGE,
		    "-bv: nobody here knows whether an address is good");
	default:
		return err_set(e, ERR_USAGE,
		    "-b%s: msend is no daemon; mreceive is", mode);
	}
}

/* One that takes no value. */
static int
take_flag(struct msend_front *f, int letter)
{
	switch (letter) {
	case 't':
		f->set->take = true;
		break;
	case 'v':
	case 'd':
		msend_front_add(f, "-vv");
		break;
	case 'P':
		f->set->local.pretend = true;
		break;
	case 'S':
		msend_front_add(f, "--server-info");
		break;
	case 'V':
		msend_front_add(f, "--version");
		break;
	default: /* -I: the aliases are read as they are */
		return 1;
	}
	return 0;
}

static int
take_value(struct msend_front *f, int letter, const char *value, struct err *e)
{
	switch (letter) {
	case 'C':
		f->config = value;
		break;
	case 'a':
		f->account = value;
		break;
	case 'f':
	case 'r':
		f->from = value;
		break;
	case 'F':
		f->set->local.full_name = value;
		break;
	case 'N':
		return set_command(f, "dsn_notify", value, e);
	case 'R':
		return set_command(f, "dsn_return", value, e);
	case 'V':
		f->envid = value;
		break;
	case 'X':
		return set_command(f, "logfile", value, e);
	case CONFIGURE:
		f->configure = value;
		break;
	}
	return 0;
}

/* The letters of one argument; *i moves on where the next is a value. */
static int
take_letters(
    struct msend_front *f, int argc, char **argv, int *i, struct err *e)
{
	const char *at = argv[*i] + 1;
	int r = 0;

	for (; *at && r == 0; at++) {
		enum letter_kind kind = kind_of(f, *at);

		if (kind == NO_SUCH)
			return err_set(e, ERR_USAGE, "unknown option '-%c'",
			    *at > ' ' && *at < 127 ? *at : '?');
		if (kind == FLAG)
			r = take_flag(f, *at);
		if (kind == IGNORED || kind == FLAG)
			continue;
		/* "-o i": some write a blank. */
		if (kind == IGNORED_REST)
			return 0;
		if (kind == REST)
			return *at == 'b' ? set_mode(f, at + 1, e) : 1;
		if (!at[1] && *i + 1 >= argc)
			return err_set(
			    e, ERR_USAGE, "option '-%c' needs a value", *at);
		if (kind == IGNORED_VALUE) {
			*i += at[1] ? 0 : 1;
			return 0;
		}
		return take_value(f, *at, at[1] ? at + 1 : argv[++*i], e);
	}
	return r;
}

/* msmtp's long options that are no commands of its configuration. */
static const struct {
	const char *name;
	int letter; /* the same */
	bool value;
} longs[] = {
	{ "file", 'C', true },
	{ "account", 'a', true },
	{ "from", 'f', true },
	{ "read-recipients", 't', false },
	{ "debug", 'd', false },
	{ "pretend", 'P', false },
	{ "serverinfo", 'S', false },
	{ "version", 'V', false },
	{ "configure", CONFIGURE, true },
};

static int
take_long(struct msend_front *f, int argc, char **argv, int *i, struct err *e)
{
	struct slice value = slice_str(argv[*i] + 2), name;
	const char *text = NULL;
	bool given;

	name = slice_take_until(&value, '=', &given);
	if (given)
		text = arena_copy(f->a, value);
	if (slice_is(name, "help")) {
		msend_front_add(f, "--help");
		return 0;
	}
	if (slice_is(name, "read-envelope-from"))
		return 0; /* it is what msend does */
	for (size_t k = 0; k < COUNT_OF(longs); k++) {
		if (!slice_is(name, longs[k].name))
			continue;
		if (!longs[k].value)
			return take_flag(f, longs[k].letter);
		if (!text && *i + 1 < argc)
			text = argv[++*i];
		if (!text)
			return err_set(e, ERR_USAGE,
			    "option '--%s' needs a value", longs[k].name);
		return take_value(f, longs[k].letter, text, e);
	}
	if (slice_is(name, "rmqs"))
		return err_set(e, ERR_USAGE,
		    "'--rmqs': ETRN is not spoken; mfetch brings mail here");
	if (slice_is(name, "keepbcc"))
		return err_set(e, ERR_USAGE, "'--keepbcc': Bcc never leaves");
	if (!text && msmtprc_wants_value(name) && *i + 1 < argc)
		text = argv[++*i];
	f->host |= slice_is(name, "host");
	return set_command(f, arena_copy(f->a, name), text, e);
}

static int
take_args(struct msend_front *f, int argc, char **argv, struct err *e)
{
	int r = 0;

	for (int i = 1; i < argc && r == 0; i++) {
		const char *arg = argv[i];

		if (arg[0] != '-' || !arg[1]) {
			opt_list_add(&f->rcpts, arg, f->a);
		} else if (slice_is(slice_str(arg), "--")) {
			while (++i < argc)
				opt_list_add(&f->rcpts, argv[i], f->a);
		} else if (arg[1] != '-') {
			r = take_letters(f, argc, argv, &i, e);
		} else if (f->msmtp) {
			r = take_long(f, argc, argv, &i, e);
		} else if (slice_is(slice_str(arg), "--help") ||
			   slice_is(slice_str(arg), "--version")) {
			msend_front_add(f, "%s", arg);
		} else {
			return err_set(
			    e, ERR_USAGE, "unknown option '%s'", arg);
		}
	}
	return r;
}

/* Who calls, when nothing says who sends. */
static const char *
login_name(struct arena *a)
{
	const struct passwd *p = getpwuid(getuid());

	return arena_string(a, p && p->pw_name ? p->pw_name : "nobody");
}

static void
finish_args(struct msend_front *f, int *argc, char ***argv)
{
	char **v;
	size_t n = 0;

	if (f->from)
		msend_front_add(f, "--from=%s", f->from);
	if (f->set->take)
		msend_front_add(f, "-t");
	v = arena_array(f->a, f->args.n + f->rcpts.n + 3, sizeof(*v));
	v[n++] = (*argv)[0];
	for (size_t i = 0; i < f->args.n; i++)
		v[n++] = arena_string(f->a, f->args.v[i]);
	v[n++] = arena_string(f->a, "--");
	for (size_t i = 0; i < f->rcpts.n; i++)
		v[n++] = arena_string(f->a, f->rcpts.v[i]);
	*argc = (int)n;
	*argv = v;
}

int
msend_front(struct msend_settings *set, int *argc, char ***argv,
    struct arena *a, struct err *e)
{
	struct slice name = slice_str(*argc > 0 ? (*argv)[0] : "");
	struct msend_front f = { .a = a, .set = set };
	size_t slash = slice_find_last(name, '/');
	int r;

	if (slash != SIZE_MAX)
		name = slice_sub(name, slash + 1, name.n);
	f.msmtp = slice_is(name, "msmtp");
	if (slice_is(name, "mailq"))
		set->local.queue = true;
	if (slice_is(name, "mailq") || slice_is(name, "newaliases"))
		return 1;
	if (!f.msmtp && !slice_is(name, "sendmail"))
		return 0;
	set->local.is = true;
	set->local.msmtp = f.msmtp;
	set->local.user = login_name(a);
	r = take_args(&f, *argc, *argv, e);
	if (r == 0 && f.configure)
		msend_front_add(&f, "--configure=%s", f.configure);
	else if (r == 0)
		r = msend_front_account(&f, e);
	if (r == 0)
		finish_args(&f, argc, argv);
	return r;
}
