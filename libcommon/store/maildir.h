/* Delivery into a Maildir (https://cr.yp.to/proto/maildir.html): a message is
 * written in tmp, synced, renamed into new, and the directory synced. So new
 * never holds half a message, and what was committed survives a crash of the
 * machine. Many messages in one go: store/sink.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STORE_MAILDIR_H
#define STORE_MAILDIR_H

#include "store/newfile.h"

#define MAILDIR_PATH_MAX 4096 /* octets of a path */

/* One message on its way in. */
struct maildir_file {
	bool open;
	int dir; /* descriptor of the Maildir */
	char dir_name[MAILDIR_PATH_MAX - NEWFILE_PATH_MAX];
	char name[NEWFILE_NAME_MAX]; /* the same in tmp and in new */
	struct newfile file;
};

/* Makes dir, and tmp, new and cur in it, where they are not there, with
 * access for the owner alone. */
int maildir_make(const char *dir, struct err *e);

/* Starts a message; commit or abort ends it. Many may be on their way into
 * one Maildir at once. */
int maildir_begin(struct maildir_file *f, const char *dir,
    const struct given *given, struct err *e);
int maildir_write(struct maildir_file *f, struct slice octets, struct err *e);

/* After 0 the message is in new for good, as maildir_path(f) says. After -1
 * it is gone. */
int maildir_commit(struct maildir_file *f, struct err *e);
void maildir_abort(struct maildir_file *f);

/* Where the committed message is. */
void maildir_path(const struct maildir_file *f, char path_r[MAILDIR_PATH_MAX]);

/* Syncs a folder of the Maildir whose descriptor is dir. */
int maildir_sync(int dir, const char *folder, struct err *e);

#endif
