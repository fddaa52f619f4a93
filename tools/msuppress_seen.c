/* msuppress seen: who writes to us again can be written to.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/date.h"

#include "msg/addr.h"
#include "msg/header.h"

#include "store/source.h"

#include "report/reasons.h"
#include "report/report.h"

#include "msuppress.h"

#define AUTHORS_MAX 16 /* of a message; beyond: left out */

/* Why mail did not arrive can be over; what somebody asked for, or was put in
 * by hand, stays. */
static bool
may_end(struct slice reason)
{
	int id = reason_id_named(reason);

	return id >= 0 && (reasons[id].class == REASON_HARD ||
			      reasons[id].class == REASON_SOFT);
}

static void
take_author(struct run *u, const struct suppress_list *l, struct slice address,
    const struct source_message *m, int64_t time)
{
	struct suppress_entry old;
	struct suppress_event *v;

	if (!suppress_find(l, address, &old) || !may_end(old.reason) ||
	    old.until == SUPPRESS_RELEASED || time <= old.last)
		return;
	v = msuppress_event(u);
	v->address = msuppress_keep(u, address);
	v->reason = msuppress_keep(u, old.reason);
	v->scope = msuppress_keep(u, old.scope);
	v->source = msuppress_keep(u, slice_str(m->path));
	v->time = time;
	v->release = true;
}

/* Mail of people only: no bounce, no receipt, no automatic reply. */
static void
take_message(struct run *u, const struct suppress_list *l,
    const struct source_message *m, struct arena *a)
{
	int64_t time, now = given_now(&u->tool->given);
	struct addr_list from;
	struct header h;
	struct report r;
	struct err e;

	if (report_read(m->bytes, NULL, a, &r, &e) < 0 ||
	    r.kind != REPORT_NONE ||
	    (r.auto_submitted.n &&
		!slice_starts_nocase(r.auto_submitted, "no")) ||
	    !date_parse(r.date, &time, NULL) || time > now ||
	    header_read(m->bytes, a, &h, &e) < 0)
		return;
	addr_parse_lax(header_value(&h, "From", a), a, &from);
	for (size_t i = 0; i < from.n && i < AUTHORS_MAX; i++)
		take_author(u, l, addr_text(&from.v[i], a), m, time);
}

static void
take_all(struct run *u, const struct suppress_list *l)
{
	const struct opt_list *rest = &u->tool->rest;
	struct source_message m;
	struct arena arena = { 0 };
	struct source *s;
	struct err e;
	int r;

	source_open(&s, rest->v + 1, rest->n - 1);
	while (!tool_stopping() && u->n < MSUPPRESS_AT_ONCE &&
	       (r = source_next(s, &m, &e)) != 0) {
		struct arena_mark mark = arena_mark(&arena);

		if (r < 0)
			tool_fail(u->tool, &e);
		else
			take_message(u, l, &m, &arena);
		arena_release(&arena, mark);
	}
	source_free(&s);
	arena_free(&arena);
}

int
msuppress_seen(struct run *u, struct err *e)
{
	struct suppress_list *l;

	if (suppress_open(&l, u->path, &u->hash, e) < 0)
		return e->kind == ERR_NOINPUT && !u->set->list ? 0 : -1;
	take_all(u, l);
	suppress_close(&l);
	return u->n ? msuppress_merge(u, false, e) : 0;
}
