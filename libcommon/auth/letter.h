/* A message as DKIM sees it: whole fields in order, and the body (RFC 6376
 * section 3.8).
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_LETTER_H
#define AUTH_LETTER_H

#include "base/arena.h"
#include "base/err.h"

#include "auth/dkim.h"

/* The views are into message, the array is the arena's. Fails for the limits
 * of header_read() only. */
int letter_read(struct slice message, struct arena *a, struct dkim_letter *m_r,
    struct err *e);

/* "\r\n" or "\n": how the first line ends, "\r\n" when there is none. */
const char *letter_eol(struct slice message);

/* The line of the letter in which that field begins, from 1. */
size_t letter_line(const struct dkim_letter *m, size_t field);

/* The name of a field as it stands, without WSP before the colon. */
struct slice letter_field_name(struct slice field);

#endif
