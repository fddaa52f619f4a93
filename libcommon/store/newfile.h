/* A file that is written under a name nobody has, to be moved into place when
 * it is whole: the way into a Maildir or any folder of messages.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STORE_NEWFILE_H
#define STORE_NEWFILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/given.h"

#define NEWFILE_NAME_MAX 200 /* octets of its name, as the file system sees */
#define NEWFILE_PATH_MAX 216 /* and with what stands before and after */
#define NEWFILE_BLOCK    65536

struct newfile {
	int dir; /* descriptor of the folder; borrowed */
	int fd;  /* -1: closed */
	char name[NEWFILE_NAME_MAX];
	char path[NEWFILE_PATH_MAX]; /* below dir */
	struct buf out;              /* not yet written */
};

/* Nothing begun yet. */
void newfile_init(struct newfile *f);
void newfile_free(struct newfile *f); /* the memory; leaves files alone */

/* Makes the file BEFORE NAME AFTER below dir, for the owner alone. NAME is
 * seconds, 64 random bits, process and host (maildir(5)). */
int newfile_begin(struct newfile *f, int dir, const char *before,
    const char *after, const struct given *given, struct err *e);
int newfile_write(struct newfile *f, struct slice octets, struct err *e);

/* All of it is with the system; sync says on the disk as well. date, unless
 * 0, becomes the file's time. */
int newfile_close(struct newfile *f, int64_t date, bool sync, struct err *e);

/* Takes it away, begun or closed; moved into its place it stays. */
void newfile_abort(struct newfile *f);

#endif
