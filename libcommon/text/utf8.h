/* UTF-8 (RFC 3629): checked, walked, mended, measured.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include "base/buf.h"

#define UTF8_END         (-1)
#define UTF8_BAD         (-2)
#define UTF8_REPLACEMENT 0xFFFD

/* No octet over 127. Fast. */
bool utf8_is_ascii(struct slice s);

/* Well formed: no surrogates, nothing overlong, nothing over U+10FFFF. */
bool utf8_valid(struct slice s);

/* Takes one code point. UTF8_END at the end; UTF8_BAD for an ill-formed
 * sequence, of which the maximal subpart is taken (Unicode 3.9, U+FFFD
 * substitution), so that a loop always comes to the end. */
int32_t utf8_next(struct slice *s);

/* Appends a code point; what is none becomes U+FFFD. */
void utf8_put(struct buf *out, int32_t code_point);

/* Appends s with every ill-formed sequence as U+FFFD. */
void utf8_sanitise(struct slice s, struct buf *out);

/* The longest prefix of at most max octets that splits no character. */
struct slice utf8_cut(struct slice s, size_t max);

/* Columns on a terminal: combining marks 0, East Asian wide and emoji 2,
 * control and ill-formed octets 1 (they are shown as one sign). */
size_t utf8_width(struct slice s);

#endif
