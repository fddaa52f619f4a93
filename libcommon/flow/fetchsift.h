/* Older records of a POP3 mailbox (FILE.old of flow/fetchstate), which would
 * grow with every message that ever came: those of messages that the server
 * has no more go.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHSIFT_H
#define FLOW_FETCHSIFT_H

#include "flow/fetchkeys.h"

/* Leaves of the file the digests of the messages of keep, and of those that
 * have no UIDL. Not before it is more than twice as large as they need: the
 * work is that of the messages that came since the last time. */
int fetchsift(const char *old, struct fetchkeys *keep, struct err *e);

#endif
