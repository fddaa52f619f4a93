/* Looking at headers (see fetchlook.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "flow/fetchlook.h"

void
fetchlook_init(struct fetchlook *l, const struct fetch_plan *plan,
    void (*look)(void *arg, const struct fetch_look *look))
{
	l->plan = plan;
	l->look = look;
	buf_init(&l->header, FETCHLOOK_MAX + 1);
}

void
fetchlook_free(struct fetchlook *l)
{
	buf_free(&l->header);
}

int
fetchlook_write(void *arg, struct slice part, struct err *e)
{
	struct fetchlook *l = arg;

	(void)e;
	buf_slice(&l->header, part);
	return 0;
}

int
fetchlook_end(struct fetchlook *l, struct fetch_look *look, struct err *e)
{
	if (look) {
		look->header = buf_view(&l->header);
		l->look(l->plan->arg, look);
	}
	buf_reset(&l->header);
	return l->plan->stopping && l->plan->stopping(l->plan->arg)
	           ? err_set(e, ERR_TEMP, "stopped as asked")
	           : 0;
}
