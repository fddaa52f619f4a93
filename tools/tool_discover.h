/* "auto" and "auto:ADDRESS" in the place of a server's URL.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOL_DISCOVER_H
#define TOOL_DISCOVER_H

#include "flow/discover.h"

#include "tool.h"

/* Is it one of the two? */
bool tool_is_auto(const char *server);

/* Finds the servers of the address in it, else of that one (null: none), which
 * ERR_USAGE asks for by hint. plan->given is filled in. */
int tool_discover(struct tool_run *run, const char *server, const char *address,
    const char *hint, struct discover_plan *plan, struct discover *r_r,
    struct err *e);

#endif
