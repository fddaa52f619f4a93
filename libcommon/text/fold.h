/* Folding of header fields (RFC 5322 section 2.2.3).
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include "base/buf.h"

#define FOLD_WANT 78  /* characters of a line where blanks allow it */
#define FOLD_MAX  998 /* and at most */

/* Appends "Name: value" CRLF, folded before blanks so that lines have at most
 * 78 characters where that can be. Line ends in value are taken for folding
 * and folded anew. False, with out as it was, when a word is too long for a
 * line of 998. */
bool fold_field(const char *name, struct slice value, struct buf *out);

/* Appends value without its folding: every CRLF or LF goes, the blanks after
 * it stay. */
void fold_unfold(struct slice value, struct buf *out);

/* As text for people and for comparison: unfolded, blanks at both ends cut,
 * every run of blanks one SP. */
void fold_flatten(struct slice value, struct buf *out);

#endif
