/* A message as DKIM sees it: whole fields in order, and the body. Nothing is
 * refused here, since every octet may be signed: a line that is no field
 * stands as a field without a name, a header without an empty line has an
 * empty body (RFC 6376 section 3.8 leaves the rest to the judge).
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_LETTER_H
#define AUTH_LETTER_H

#include "base/arena.h"
#include "base/err.h"

#include "auth/dkim.h"

#define LETTER_FIELDS_MAX 20000 /* fields of one header */

/* The views are into message, the array is the arena's. ERR_DATA when there
 * are more than LETTER_FIELDS_MAX fields. */
int letter_read(struct slice message, struct arena *a, struct dkim_letter *m_r,
    struct err *e);

/* "\r\n" or "\n": how the first line ends, "\r\n" when there is none. */
const char *letter_eol(struct slice message);

#endif
