/* One IMAP mailbox of a run; only the parts of flow/fetch include it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHBOX_H
#define FLOW_FETCHBOX_H

#include "flow/fetchfolders.h"
#include "flow/fetchpart.h"
#include "flow/fetchrun.h"

struct fetchbox_change {
	uint32_t uid;
	unsigned flags;
};

struct fetchbox {
	struct fetchrun *run;
	struct imap *imap;
	struct imap_mailbox box;
	struct imapset found;         /* new */
	struct imapset few;           /* the lowest of those, up to a limit */
	const struct imapset *wanted; /* either: asked for */
	struct imapset taken;         /* came */
	struct imapset failed;        /* of those, passed over */

	/* The message at hand, when it is large */
	struct fetchpart part;
	struct fetchpart_name name;
	uint64_t resumed; /* octets that came before; 0: all are to come */
	uint32_t resumed_uid;

	/* For a mirror: what is no more, and what has other flags */
	struct imapset gone;
	struct fetchbox_change *changed; /* owned */
	size_t nchanged, changed_cap;
};

/* After the fetch, what the plan wants of messages that are here: deletes,
 * moves, marks. */
int fetchafter_apply(struct fetchbox *b, struct err *e);

/* A mirror. What select tells of changes is kept; what it does not, since the
 * server cannot (resynced is false), is asked for. Applied to the files once
 * all that is new is here; anew, as after a renumbering: whatever file is of no
 * message that is there now goes, unless not all of those came. */
void fetchmirror_watch(struct fetchbox *b, struct imap_changes *changes);
void fetchmirror_flags(struct fetchbox *b, uint32_t uid, unsigned flags);
int fetchmirror_find(struct fetchbox *b, bool resynced, struct err *e);
int fetchmirror_apply(struct fetchbox *b, bool anew, struct err *e);

#endif
