/* What a BODYSTRUCTURE (RFC 9051, 7.5.2) tells without fetching the message.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAPBODY_H
#define PROTO_IMAPBODY_H

#include "base/slice.h"

#define IMAPBODY_TOKENS_MAX 100000 /* of one that is looked at */

/* Counts the parts whose disposition is "attachment". False for a text that is
 * no list of IMAP words, or too long. */
bool imapbody_attachments(struct slice structure, size_t *n_r);

#endif
