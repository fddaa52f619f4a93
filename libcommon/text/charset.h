/* Text of any charset to UTF-8: the door of iconv. Labels are those of the
 * WHATWG Encoding Standard and of IANA that mail uses; ISO-8859-1 is
 * read as windows-1252, and US-ASCII with 8-bit octets as UTF-8 where that is
 * valid, else as windows-1252, as every mail reader does. Charsets with a bad
 * past in converters (ISO-2022-CN-EXT, UTF-7) are not known.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_CHARSET_H
#define TEXT_CHARSET_H

#include "base/buf.h"

bool charset_known(struct slice label);

/* Appends in as valid UTF-8; what cannot be converted becomes U+FFFD, and
 * out's maximum bounds it. An empty label means UTF-8 where in is valid, else
 * windows-1252, and so does an unknown one. False when the label is unknown
 * (not for an empty one); out is filled all the same. */
bool charset_to_utf8(struct slice label, struct slice in, struct buf *out);

#endif
