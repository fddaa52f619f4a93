/* DKIM2 recipes: what a hop says to undo its change of a message (r= of
 * Message-Instance, JSON in base64).
 *
 *	{ "h": { name: [ step, ... ], ... }, "b": [ step, ... ] }
 *	step = { "c": [ from, to ] }		copied from the message as it is
 *	     / { "d": [ text, ... ] }		as it stands here
 *
 * Under "h", the fields of a name, none for an empty list; names that are not
 * there have not changed. Under "b", the lines of the body; without "b" it has
 * not changed. Anything else in the place of a list says that there is no way
 * back.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_DKIM2UNDO_H
#define AUTH_DKIM2UNDO_H

#include "auth/dkim2parts.h"

#define DKIM2_RECIPE_MAX   (1u << 20)   /* octets of a recipe */
#define DKIM2_RESTORED_MAX (256u << 20) /* octets of all bodies restored */
#define DKIM2_LINES_MAX    (1u << 20)   /* lines of a body to copy from */
#define DKIM2_NAMES_MAX    1000         /* names of fields in one */
#define DKIM2_FIELDS_MAX   10000        /* fields it may give a letter */

/* What undoing needs to keep. */
struct dkim2_undo {
	struct arena *a;
	bool from_top;      /* fields count from the top, not the bottom */
	struct buf body[2]; /* of the letter restored, and the one before */
	struct buf lines;   /* of the body that is copied from */
	size_t restored;    /* octets of all bodies so far */
};

void dkim2_undo_begin(struct dkim2_undo *u, struct arena *a);
void dkim2_undo_end(struct dkim2_undo *u);

/* The letter as it was before the instance: 1; 0 when there is no way back, or
 * it is over DKIM2_RESTORED_MAX; -1 with ERR_DATA: the recipe is none. The
 * views of before_r are into m, the arena, and a body of u that lasts until
 * the call after the next. */
int dkim2_undo(struct dkim2_undo *u, const struct dkim2_field *instance,
    const struct dkim_letter *m, struct dkim_letter *before_r, struct err *e);

#endif
