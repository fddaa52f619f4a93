/* Arguments of SMTP commands: paths, mailboxes, domains and parameters, to the
 * letter of RFC 5321 section 4.1.2, with UTF-8 where RFC 6531 lets it in.
 * Nothing is trimmed, mended or guessed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SMTPPATH_H
#define PROTO_SMTPPATH_H

#include "base/slice.h"

#define SMTPPATH_LOCAL_MAX  64   /* octets (RFC 5321, 4.5.3.1.1) */
#define SMTPPATH_DOMAIN_MAX 255  /* octets (4.5.3.1.2) */
#define SMTPPATH_MAX        1000 /* octets of a path with its source route */

struct smtppath {
	struct slice mailbox; /* local-part "@" domain; empty: <> */
	struct slice local;   /* with its quotes */
	struct slice domain;  /* with its brackets; empty for <Postmaster> */
	bool utf8;            /* octets over 127 stand in it */
};

/* "<" ... ">" taken off s; the slices point into it. A source route is
 * skipped (4.1.1.3, F.2). utf8: whether octets over 127 are let in, which
 * must then be UTF-8. False, and s is anywhere, when it is no path. "<>" is
 * taken as a path with everything empty; whether that is allowed is the
 * caller's. */
bool smtppath_read(struct slice *s, bool utf8, struct smtppath *p_r);

/* Is all of s a Domain (letters, digits, hyphens, dots) or an address
 * literal: the argument of EHLO and LHLO? */
bool smtppath_is_domain(struct slice s, bool utf8);

/* The next of *( SP esmtp-keyword [ "=" esmtp-value ] ): 1, 0 at the end, -1
 * malformed. value_r->p is null when there is no "=". */
int smtppath_param(struct slice *s, struct slice *key_r, struct slice *value_r);

#endif
