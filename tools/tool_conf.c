/* The accounts file's part in a tool's settings (see mailtoolkit.conf(5)).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/conf.h"

#include "tool_private.h"

/* What describes an account: one section serves all tools, and those that do
 * not log in anywhere pass these over. */
static const char *const account_keys[] = { "auth", "from", "host", "oauth",
	"password", "password-command", "port", "tls", "tls-ca", "tls-cert",
	"tls-crl", "tls-key", "tls-min", "tls-pin", "token-command", "user",
	NULL };

/* Its usual place; null without a home. */
static const char *
usual_place(struct arena *a)
{
	const char *dir = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (dir && dir[0] == '/')
		return arena_fmt(a, "%s/mailtoolkit/accounts", dir);
	if (home && home[0])
		return arena_fmt(a, "%s/.config/mailtoolkit/accounts", home);
	return NULL;
}

int
tool_find_accounts(struct tool_run *run, struct conf *c_r, struct err *e)
{
	const struct tool_common *common = run->common;
	const char *path =
	    common->config ? common->config : usual_place(&run->arena);
	int r = 0;

	if (path && !path[0]) /* --config= : none */
		return 0;
	if (path)
		r = conf_read(path, &run->arena, c_r, e);
	else
		err_set(e, ERR_CONFIG,
		    "HOME is not set: --config names the "
		    "accounts file");
	if (r)
		return r;
	return common->config || common->account ? -1 : 0;
}

int
tool_apply_accounts(struct tool_run *run, const struct conf *c,
    const char *account, void *settings, struct err *e)
{
	struct conf_reader reader = { run->tool->name, run->tool->options,
		account_keys, !opt_has(run->tool->options, "user") };
	const char *name = account ? account : "default";

	if (conf_apply(c, "*", &reader, settings, &run->arena, e) < 0)
		return -1;
	switch (conf_apply(c, name, &reader, settings, &run->arena, e)) {
	case -1:
		return -1;
	case 0:
		if (account)
			return err_set(e, ERR_CONFIG, "no account '%s' in '%s'",
			    account, c->path);
	}
	run->password = conf_password(c, name, run->tool->name);
	if (!run->password)
		run->password = conf_password(c, "*", run->tool->name);
	return 0;
}
