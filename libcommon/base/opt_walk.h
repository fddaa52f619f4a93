/* The rows of an option table one after the other, those of the tables it
 * takes in (OPT_MORE) among them: for the files of base/opt only.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_OPT_WALK_H
#define BASE_OPT_WALK_H

#include "base/opt.h"

#define OPT_WALK_DEPTH 4 /* tables within tables */

struct opt_walk {
	struct {
		const struct opt *next;
		size_t base; /* of its struct in the tool's */
	} level[OPT_WALK_DEPTH];
	size_t depth;
};

/* Before the first row. */
void opt_walk_start(struct opt_walk *w, const struct opt *table);

/* The next row, headings included, null after the last; *at_r (may be null)
 * is the offset of its field in the tool's struct. */
const struct opt *opt_walk_next(struct opt_walk *w, size_t *at_r);

/* True for rows that are options of the command line. */
bool opt_walk_is_option(const struct opt *o);

/* True when the option needs a value. */
bool opt_walk_has_value(const struct opt *o);

#endif
