/* Looking at a POP3 mailbox without fetching (see fetchpop3.h): the header of
 * each message by TOP, its size by LIST.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "flow/fetchlook.h"
#include "flow/fetchnames.h"
#include "flow/fetchpop3.h"

struct looker {
	struct fetchlook l; /* the first: what all takers share */
	struct fetchnames names;
	uint32_t *numbers; /* owned */
	uint64_t *sizes;   /* owned; of the same */
	size_t n, cap, at;
	struct fetchnames_item item;
};

static int
take_size(void *arg, uint32_t number, uint64_t size, struct err *e)
{
	struct looker *w = arg;

	(void)e;
	if (w->l.plan->limit > 0 && w->n == w->l.plan->limit)
		return 0;
	if (w->n == w->cap) {
		w->cap = w->cap ? 2 * w->cap : 256;
		w->numbers =
		    mem_resize(w->numbers, w->cap * sizeof(w->numbers[0]));
		w->sizes = mem_resize(w->sizes, w->cap * sizeof(w->sizes[0]));
	}
	w->numbers[w->n] = number;
	w->sizes[w->n++] = size;
	return 0;
}

/* Both listings go up in the same order; what is not looked at is passed
 * over. */
static int
take_uidl(void *arg, uint32_t number, struct slice uidl, struct err *e)
{
	struct looker *w = arg;

	if (w->n == 0 || number > w->numbers[w->n - 1])
		return 0;
	return fetchnames_add(&w->names, number, uidl, e);
}

/* What only one listing has is passed over. */
static int
find_uidl(
    struct looker *w, uint32_t number, struct slice *uidl_r, struct err *e)
{
	int got = 1;

	while (got > 0 && w->item.number < number)
		got = fetchnames_next(&w->names, &w->item, e);
	if (got > 0 && w->item.number == number)
		*uidl_r = w->item.uidl;
	return got < 0 ? -1 : 0;
}

static int
end(void *arg, uint32_t number, enum pop3_body body, struct slice words,
    struct err *e)
{
	struct looker *w = arg;
	struct fetch_look look = { .size = w->sizes[w->at++] };

	(void)words;
	if (find_uidl(w, number, &look.uidl, e) < 0)
		return -1;
	return fetchlook_end(&w->l, body == POP3_BODY_WHOLE ? &look : NULL, e);
}

static int
look_at(struct looker *w, struct pop3 *p, struct err *e)
{
	struct pop3_size_taker sizes = { take_size, w };
	struct pop3_uidl_taker uidls = { take_uidl, w };
	struct pop3_taker taker = { FETCHLOOK_MAX, NULL, fetchlook_write, end,
		w };

	if (pop3_sizes(p, &sizes, e) < 0 || pop3_uidl(p, &uidls, e) < 0 ||
	    fetchnames_rewind(&w->names, e) < 0)
		return -1;
	return pop3_retr(p, POP3_HEADER, w->numbers, w->n, &taker, e);
}

int
fetchpop3_peek(const struct fetch_plan *plan,
    void (*look)(void *arg, const struct fetch_look *look), struct err *e)
{
	struct looker w = { .at = 0 };
	struct pop3 *p;
	int ret;

	if (fetchpop3_open(plan, &p, NULL, e) < 0)
		return -1;
	fetchlook_init(&w.l, plan, look);
	fetchnames_init(&w.names);
	ret = look_at(&w, p, e);
	if (ret == 0)
		pop3_quit(&p, NULL);
	pop3_free(&p);
	fetchlook_free(&w.l);
	fetchnames_free(&w.names);
	mem_free(w.numbers);
	mem_free(w.sizes);
	return ret;
}
