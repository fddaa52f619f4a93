/* What a message needs of a server, and how it is asked for: parameters of
 * MAIL and RCPT (RFC 5321 section 4.1.1.11).
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SMTPPARAM_H
#define PROTO_SMTPPARAM_H

#include "proto/smtp.h"

#define SMTPPARAM_MAX 2048 /* octets of a command's parameters */

/* Refuses what this server cannot take; says the way out, e->enhanced is
 * filled in. utf8: an address needs SMTPUTF8. */
int smtpparam_check(const struct smtp_mail *mail, bool utf8,
    const struct smtp_caps *caps, const char *peer, struct err *e);

/* " SIZE=46 BODY=8BITMIME" and the like; "" for none. */
const char *smtpparam_mail(const struct smtp_mail *mail,
    const struct smtp_caps *caps, bool utf8, struct arena *a);
const char *smtpparam_rcpt(const struct smtp_mail *mail, size_t rcpt,
    const struct smtp_caps *caps, struct arena *a);

#endif
