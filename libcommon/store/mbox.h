/* Writing an mbox: messages as mboxrd (RFC 4155, with ">" before every line
 * ^>*From), and a file's two locks. Reading is store/mboxread.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STORE_MBOX_H
#define STORE_MBOX_H

#include "base/trace.h"
#include "base/writer.h"

#define MBOX_FROM_LENGTH 43 /* of the line mbox_from() makes */
#define MBOX_FROM_MAX    4096
#define MBOX_PATH_MAX    4096

/* "From MAILER-DAEMON Tue Nov 24 00:09:32 2026" without its end, always
 * MBOX_FROM_LENGTH octets. */
void mbox_from(int64_t date, char line_r[MBOX_FROM_LENGTH + 1]);

/* Messages one behind the other, each in pieces. Starts as { .to = writer }. */
struct mbox_writer {
	struct writer to;
	bool at_start;    /* private: of a line */
	uint64_t held_gt; /* private: ">" that wait for what follows */
	size_t held_from; /* private: octets of "From " that wait */
	int last;         /* private: octet written */
};

/* from is the line to stand before it, without its end. A write that fails is
 * the writer's to undo. */
int mbox_begin(struct mbox_writer *w, struct slice from, struct err *e);
int mbox_write(struct mbox_writer *w, struct slice octets, struct err *e);
int mbox_end(struct mbox_writer *w, struct err *e);

/* A file of the mbox kind, open and locked for writing. */
struct mbox_file {
	int fd;
	const char *path; /* borrowed */
	bool dotlocked;
};

/* Opens path, made if need be, and locks it with fcntl() and with path.lock;
 * a directory that takes no such file goes without. A lock file whose process
 * is no more is taken away. ERR_TEMP when it stays locked for so many ms. */
int mbox_lock(struct mbox_file *f, const char *path, int64_t wait,
    const struct trace *t, struct err *e);
void mbox_unlock(struct mbox_file *f);

/* ERR_CANTCREAT when it is no regular file. */
int mbox_size(const struct mbox_file *f, uint64_t *size_r, struct err *e);

/* Something may be put behind what is in it: nothing, or an mbox. Else
 * ERR_CANTCREAT. */
int mbox_check(const struct mbox_file *f, struct err *e);

/* Octets that are missing before another message may stand behind the first
 * size ones: 1 when the last line is open, else 0. */
uint64_t mbox_gap(const struct mbox_file *f, uint64_t size);

/* Puts all of the file in behind the first size octets, and syncs. A failure
 * cuts it back to those; should that fail too, the next writer does it. */
int mbox_append(
    const struct mbox_file *f, uint64_t size, int in, struct err *e);

/* Cuts it back to size octets, and syncs. */
int mbox_cut(const struct mbox_file *f, uint64_t size, struct err *e);

#endif
