/* The questions of one thread, in lists.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "net/dnsaskparts.h"

void
dnsask_list_init(struct dnsask_list *l)
{
	l->first = NULL;
	l->end = &l->first;
}

void
dnsask_list_add(struct dnsask_list *l, struct dnsask_question *q)
{
	q->next = NULL;
	*l->end = q;
	l->end = &q->next;
}

void
dnsask_call_init(struct dnsask_call *c)
{
	dnsask_list_init(&c->added);
	dnsask_list_init(&c->todo);
	dnsask_list_init(&c->done);
	pthread_cond_init(&c->wake, NULL);
}

bool
dnsask_call_over(const struct dnsask_call *c)
{
	return c->left == 0 || (c->some && c->done.first);
}

struct dnsask_call *
dnsask_open(void)
{
	struct dnsask_call *c = mem_new(sizeof(*c));

	dnsask_call_init(c);
	c->some = true;
	return c;
}

void
dnsask_close(struct dnsask_call **c)
{
	if (!*c)
		return;
	pthread_cond_destroy(&(*c)->wake);
	mem_free(*c);
	*c = NULL;
}

void
dnsask_add(struct dnsask_call *c, struct dnsask_question *q)
{
	q->status = DNS_TIMEOUT;
	dnsask_list_add(&c->added, q);
}
