/* The message files of a directory, in order: store/source's reader of
 * Maildir, MH and .eml folders.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STORE_SOURCEDIR_H
#define STORE_SOURCEDIR_H

#include "base/arena.h"
#include "base/err.h"

struct sourcedir_file {
	const char *path, *name;
};

struct sourcedir {
	struct arena arena;
	struct sourcedir_file *files;
	size_t count, cap, at;
};

/* True when dir is a Maildir: it has cur and new. */
bool sourcedir_is_maildir(const char *dir);

/* A Maildir gives the files of new/ and cur/ together; another directory its
 * files with names of digits alone, or ending in .eml; ERR_NOINPUT when it has
 * neither. */
int sourcedir_open(
    struct sourcedir *d, const char *dir, bool maildir, struct err *e);

/* The next path, or null; *flags_r gets a Maildir's letters, or "". */
const char *sourcedir_next(struct sourcedir *d, const char **flags_r);

void sourcedir_free(struct sourcedir *d);

#endif
