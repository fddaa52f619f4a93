/* One IMAP mailbox of a run; only the parts of flow/fetch include it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHBOX_H
#define FLOW_FETCHBOX_H

#include "flow/fetchfolders.h"
#include "flow/fetchrun.h"

struct fetchbox {
	struct fetchrun *run;
	struct imap *imap;
	struct imap_mailbox box;
	struct imapset found;  /* new */
	struct imapset wanted; /* of those, asked for */
	struct imapset taken;  /* came */
	struct imapset failed; /* of those, passed over */
};

/* After the fetch, what the plan wants of messages that are here: deletes,
 * moves, marks. */
int fetchafter_apply(struct fetchbox *b, struct err *e);

#endif
