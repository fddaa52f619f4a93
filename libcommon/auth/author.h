/* The author's domain: what a From field says (RFC 5322 3.4, RFC 6854).
 *
 * msg/addr skips what is broken, and its reader goes on with the rest. Here
 * nothing may be skipped: every domain that some mail program could show has
 * to count, or DMARC would vouch for another one.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_AUTHOR_H
#define AUTH_AUTHOR_H

#include "base/arena.h"

#define AUTHOR_MAX 100 /* mailboxes looked at */

/* The domains of the mailboxes of an address list, in order, as views into
 * value; the array is the arena's. Lenient: what is no address is passed
 * over; with an angle address the text before it does not count, whatever it
 * looks like. Returns how many. */
size_t author_domains(
    struct slice value, struct arena *a, struct slice **domains_r);

#endif
