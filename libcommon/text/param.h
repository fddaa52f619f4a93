/* Parameters of MIME header fields (RFC 2045 section 5.1, RFC 2231).
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_PARAM_H
#define TEXT_PARAM_H

#include "base/arena.h"
#include "base/buf.h"

#define PARAM_MAX       64    /* parameters; those beyond are left out */
#define PARAM_PARTS_MAX 256   /* with continuations name*0, name*1, ... */
#define PARAM_VALUE_MAX 65536 /* octets of a value put together */

struct param {
	struct slice name;  /* without the stars; compare without case */
	struct slice value; /* valid UTF-8; made, or a view of the input */
};

struct param_list {
	struct param *v; /* in the arena */
	size_t n;
	bool flawed;    /* something was broken and skipped, or a limit met */
	bool duplicate; /* a name came twice: the first one counts */
};

/* Reads *( ";" parameter ) from in, which starts behind the type or the
 * disposition. Continuations are put together in order of number, charsets
 * converted; values with RFC 2047 words (which nobody should send, and many
 * do) are decoded. The extended form beats the plain one of the same name.
 * What is broken is skipped up to the next ";". Never fails. */
void param_parse(struct slice in, struct arena *a, struct param_list *list_r);

/* The value of name, ignoring case; null when it is not there. */
const struct slice *param_get(const struct param_list *list, const char *name);

/* Appends "; name=value", folded before name where the line, which has
 * *column characters so far, would exceed 78; *column is kept up to date. A
 * value that is not ASCII or too long for a line goes in RFC 2231 form, in
 * continuations where it must, without a plain fallback beside it: readers
 * that know both may take the plain one. */
void param_put(
    const char *name, struct slice value, size_t *column, struct buf *out);

#endif
