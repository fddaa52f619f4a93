/* HTML to the text in it, roughly: enough to read a bounce. Tags go, blocks
 * and breaks become line ends, the common entities their characters; style and
 * script vanish. Also UTF-7 (RFC 2152), which Exchange once wrote.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_STRIPHTML_H
#define REPORT_STRIPHTML_H

#include "base/buf.h"

/* In place. */
void striphtml(struct buf *b);
void striphtml_utf7(struct buf *b);

#endif
