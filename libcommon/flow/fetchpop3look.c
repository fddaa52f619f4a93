/* Looking at a POP3 mailbox without fetching (see fetchpop3.h): the header of
 * each message by TOP, its size by LIST.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "flow/fetchpop3.h"

#define HEADER_MAX (1u << 20) /* octets of one that is looked at */

struct seen {
	uint64_t size;
	struct slice uidl; /* in the arena, or empty */
};

struct looker {
	const struct fetch_plan *plan;
	void (*look)(void *arg, const struct fetch_look *look);
	struct arena arena;
	uint32_t *numbers; /* owned */
	struct seen *seen; /* owned; of the same */
	size_t n, cap, at;
	struct buf header;
};

static int
take_size(void *arg, uint32_t number, uint64_t size, struct err *e)
{
	struct looker *w = arg;

	(void)e;
	if (w->plan->limit > 0 && w->n == w->plan->limit)
		return 0;
	if (w->n == w->cap) {
		w->cap = w->cap ? 2 * w->cap : 256;
		w->numbers =
		    mem_resize(w->numbers, w->cap * sizeof(w->numbers[0]));
		w->seen = mem_resize(w->seen, w->cap * sizeof(w->seen[0]));
	}
	w->numbers[w->n] = number;
	w->seen[w->n++] = (struct seen){ .size = size };
	return 0;
}

/* Both listings go up in the same order; what only one has is passed over. */
static int
take_uidl(void *arg, uint32_t number, struct slice uidl, struct err *e)
{
	struct looker *w = arg;

	(void)e;
	while (w->at < w->n && w->numbers[w->at] < number)
		w->at++;
	if (w->at < w->n && w->numbers[w->at] == number)
		w->seen[w->at].uidl =
		    slice_of(arena_copy(&w->arena, uidl), uidl.n);
	return 0;
}

static int
begin(void *arg, uint32_t number, struct err *e)
{
	struct looker *w = arg;

	(void)number;
	(void)e;
	buf_reset(&w->header);
	return 0;
}

static int
put(void *arg, struct slice part, struct err *e)
{
	struct looker *w = arg;

	(void)e;
	buf_slice(&w->header, part);
	return 0;
}

static int
end(void *arg, uint32_t number, enum pop3_body body, struct slice words,
    struct err *e)
{
	struct looker *w = arg;
	const struct seen *seen = &w->seen[w->at++];
	struct fetch_look look = { .uidl = seen->uidl,
		.size = seen->size,
		.header = buf_view(&w->header) };

	(void)number;
	(void)words;
	if (body == POP3_BODY_WHOLE)
		w->look(w->plan->arg, &look);
	return w->plan->stopping && w->plan->stopping(w->plan->arg)
	           ? err_set(e, ERR_TEMP, "stopped as asked")
	           : 0;
}

static int
look_at(struct looker *w, struct pop3 *p, struct err *e)
{
	struct pop3_size_taker sizes = { take_size, w };
	struct pop3_uidl_taker uidls = { take_uidl, w };
	struct pop3_taker taker = { HEADER_MAX, begin, put, end, w };

	if (pop3_sizes(p, &sizes, e) < 0 || pop3_uidl(p, &uidls, e) < 0)
		return -1;
	w->at = 0;
	return pop3_retr(p, POP3_HEADER, w->numbers, w->n, &taker, e);
}

int
fetchpop3_peek(const struct fetch_plan *plan,
    void (*look)(void *arg, const struct fetch_look *look), struct err *e)
{
	struct looker w = { .plan = plan, .look = look };
	struct pop3 *p;
	int ret;

	if (fetchpop3_open(plan, &p, e) < 0)
		return -1;
	buf_init(&w.header, HEADER_MAX + 1);
	ret = look_at(&w, p, e);
	if (ret == 0)
		pop3_quit(&p, NULL);
	pop3_free(&p);
	buf_free(&w.header);
	mem_free(w.numbers);
	mem_free(w.seen);
	arena_free(&w.arena);
	return ret;
}
