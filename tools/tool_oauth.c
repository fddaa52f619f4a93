/* Tokens of OAuth for every tool that logs in: the profile is a section of the
 * accounts file, a person is asked on a terminal (see tool_oauth.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "flow/oauth.h"

#include "tool_oauth.h"
#include "tool_private.h"

/* Names a section and a file. */
static bool
is_name(struct slice s)
{
	int c;

	if (s.n == 0 || slice_peek(s) == '.' || s.n > 40)
		return false;
	while ((c = slice_get(&s)) >= 0)
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' &&
		    c != '_' && c != '.' && c != '@')
			return false;
	return true;
}

static int
read_profile(struct tool_run *run, struct oauth_plan *plan, struct err *e)
{
	struct conf_reader reader = { .tool = "oauth", .table = oauth_options };
	const char *section = arena_fmt(&run->arena, "oauth:%s", plan->name);
	struct conf conf;
	int r = tool_find_accounts(run, &conf, e);

	if (r > 0)
		r = conf_apply(
		    &conf, section, &reader, &plan->profile, &run->arena, e);
	if (r < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_CONFIG,
		    "--oauth: there is no section [%s] in the accounts file",
		    section);
	return 0;
}

static void
show(void *arg, const char *url, const char *code)
{
	tool_note(arg, "to log in, open %s and enter the code %s", url, code);
}

int
tool_oauth(struct tool_run *run, const char *name, struct dns *dns,
    const char *ca_file, struct buf *token, struct err *e)
{
	struct oauth_plan plan = { .name = name,
		.dns = dns,
		.ca_file = ca_file,
		.given = &run->given,
		.show = isatty(STDERR_FILENO) ? show : NULL,
		.arg = run };

	if (!is_name(slice_str(name)))
		return err_set(e, ERR_USAGE,
		    "--oauth: '%s' is no name of a profile", name);
	if (read_profile(run, &plan, e) < 0)
		return -1;
	plan.cache = tool_state_file(
	    run, arena_fmt(&run->arena, "oauth-%s.json", name), e);
	return plan.cache ? oauth_token(&plan, token, e) : -1;
}
