/* The mailboxes of an account that are meant.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHFOLDERS_H
#define FLOW_FETCHFOLDERS_H

#include "base/arena.h"

#include "proto/imap.h"

#include "flow/fetchplan.h"

struct fetchfolder {
	const char *name; /* UTF-8, in the arena */
	int separator;    /* -1: none */
	bool selectable;
	const char *use;         /* "\\Trash", ... or null */
	struct imap_mailbox box; /* told: its counts are known */
};

struct fetchfolders {
	struct arena arena;
	struct fetchfolder *v;
	size_t n, cap;
	const char *prefix; /* of one's own ("INBOX."), or "" */
};

void fetchfolders_free(struct fetchfolders *f);

/* The plan names more than one mailbox, or may: each has its own folder. */
bool fetchfolders_many(const struct fetch_plan *plan);

/* Those of the plan, without its excludes, in the server's order, none twice;
 * with counts. all: those that cannot be opened, too. A single one is not
 * asked for. ERR_NOINPUT when there is none. */
int fetchfolders_find(const struct fetch_plan *plan, struct imap *m, bool all,
    struct fetchfolders *f, struct err *e);

/* The name without the prefix, as it is called here. */
struct slice fetchfolders_own(
    const struct fetchfolders *f, const struct fetchfolder *folder);

/* The mailbox with that use ("\\Trash"), or null, which lives in the arena. */
int fetchfolders_use(struct imap *m, const char *use, struct arena *a,
    const char **name_r, struct err *e);

#endif
