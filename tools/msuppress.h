/* msuppress: what its files share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSUPPRESS_H
#define MSUPPRESS_H

#include "base/json.h"

#include "store/suppress.h"

#include "tool.h"

struct settings {
	struct tool_common common;
	const char *list, *hash, *policy, *reason;
	bool require_ours, invert, show_policy;
};

struct run {
	struct tool_run *tool;
	const struct settings *set;
	const char *path; /* of the list */
	struct suppress_hash hash;
	struct suppress_policy policy;
	struct buf secret, policy_text;
	struct arena events;
	struct suppress_event *v;
	size_t n, cap;
};

/* The commands. */
int msuppress_add(struct run *u, struct err *e);
int msuppress_del(struct run *u, struct err *e);
int msuppress_check(struct run *u, struct err *e);
int msuppress_filter(struct run *u, struct err *e);
int msuppress_import(struct run *u, struct err *e);
int msuppress_export(struct run *u, struct err *e);
int msuppress_expire(struct run *u, struct err *e);
int msuppress_seen(struct run *u, struct err *e);

/* A new event, zeroed, and text that lives as long; what gathered goes into the
 * list, at the latest when there are MSUPPRESS_AT_ONCE of them. */
#define MSUPPRESS_AT_ONCE 2000000
struct suppress_event *msuppress_event(struct run *u);
struct slice msuppress_keep(struct run *u, struct slice s);
int msuppress_merge(struct run *u, bool expire, struct err *e);
void msuppress_forget(struct run *u);

/* Lines of addresses, of facts and of what was exported, from a file, "-" being
 * standard input; release: those addresses are taken off. */
int msuppress_take(
    struct run *u, const char *path, bool release, struct err *e);

/* A line of msuppress export, and with --json: false when it is none. */
bool msuppress_exported(struct run *u, struct slice line, const char *source);
bool msuppress_exported_json(struct run *u, const struct json *o);

/* The address of a line: "a@b", "Name <a@b>", "a@b,reason"; "@domain" too. */
struct slice msuppress_address(struct slice line);

#endif
