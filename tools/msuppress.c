/* msuppress: the list of addresses not to write to.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypt/mac.h"

#include "msuppress.h"

static const struct opt options[] = {
	OPT_TEXT('l', "list", struct settings, list, "FILE",
	    "the list (~/.local/state/mailtoolkit/suppress)"),
	OPT_TEXT(0, "hash", struct settings, hash, "FILE",
	    "keep HMACs by this key, no addresses"),
	OPT_TEXT(0, "policy", struct settings, policy, "FILE",
	    "rows before those built in"),
	OPT_FLAG(0, "require-ours", struct settings, require_ours,
	    "take only reports proven to be of our mail"),
	OPT_TEXT(0, "reason", struct settings, reason, "WORD",
	    "of addresses that come without (manual)"),
	OPT_FLAG(0, "invert", struct settings, invert,
	    "filter: only what is suppressed"),
	OPT_FLAG(0, "show-policy", struct settings, show_policy,
	    "print the rules in use"),
	OPT_MORE(tool_common_options, struct settings, common),
	OPT_DONE,
};

/* Hex of HMAC-SHA256. */
static int
hash_key(const struct suppress_hash *h, struct slice key, struct buf *out)
{
	unsigned char sum[DIGEST_MAX];
	char hex[DIGEST_HEX_MAX];
	struct err e;

	if (mac_of(DIGEST_SHA256, h->secret, key, sum, &e) < 0)
		return -1;
	digest_hex(sum, DIGEST_SHA256_SIZE, hex);
	buf_text(out, hex);
	return 0;
}

/* The key names itself by what it makes of a fixed text. */
static int
load_hash(struct run *u, struct err *e)
{
	struct buf name;

	if (!u->set->hash)
		return 0;
	if (io_read_file(u->set->hash, &u->secret, e) < 0)
		return -1;
	u->hash.secret = slice_trim(buf_view(&u->secret));
	if (u->hash.secret.n < 16)
		return err_set(e, ERR_CONFIG,
		    "the key in '%s' is too short: 16 octets or more",
		    u->set->hash);
	u->hash.make = hash_key;
	buf_init(&name, DIGEST_HEX_MAX);
	if (hash_key(&u->hash, slice_str("mailtoolkit"), &name) < 0) {
		buf_free(&name);
		return err_set(e, ERR_UNAVAILABLE, "no HMAC");
	}
	snprintf(u->hash.name, sizeof(u->hash.name), "%.16s", buf_str(&name));
	buf_free(&name);
	return 0;
}

static int
load_policy(struct run *u, struct err *e)
{
	if (u->set->policy &&
	    (io_read_file(u->set->policy, &u->policy_text, e) < 0 ||
		suppress_policy_read(buf_view(&u->policy_text), &u->policy, e) <
		    0))
		return -1;
	return suppress_policy_read(
	    slice_str(suppress_policy_default), &u->policy, e);
}

/* The list's path; the folders above the usual one are made. */
static int
find_list(struct run *u, bool make, struct err *e)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct arena *a = &u->tool->arena;
	const char *dir;

	u->path = u->set->list;
	if (u->path)
		return 0;
	if (!state && !home)
		return err_set(e, ERR_USAGE, "no list: give --list FILE");
	dir = state ? state : arena_fmt(a, "%s/.local/state", home);
	if (make && !state &&
	    (io_mkdir(arena_fmt(a, "%s/.local", home), 0700, e) < 0 ||
		io_mkdir(dir, 0700, e) < 0))
		return -1;
	dir = arena_fmt(a, "%s/mailtoolkit", dir);
	if (make && io_mkdir(dir, 0700, e) < 0)
		return -1;
	u->path = arena_fmt(a, "%s/suppress", dir);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct run *u, struct err *e);
	bool writes;
} commands[] = {
	{ "add", msuppress_add, true },
	{ "del", msuppress_del, true },
	{ "check", msuppress_check, false },
	{ "filter", msuppress_filter, false },
	{ "import", msuppress_import, true },
	{ "export", msuppress_export, false },
	{ "expire", msuppress_expire, true },
	{ "seen", msuppress_seen, false },
};

static int
run_command(struct run *u, struct err *e)
{
	const char *name = u->tool->rest.n ? u->tool->rest.v[0] : "";

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		if (load_hash(u, e) < 0 || load_policy(u, e) < 0 ||
		    find_list(u, commands[i].writes, e) < 0)
			return -1;
		return commands[i].run(u, e);
	}
	return err_set(e, ERR_USAGE,
	    "unknown command '%s': add, del, check, filter, import, export, "
	    "expire or seen",
	    name);
}

static void
print_policy(struct run *u)
{
	tool_output(u->tool, buf_view(&u->policy_text));
	tool_output(u->tool, slice_str(suppress_policy_default));
}

int
main(int argc, char **argv)
{
	static const struct tool tool = {
		.name = "msuppress",
		.synopsis = "[option ...] command [argument ...]",
		.purpose = "add del check filter import export expire seen: "
			   "whom not to write to",
		.options = options,
		.settings_size = sizeof(struct settings),
	};
	struct settings set = { .reason = "manual" };
	struct tool_run run;
	struct run u = { .tool = &run, .set = &set };
	struct err e;

	if (tool_begin(&run, &tool, argc, argv, &set) < 0)
		return tool_end(&run);
	buf_init(&u.secret, 4096);
	buf_init(&u.policy_text, 1 << 20);
	buf_room(&u.secret, 4096);
	if (set.show_policy) {
		if (load_policy(&u, &e) < 0)
			tool_fail(&run, &e);
		else
			print_policy(&u);
	} else if (run_command(&u, &e) < 0) {
		tool_fail(&run, &e);
	}
	buf_wipe(&u.secret);
	buf_free(&u.policy_text);
	msuppress_forget(&u);
	return tool_end(&run);
}
