/* Message-IDs (RFC 5322 section 3.6.4): made and found.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSG_MSGID_H
#define MSG_MSGID_H

#include "base/buf.h"
#include "base/given.h"

#define MSGID_MAX 998 /* octets of an id with its "<" and ">" */

/* Appends a new "<time.random@domain>", unlike any other: given's clock and
 * 96 random bits. domain is an A-label name; an empty one becomes given's host
 * name, or "localhost". */
void msgid_make(const struct given *g, struct slice domain, struct buf *out);

/* Takes the next id from the value of Message-ID, References or In-Reply-To,
 * with "<" and ">", whatever stands between (old In-Reply-To have phrases and
 * comments). False at the end. The last reads "id@host" without brackets too.
 */
bool msgid_next(struct slice *value, struct slice *id_r);
bool msgid_first(struct slice value, struct slice *id_r);

#endif
