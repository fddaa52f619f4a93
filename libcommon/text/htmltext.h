/* HTML as plain text, the way a person would have typed it: paragraphs, lists
 * with signs and numbers, quotes with ">", the address of a link behind its
 * text, small tables in columns, headings underlined. Lines are wrapped.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_HTMLTEXT_H
#define TEXT_HTMLTEXT_H

#include "base/buf.h"

#define HTMLTEXT_WIDTH 72 /* columns, but for words that are longer */
#define HTMLTEXT_DEPTH 16 /* lists and quotes in each other; deeper: flat */

/* Appends the text, lines ended with LF. html is read as UTF-8; scripts,
 * styles and what is hidden are left out. */
void htmltext(struct slice html, struct buf *out);

#endif
