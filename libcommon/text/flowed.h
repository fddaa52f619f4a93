/* Text as format=flowed (RFC 3676, DelSp no): readers wrap its paragraphs as
 * they have room, old ones show lines of a good length.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_FLOWED_H
#define TEXT_FLOWED_H

#include "base/buf.h"

#define FLOWED_WIDTH 76 /* columns, the soft break's SP included */

/* Appends text. Lines longer than FLOWED_WIDTH are broken softly, at spaces
 * and behind the same quote signs; blanks at line ends go, but those of the
 * signature's "-- "; what starts with SP or "From " is stuffed (4.4). Both LF
 * and CRLF end a line, and come out as LF. */
void flowed_encode(struct slice text, struct buf *out);

#endif
