/* The folder of a mailbox: a name from a server becomes a path that stays
 * below its target, whatever the name is.
 *
 * What a path cannot hold is written %XX, so that the name can be read back:
 * "%", "/", control octets, a dot that would split or hide, and the first
 * letter of a part that is called as a Maildir's own folders are.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHPLACE_H
#define FLOW_FETCHPLACE_H

#include "base/buf.h"
#include "base/err.h"

#define FETCHPLACE_PART_MAX  240 /* octets of a folder's name */
#define FETCHPLACE_DEPTH_MAX 32  /* folders within each other */

/* Appends where below DIR a mailbox lies; nothing for INBOX in a Maildir++.
 *
 *	Maildir++ (others read it): "/.A.B", in modified UTF-7
 *	plain: "/A/B", in UTF-8
 *
 * separator is the server's, -1: none. ERR_DATA for a name that is empty, too
 * long or too deep. */
int fetchplace_of(struct slice mailbox, int separator, bool plain,
    struct buf *out, struct err *e);

/* The name matches the pattern: "*" is anything, "%" anything but the
 * separator (RFC 9051, 6.3.9); INBOX in any case. */
bool fetchplace_match(const char *pattern, struct slice mailbox, int separator);

#endif
