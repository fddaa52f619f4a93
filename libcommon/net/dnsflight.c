/* One question on its way: what becomes of it.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <unistd.h>

#include "net/dnsaskparts.h"

void
dnsask_hang_up(struct dnsask_flight *f)
{
	if (f->port)
		dnsport_drop(f->port, f);
	f->port = NULL;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	buf_free(&f->in);
}

void
dnsask_finish(struct dnsask *a, struct dnsask_flight *f)
{
	struct dnsask_call *c = f->call, **at = &a->calls;

	dnsask_hang_up(f);
	dnsask_list_add(&c->done, f->q);
	f->phase = DNSASK_FREE;
	f->next = a->unused;
	a->unused = f;
	if (--c->left == 0) {
		while (*at != c)
			at = &(*at)->next_call;
		*at = c->next_call;
	}
	if (c->waits && dnsask_call_over(c))
		pthread_cond_signal(&c->wake);
}

void
dnsask_again(struct dnsask *a, struct dnsask_flight *f)
{
	if (f->phase == DNSASK_CONNECT || f->phase == DNSASK_RECEIVE)
		f->q->marks |= DNS_TCP_FAILED;
	dnsask_hang_up(f);
	f->phase = DNSASK_WAIT;
	f->next = NULL;
	*a->todo_end = f;
	a->todo_end = &f->next;
}

void
dnsask_judge(struct dnsask *a, struct dnsask_flight *f, struct slice msg,
    const struct dnswire_header *h)
{
	bool no_edns =
	    h->rcode == DNSWIRE_FORMERR || h->rcode == DNSWIRE_NOTIMP;
	struct buf *m = &f->q->message;

	if (f->edns && no_edns) {
		f->edns = false;
		f->q->marks |= DNS_NO_EDNS;
		f->tries--; /* the same server, without EDNS */
		dnsask_again(a, f);
		return;
	}
	buf_reset(m);
	buf_slice(m, msg);
	/* Names that point into the question are as they were given. */
	if (h->counts[0] &&
	    memcmp(m->p + DNSWIRE_HEADER, f->asked.b, f->asked.n) == 0)
		memcpy(m->p + DNSWIRE_HEADER, f->q->name.b, f->asked.n);
	f->q->status = DNS_OK;
	f->q->marks &= ~(unsigned)DNS_TCP_FAILED;
	if (f->phase == DNSASK_RECEIVE)
		f->q->marks |= DNS_BY_TCP;
	f->q->server = &a->plan->servers[f->server];
	if ((h->rcode == DNSWIRE_SERVFAIL || h->rcode == DNSWIRE_REFUSED) &&
	    !f->q->only && f->tries < a->plan->count)
		dnsask_again(a, f);
	else
		dnsask_finish(a, f);
}

void
dnsask_make(const struct dnsask_flight *f, bool tcp, struct buf *out)
{
	buf_init(out, DNSPORT_SEND_MAX);
	if (tcp)
		buf_add(out, "\0", 2);
	dnswire_question(out, f->id, &f->asked, f->q->type, f->edns);
	if (tcp) {
		out->p[0] = (char)((out->n - 2) >> 8);
		out->p[1] = (char)((out->n - 2) & 0xff);
	}
}
