/* Questions over TCP (RFC 7766), a connection each.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <sys/epoll.h>

#include "net/dnsaskparts.h"

#define CHUNK 4096 /* octets read at once */

void
dnsask_start_tcp(struct dnsask *a, struct dnsask_flight *f)
{
	const struct dnsask_server *s = &a->plan->servers[f->server];
	struct epoll_event ev = { .events = EPOLLOUT };

	dnsask_hang_up(f);
	f->phase = DNSASK_CONNECT;
	f->until = f->deadline;
	f->fd = socket(
	    s->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ev.data.u64 = DNSASK_TCP | (uint64_t)(f - a->flights);
	if (f->fd < 0 ||
	    (connect(f->fd, (const struct sockaddr *)&s->addr, s->n) < 0 &&
		errno != EINPROGRESS) ||
	    epoll_ctl(a->epoll, EPOLL_CTL_ADD, f->fd, &ev) < 0)
		dnsask_again(a, f);
}

void
dnsask_write_tcp(struct dnsask *a, struct dnsask_flight *f)
{
	int failure = 0;
	socklen_t size = sizeof(failure);
	struct epoll_event ev = { .events = EPOLLIN };
	struct buf out;
	ssize_t n = -1;

	dnsask_make(f, true, &out);
	getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &failure, &size);
	/* A fresh connection has room for some 50 octets. */
	if (failure == 0)
		n = send(f->fd, out.p, out.n, MSG_NOSIGNAL);
	ev.data.u64 = DNSASK_TCP | (uint64_t)(f - a->flights);
	if (n == (ssize_t)out.n &&
	    epoll_ctl(a->epoll, EPOLL_CTL_MOD, f->fd, &ev) == 0) {
		f->phase = DNSASK_RECEIVE;
		buf_init(&f->in, DNSWIRE_MESSAGE_MAX + 2);
	} else {
		dnsask_again(a, f);
	}
	buf_free(&out);
}

void
dnsask_read_tcp(struct dnsask *a, struct dnsask_flight *f)
{
	struct dnswire_header h;
	struct slice msg;
	char in[CHUNK];
	size_t want;
	ssize_t n = recv(f->fd, in, sizeof(in), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		dnsask_again(a, f);
		return;
	}
	buf_add(&f->in, in, (size_t)n);
	msg = buf_view(&f->in);
	if (msg.n < 2)
		return;
	want = (size_t)slice_get(&msg) << 8;
	want |= (size_t)slice_get(&msg);
	if (msg.n < want && !buf_over(&f->in))
		return;
	msg = slice_sub(msg, 0, want);
	if (dnswire_matches(msg, f->id, &f->asked, f->q->type, &h))
		dnsask_judge(a, f, msg, &h);
	else
		dnsask_again(a, f);
}
