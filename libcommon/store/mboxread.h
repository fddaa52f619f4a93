/* Cuts an mbox into its messages (RFC 4155; mboxrd, mboxo and mboxcl2).
 *
 * A message starts at a "From " line with a time of day in it, at the start or
 * behind an empty line. Where a Content-Length leads exactly to the next such
 * line or to the end, it is believed (mboxcl2), and nothing is unquoted.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STORE_MBOXREAD_H
#define STORE_MBOXREAD_H

#include "base/io.h"

#define MBOXREAD_FROM_MAX 4096 /* octets of a From_ line that are looked at */

/* True when text starts as an mbox does. */
bool mboxread_is(struct slice text);

/* A line that can stand between two messages. */
bool mboxread_is_from(struct slice line);

struct mboxread_message {
	struct slice bytes; /* without the From_ line and the empty line that
	                     * ends it */
	struct slice from_; /* that line, without its end */
	bool counted;       /* by its Content-Length: nothing is quoted */
	bool quoted;        /* it has a line ">From ", ">>From ", ... */
};

/* Takes the next message from the front of *rest; false at the end. What was
 * read of a long one is taken out of map, which may be null (io_map_done). */
bool mboxread_take(
    struct slice *rest, const struct io_map *map, struct mboxread_message *m_r);

/* Copies bytes into out (bytes.n octets of room) with one ">" taken off every
 * such line; octets written. */
size_t mboxread_unquote(struct slice bytes, char *out);

#endif
