/* The envelope of a stored message, as a trusted host wrote it into the
 * Received field when it took the message in (RFC 5321 section 4.4).
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_HOP_H
#define AUTH_HOP_H

#include "base/arena.h"

#include "net/ip.h"

#include "auth/dkim.h"

#define HOP_FIELDS_MAX 100 /* Received fields looked at, from the top */

/* What was found; texts are the arena's. */
struct hop {
	struct ip ip;         /* of the client */
	const char *helo;     /* or null */
	const char *mailfrom; /* without "<>", or null: not known */
	int64_t time;         /* of reception, or -1 */
};

/* The topmost Received field with "by host", but for those of its own
 * (loopback) and without an address: true when there is one. What stands below
 * may be forged and is not looked at. The sender is that of an "envelope-from"
 * comment, or of a Return-Path above the field. */
bool hop_read(const struct dkim_letter *m, const char *host, struct arena *a,
    struct hop *h_r);

#endif
