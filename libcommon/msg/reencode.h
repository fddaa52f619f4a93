/* Encodes the bodies of a finished message anew, so that it has no octets over
 * 127, no overlong lines or no stray CR and NUL (RFC 2045 section 6; RFC 6152
 * section 3; RFC 2049 section 3). Only the parts that have such are changed;
 * text becomes quoted-printable or base64, whichever is shorter, all else
 * base64. Nothing of the content is lost.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSG_REENCODE_H
#define MSG_REENCODE_H

#include "msg/edit.h"

#define REENCODE_8BIT 1u /* octets over 127, in bodies */
#define REENCODE_LINES                                                         \
	2u             /* lines over 998 octets; those of the header are       \
	                * folded */
#define REENCODE_CR 4u /* CR alone, and NUL */

/* Appends the edits that rid s->message of what is named. Refuses with
 * ERR_DATA, naming the line, and leaves s as it was, where that would break a
 * signature (DKIM-Signature or ARC in the header; multipart/signed) or where
 * there is no way to encode it (header fields, what stands between parts,
 * more than the limits of msg/mime). */
int reencode(struct edits *s, unsigned what, struct arena *a, struct err *e);

/* For a server that takes them as they are (RFC 3030, 3): bodies that are
 * declared binary and have overlong lines, CR alone or NUL become EDIT_BINARY,
 * those of text too, but for their line ends. Refuses, likewise, where there
 * is anything of that kind elsewhere. */
int reencode_binary(struct edits *s, struct arena *a, struct err *e);

#endif
