/* "auto" in the place of a server's URL (see tool_discover.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "tool_discover.h"

bool
tool_is_auto(const char *server)
{
	struct slice s = slice_str(server);

	return slice_is(s, "auto") || slice_starts(s, "auto:");
}

int
tool_discover(struct tool_run *run, const char *server, const char *address,
    const char *hint, struct discover_plan *plan, struct discover *r_r,
    struct err *e)
{
	struct slice own = slice_str(server);

	if (slice_take_prefix(&own, "auto:"))
		address = own.p;
	if (!address || !address[0])
		return err_set(
		    e, ERR_USAGE, "auto: whose server? auto:ADDRESS%s", hint);
	plan->given = &run->given;
	return discover(plan, address, &run->arena, r_r, e);
}
