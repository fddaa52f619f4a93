/* --oauth PROFILE, for every tool that logs in (see flow/oauth.h). Apart from
 * tool.h, so that only those tools are linked with what it needs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOL_OAUTH_H
#define TOOL_OAUTH_H

#include "net/dns.h"

#include "tool.h"

/* Appends an access token to the buffer, which the caller wipes; the profile is
 * the section [oauth:NAME] of the accounts file. */
int tool_oauth(struct tool_run *run, const char *name, struct dns *dns,
    const char *ca_file, struct buf *token, struct err *e);

#endif
