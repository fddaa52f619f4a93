/* HTML as mail has it, cut into tags and text, forgiving as browsers are (the
 * WHATWG's tokenizer, without its tree). Nothing is copied, nothing refused.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include "base/buf.h"

enum html_kind { HTML_TEXT, HTML_OPEN, HTML_CLOSE };

struct html_token {
	enum html_kind kind;
	struct slice raw;   /* the whole of it */
	struct slice name;  /* of a tag, as written: compare without case */
	struct slice attrs; /* of an opening tag, for html_attr() */
};

/* Takes the next one; false at the end. Comments, declarations and processing
 * instructions are passed over, and so is the content of script, style,
 * title, template and the like. */
bool html_next(struct slice *rest, struct html_token *t_r);

/* Takes the next attribute; the value stands as it is written, its quotes
 * not, empty where there is none. */
bool html_attr(
    struct slice *attrs, struct slice *name_r, struct slice *value_r);

/* The value of that attribute as it is written; { NULL, 0 }: not there. */
struct slice html_attr_get(struct slice attrs, const char *name);

/* Appends text with its character references as UTF-8; what is none stays. */
void html_decode(struct slice text, struct buf *out);

#endif
