/* Questions of one thread that does not wait for each of them.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"
#include "base/mem.h"

#include "net/dnsflow.h"
#include "net/dnsparts.h"

/* One question. */
struct flown {
	struct dnsask_question ask; /* first, so that it leads back here */
	struct flown *next;
	struct dns_question q;
	struct dns_way way;
	struct dns_answer *to;
	void *owner;
};

struct flown_list {
	struct flown *first, **end;
};

struct dns_flow {
	struct dns *d;
	struct dnsask_call *call;
	size_t flying;           /* on their way as our own */
	struct flown *parked;    /* that others, or one of ours, ask */
	struct flown_list ready; /* answered, not given back */
	struct flown *unused;
};

struct dns_flow *
dns_flow_new(struct dns *d)
{
	struct dns_flow *f = mem_new(sizeof(*f));

	f->d = d;
	f->call = dnsask_open();
	f->ready.end = &f->ready.first;
	return f;
}

static void
free_list(struct flown *x)
{
	while (x) {
		struct flown *next = x->next;

		mem_free(x);
		x = next;
	}
}

void
dns_flow_free(struct dns_flow **f)
{
	void *owner;
	struct err e;

	if (!*f)
		return;
	while (dns_flow_next(*f, &owner, &e) != 0)
		continue;
	dnsask_close(&(*f)->call);
	free_list((*f)->unused);
	mem_free(*f);
	*f = NULL;
}

static struct flown *
take_unused(struct dns_flow *f)
{
	struct flown *x = f->unused;

	if (!x)
		return mem_new(sizeof(*x));
	f->unused = x->next;
	return x;
}

static void
end(struct dns_flow *f, struct flown *x)
{
	dnsway_end(f->d, &x->way);
	*x->to = x->q.answer;
}

/* As far as it gets without waiting: true to its end. */
static bool
go_on(struct dns_flow *f, struct flown *x)
{
	struct dns *d = f->d;
	struct dns_way *w = &x->way;

	while (!w->done) {
		bool ours;

		if (dnsway_overlay(d, w))
			continue;
		w->entry = dnscache_claim(
		    d->cache, &w->at, w->q->type, clock_ms(), &ours);
		if (ours) {
			x->ask = (struct dnsask_question){ .name = w->at,
				.type = w->q->type,
				.status = DNS_TIMEOUT };
			if (d->valid)
				dnsvalid_ask(d->valid, &x->ask, 1);
			else if (!d->replay) {
				dnsask_add(f->call, &x->ask);
				f->flying++;
				return false;
			}
			dnsway_keep(d, &x->ask, w->entry, w->a, true);
		} else if (!dnscache_ready(d->cache, w->entry)) {
			x->next = f->parked;
			f->parked = x;
			return false;
		}
		dnsway_take(d, w);
	}
	end(f, x);
	return true;
}

bool
dns_flow_ask(struct dns_flow *f, const char *name, enum dns_type type,
    struct arena *a, void *owner, struct dns_answer *r)
{
	struct flown *x = take_unused(f);
	bool there;

	x->q = (struct dns_question){ .name = name, .type = type };
	x->to = r;
	x->owner = owner;
	dnsway_start(&x->way, &x->q, a);
	if (f->d->zone) {
		dnsway_zone(f->d, &x->way);
		end(f, x);
		there = true;
	} else {
		there = go_on(f, x);
	}
	if (there) {
		x->next = f->unused;
		f->unused = x;
	}
	return there;
}

/* Its entry has an answer, so it goes on. */
static void
resume(struct dns_flow *f, struct flown *x)
{
	dnsway_take(f->d, &x->way);
	if (!go_on(f, x))
		return;
	x->next = NULL;
	*f->ready.end = x;
	f->ready.end = &x->next;
}

/* Waits for some of our own, and hands their answers to all who have claimed
 * them. */
static int
receive(struct dns_flow *f, struct err *e)
{
	struct dnsask_question *list, *next;
	int ret = dnsask_some(f->d->ask, f->call, &list, e);

	for (; list; list = next) {
		struct flown *x = (struct flown *)list;

		next = list->next;
		f->flying--;
		dnsway_keep(f->d, list, x->way.entry, x->way.a, ret == 0);
		resume(f, x);
	}
	return ret;
}

/* Those that waited for another's answer. With none of our own on its way,
 * another thread owes it. */
static void
look_at_parked(struct dns_flow *f)
{
	struct flown *all = f->parked, *x;

	f->parked = NULL;
	while ((x = all)) {
		bool must = f->flying == 0 && !f->ready.first;

		all = x->next;
		if (must || dnscache_ready(f->d->cache, x->way.entry)) {
			resume(f, x);
			continue;
		}
		x->next = f->parked;
		f->parked = x;
	}
}

int
dns_flow_next(struct dns_flow *f, void **owner_r, struct err *e)
{
	struct flown *x;

	while (!f->ready.first && (f->flying || f->parked)) {
		int ret = f->flying ? receive(f, e) : 0;

		look_at_parked(f);
		if (ret < 0)
			return -1;
	}
	x = f->ready.first;
	if (!x)
		return 0;
	f->ready.first = x->next;
	if (!f->ready.first)
		f->ready.end = &f->ready.first;
	*owner_r = x->owner;
	x->next = f->unused;
	f->unused = x;
	return 1;
}
