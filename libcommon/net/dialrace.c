/* Connecting to a host with several addresses: the next one is tried when the
 * one before has not answered in a quarter of a second, and the first that
 * answers wins (RFC 8305, 5).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"

#include "net/dialrace.h"

#define AHEAD_MS 250

struct race {
	const struct dial_addr *addr;
	size_t n, next; /* addresses; the next one to be tried */
	const struct dial_addr *source;
	struct pollfd p[DIAL_ADDR_MAX]; /* those on their way */
	size_t which[DIAL_ADDR_MAX];
	size_t running;
	int why; /* the first failure: it says most */
};

static void
failed(struct race *r, int why)
{
	if (!r->why)
		r->why = why;
}

static void
no_delay(int fd)
{
	int on = 1;

	/* Fails on unix sockets, which need it not. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* A socket on its way to the address, or connected, or -1 with errno. */
static int
begin(const struct race *r, const struct dial_addr *a)
{
	int fd = socket(
	    a->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int why;

	if (fd < 0)
		return -1;
	no_delay(fd);
	if ((!r->source || bind(fd, (const struct sockaddr *)&r->source->sa,
			       r->source->len) == 0) &&
	    (connect(fd, (const struct sockaddr *)&a->sa, a->len) == 0 ||
		errno == EINPROGRESS || errno == EINTR))
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

static void
start_next(struct race *r)
{
	size_t i = r->next++;
	int fd;

	if (r->source && r->source->sa.ss_family != r->addr[i].sa.ss_family) {
		failed(r, EAFNOSUPPORT);
		return;
	}
	fd = begin(r, &r->addr[i]);
	if (fd < 0) {
		failed(r, errno);
		return;
	}
	r->p[r->running] = (struct pollfd){ .fd = fd, .events = POLLOUT };
	r->which[r->running++] = i;
}

static void
drop(struct race *r, size_t k)
{
	close(r->p[k].fd);
	r->running--;
	r->p[k] = r->p[r->running];
	r->which[k] = r->which[r->running];
}

/* Whoever is connected: its place, or SIZE_MAX; those that failed go. */
static size_t
find_winner(struct race *r)
{
	socklen_t len = sizeof(int);
	int why;

	for (size_t k = 0; k < r->running;) {
		why = 0;
		if (!r->p[k].revents) {
			k++;
		} else if (getsockopt(r->p[k].fd, SOL_SOCKET, SO_ERROR, &why,
			       &len) == 0 &&
			   why == 0) {
			return k;
		} else {
			failed(r, why);
			drop(r, k);
		}
	}
	return SIZE_MAX;
}

/* Until something happens, it is the next one's turn, or the time is over. */
static int
wait_for(struct race *r, int64_t turn, int64_t deadline)
{
	if (r->next < r->n && turn < deadline)
		deadline = turn;
	return poll(r->p, r->running, clock_left(deadline));
}

static size_t
run(struct race *r, int64_t deadline)
{
	int64_t turn = 0; /* of the next one */
	size_t winner = SIZE_MAX, before;

	while (winner == SIZE_MAX) {
		if (r->next < r->n && (!r->running || clock_ms() >= turn)) {
			start_next(r);
			turn = clock_ms() + AHEAD_MS;
			continue;
		}
		if (!r->running)
			return SIZE_MAX;
		if (wait_for(r, turn, deadline) < 0 && errno != EINTR) {
			failed(r, errno);
			return SIZE_MAX;
		}
		before = r->running;
		winner = find_winner(r);
		if (r->running < before)
			turn = 0;
		if (winner == SIZE_MAX && clock_ms() >= deadline) {
			failed(r, ETIMEDOUT);
			return SIZE_MAX;
		}
	}
	return winner;
}

int
dialrace_connect(const struct dial_addr *addr, size_t n,
    const struct dial_addr *source, int64_t deadline, size_t *which_r)
{
	struct race r = {
		.addr = addr, .n = size_min(n, DIAL_ADDR_MAX), .source = source
	};
	size_t winner = run(&r, deadline);
	int fd = -1, flags;

	if (winner != SIZE_MAX) {
		fd = r.p[winner].fd;
		if (which_r)
			*which_r = r.which[winner];
		flags = fcntl(fd, F_GETFL);
		if (flags >= 0)
			(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	}
	for (size_t k = 0; k < r.running; k++)
		if (r.p[k].fd != fd)
			close(r.p[k].fd);
	errno = r.why ? r.why : ETIMEDOUT;
	return fd;
}
