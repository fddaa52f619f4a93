/* Steps on a socket or pipe (see sock.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#include "net/sock.h"

#define DOWN (POLLERR | POLLHUP | POLLNVAL)

int
sock_wait(const struct sock *s, unsigned what, int64_t deadline)
{
	struct pollfd p[3] = {
		{ what & SOCK_READ ? s->rfd : -1, POLLIN, 0 },
		{ what & SOCK_WRITE ? s->wfd : -1, POLLOUT, 0 },
		{ what & SOCK_STOP ? s->stop : -1, POLLIN, 0 },
	};
	static const unsigned event[] = { SOCK_READ, SOCK_WRITE, SOCK_STOP };
	unsigned got = 0;
	int n;

	do
		n = poll(p, COUNT_OF(p), clock_left(deadline));
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n;
	for (size_t i = 0; i < COUNT_OF(p); i++)
		if (p[i].revents & (p[i].events | DOWN))
			got |= event[i];
	return (int)got;
}

/* Whether a descriptor that is no socket is ready this very moment. */
static bool
ready(int fd, short event)
{
	struct pollfd p = { fd, event, 0 };

	return poll(&p, 1, 0) > 0;
}

ssize_t
sock_recv(const struct sock *s, void *p, size_t n)
{
	ssize_t got;

	do
		got = recv(s->rfd, p, n, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got >= 0 || errno != ENOTSOCK)
		return got;
	if (!ready(s->rfd, POLLIN)) {
		errno = EAGAIN;
		return -1;
	}
	do
		got = read(s->rfd, p, n);
	while (got < 0 && errno == EINTR);
	return got;
}

ssize_t
sock_send(const struct sock *s, const struct iovec *v, int n)
{
	union {
		const struct iovec *from;
		struct iovec *to; /* msg_iov has no const in POSIX */
	} iov = { v };
	struct msghdr m = { .msg_iov = iov.to, .msg_iovlen = (size_t)n };
	struct iovec some;
	ssize_t put;

	do
		put = sendmsg(s->wfd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put >= 0 || errno != ENOTSOCK)
		return put;
	if (!ready(s->wfd, POLLOUT)) {
		errno = EAGAIN;
		return -1;
	}
	/* A pipe that is ready takes this much without blocking. */
	some.iov_base = v[0].iov_base;
	some.iov_len = v[0].iov_len < 4096 ? v[0].iov_len : 4096;
	do
		put = writev(s->wfd, &some, 1);
	while (put < 0 && errno == EINTR);
	return put;
}
