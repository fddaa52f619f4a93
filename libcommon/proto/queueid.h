/* What a server calls a message it has taken: its words after the dot, which
 * no RFC orders.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_QUEUEID_H
#define PROTO_QUEUEID_H

#include "base/arena.h"

#define QUEUEID_MAX 128 /* octets */

/* Looks for "queued as X", "id=X", "Message-Id: X" and a first word that
 * "Message accepted" follows. Null when there is nothing of that kind. */
const char *queueid_find(const char *text, struct arena *a);

#endif
