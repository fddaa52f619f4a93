/* What the files of tools/tool share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOL_PRIVATE_H
#define TOOL_PRIVATE_H

#include "base/conf.h"

#include "tool.h"

/* Descriptors 0 to 2 that came closed are opened on /dev/null the wrong way
 * round: no file of ours takes their place, and using them fails. */
void tool_open_std(void);

/* Clock (--now), randomness and host name into run->given. */
int tool_give(struct tool_run *run, struct err *e);

/* Reads the accounts file: 1 done, 0 there is none and none was asked for. */
int tool_find_accounts(struct tool_run *run, struct conf *c_r, struct err *e);

/* Its [*] and then the section of the account, or [default] when account is
 * null and there is one. */
int tool_apply_accounts(struct tool_run *run, const struct conf *c,
    const char *account, void *settings, struct err *e);

/* The tracer behind -v and -vv. */
void tool_tell(void *to, enum trace_way way, struct slice text);

/* From now on tool_stopping() is true. */
void tool_stop(void);

#endif
