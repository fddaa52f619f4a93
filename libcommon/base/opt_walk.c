/* The rows of an option table (see opt_walk.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/opt_walk.h"

void
opt_walk_start(struct opt_walk *w, const struct opt *table)
{
	w->depth = 1;
	w->level[0].next = table;
	w->level[0].base = 0;
}

const struct opt *
opt_walk_next(struct opt_walk *w, size_t *at_r)
{
	while (w->depth) {
		size_t top = w->depth - 1;
		const struct opt *o = w->level[top].next;
		size_t at = w->level[top].base + o->at;

		if (o->kind == OPT_KIND_DONE) {
			w->depth--;
			continue;
		}
		w->level[top].next++;
		if (o->kind != OPT_KIND_MORE) {
			if (at_r)
				*at_r = at;
			return o;
		}
		if (w->depth < OPT_WALK_DEPTH) {
			w->level[w->depth].next = o->more;
			w->level[w->depth++].base = at;
		}
	}
	return NULL;
}

bool
opt_walk_is_option(const struct opt *o)
{
	return o->kind != OPT_KIND_HEAD && !(o->flags & OPT_SECRET);
}

bool
opt_walk_has_value(const struct opt *o)
{
	return o->kind != OPT_KIND_FLAG && o->kind != OPT_KIND_COUNT;
}
