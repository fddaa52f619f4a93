/* The IMAP half of flow/fetch; only its parts include it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHIMAP_H
#define FLOW_FETCHIMAP_H

#include "flow/fetchfolders.h"
#include "flow/fetchrun.h"
#include "flow/fetchsession.h"

/* One mailbox, whose state and target r has open; what STATUS said of it
 * spares opening it when nothing is new. */
int fetchimap_box(struct fetchrun *r, struct imap *m,
    const struct imap_mailbox *status, struct err *e);

/* All mailboxes of the plan over the session, which is opened when it is not
 * open; when there are many and the plan has jobs, over more of them. */
int fetchimap_all(const struct fetch_plan *plan, struct fetchrun_common *c,
    struct fetchsession *s, struct err *e);

/* date-time of RFC 9051, section 9, as seconds since 1970; 0 for none. */
int64_t fetchimap_arrival(struct slice date);

#endif
