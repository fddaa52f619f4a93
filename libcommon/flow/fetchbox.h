/* Where fetched messages go: a Maildir, an mbox file or standard output, in
 * groups. A group is one round of the disk: all its files are written, synced
 * together, then the journal says what comes next, then all are moved into
 * place and the directory is synced.
 *
 * Messages come with CRLF, as the wire has them, and are kept with LF, as
 * Unix mail programs read them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHBOX_H
#define FLOW_FETCHBOX_H

#include "base/given.h"

#include "flow/fetchstate.h"

#define FETCHBOX_GROUP       256           /* messages committed together */
#define FETCHBOX_GROUP_BYTES (64ull << 20) /* or sooner, so many octets */
#define FETCHBOX_LOCK_MS     10000         /* waiting for an mbox's lock */

struct fetchbox;

struct fetchbox_note {
	unsigned flags;   /* IMAPLEX_SEEN ... */
	int64_t date;     /* arrival, seconds since 1970 */
	const char *fact; /* for the state (flow/fetchstate.h) */
};

/* Opens "maildir:DIR", "mbox:FILE" or "-", made if need be, and mends what a
 * cut run left there. Borrows state and given. */
int fetchbox_open(const char *target, struct fetchstate *state,
    const struct given *given, struct fetchbox **b_r, struct err *e);

/* What was not committed is dropped. Null is fine. */
void fetchbox_free(struct fetchbox **b);

/* One message: begin, write in pieces, and end or abort. A begin after a begin
 * aborts the first. */
int fetchbox_begin(struct fetchbox *b, struct err *e);
int fetchbox_write(struct fetchbox *b, struct slice part, struct err *e);
void fetchbox_abort(struct fetchbox *b);

/* Takes the message into the group. *path_r is where it will be after the
 * commit, valid until then, or null on standard output. */
int fetchbox_end(struct fetchbox *b, const struct fetchbox_note *note,
    const char **path_r, struct err *e);

/* The group is full: time to commit. */
bool fetchbox_full(const struct fetchbox *b);

/* Puts the group into its place, durably, and its facts into the state. An
 * empty group is fine. */
int fetchbox_commit(struct fetchbox *b, struct err *e);

#endif
