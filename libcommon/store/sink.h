/* Where messages go, in groups. A group is one round of the disk: all its
 * messages are written, synced together, then the caller's journal says what
 * comes next, then all are moved into place and the directory is synced.
 *
 *	maildir:DIR   into new, or into cur with their flags
 *	mbox:FILE     as mboxrd, locked
 *	eml:DIR       NAME.eml each
 *	exec:CMD      on the standard input of a shell command each
 *	-             standard output, as mboxrd; a single one raw if so wanted
 *
 * Messages come in pieces and are never held; CRLF becomes LF, as Unix mail
 * programs read them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STORE_SINK_H
#define STORE_SINK_H

#include "base/err.h"
#include "base/given.h"
#include "base/slice.h"

#define SINK_GROUP       256           /* messages committed together */
#define SINK_GROUP_BYTES (64ull << 20) /* or sooner, so many octets */
#define SINK_LOCK_MS     10000         /* waiting for an mbox's lock */
#define SINK_COMMAND_MS  300000        /* longest run of a command */
#define SINK_FLAGS_MAX   32            /* letters of a Maildir's flags */

#define SINK_TARGETS "maildir:DIR, mbox:FILE, eml:DIR, exec:CMD or -"

struct sink;

/* The caller's journal; all may be null. */
struct sink_log {
	/* The group is safe, and its messages, in order, are about to stand at
	 * these places (no blanks in them). Once this is durable, a run that
	 * was cut is mended by asking sink_in_place(). */
	int (*next)(
	    void *arg, const char *const *places, size_t n, struct err *e);
	/* So many left for good where nobody can ask: output, a command. */
	int (*gone)(void *arg, size_t n, struct err *e);
	void *arg;
};

struct sink_plan {
	const char *target;
	const struct given *given;
	struct sink_log log;
	bool raw; /* on standard output: one message, as it is */
	/* Takes whatever other target: hands the message in fd on, whose lines
	 * end in LF. 1 done, 0 refused with e, -1. Null: there is no other. */
	int (*forward)(void *arg, int fd, struct err *e);
	void *forward_arg;
	char *const *environ; /* of commands */
	int command_out;      /* their standard output */
};

struct sink_note {
	const char *flags;  /* letters of a Maildir, or null */
	int64_t date;       /* arrival, seconds since 1970; 0: not known */
	struct slice from_; /* its mbox line of MBOX_FROM_LENGTH; empty: made */
};

/* The kind of target needs a path, and which; an exec: or "-" has none. */
bool sink_path(const char *target, struct slice *path_r);

/* Is it one of the above? */
bool sink_knows(const char *target);

/* Opens the target, made if need be. Borrows target and given. ERR_USAGE for
 * one that is none of the above. */
int sink_open(const struct sink_plan *plan, struct sink **s_r, struct err *e);

/* What was not committed is dropped. Null is fine. */
void sink_free(struct sink **s);

/* One message: begin, write in pieces, and end or abort. A begin after a begin
 * aborts the first. */
int sink_begin(struct sink *s, struct err *e);
int sink_write(struct sink *s, struct slice part, struct err *e);
void sink_abort(struct sink *s);

/* Takes the message into the group: 1. *path_r is where it will be after the
 * commit, valid until then, or null where it has no path. 0: a command did
 * not take it, e says why, and the next may come. */
int sink_end(struct sink *s, const struct sink_note *note, const char **path_r,
    struct err *e);

/* The group is full: time to commit. */
bool sink_full(const struct sink *s);

/* Puts the group into its place, durably. An empty group is fine. */
int sink_commit(struct sink *s, struct err *e);

/* After a run that was cut between next() and its end. Between begin and end
 * of mending, asks whether the message for that place is there: 1, moved there
 * now if need be; 0 it is not, and will not be. The end makes it durable. */
int sink_mend_begin(struct sink *s, struct err *e);
int sink_in_place(struct sink *s, const char *place, struct err *e);
int sink_mend_end(struct sink *s, struct err *e);

#endif
