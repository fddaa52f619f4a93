/* The way of a question to a server and back.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#include "net/dnsask.h"

#define UDP_MAX 4096 /* octets of a datagram we take; a longer one is cut */

enum phase {
	FREE,
	UDP,     /* waits for a datagram */
	CONNECT, /* waits for the TCP connection */
	RECEIVE  /* reads length and message */
};

/* One question on its way. */
struct flight {
	struct dnsask_question *q;
	enum phase phase;
	int fd;
	unsigned tries;
	size_t server;
	bool edns;
	uint16_t id;
	int64_t until, deadline; /* of this try, of all */
	struct buf in;           /* TCP: what came so far */
};

static void
hang_up(struct flight *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	buf_free(&f->in);
}

static void
finish(struct flight *f)
{
	hang_up(f);
	f->phase = FREE;
	f->q = NULL;
}

static void
make_question(struct flight *f, struct buf *out, bool tcp)
{
	buf_init(out, DNSNAME_MAX + 64);
	if (tcp)
		buf_add(out, "\0", 2);
	dnswire_question(out, f->id, &f->q->name, f->q->type, f->edns);
	if (tcp) {
		out->p[0] = (char)((out->n - 2) >> 8);
		out->p[1] = (char)((out->n - 2) & 0xff);
	}
}

static int
open_socket(const struct dnsask *ask, struct flight *f, int kind)
{
	const struct dnsask_server *s = &ask->servers[f->server];

	hang_up(f);
	f->fd =
	    socket(s->addr.ss_family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (f->fd < 0)
		return -1;
	return connect(f->fd, (const struct sockaddr *)&s->addr, s->n);
}

/* The time of a try: an eighth of all, doubled each time. */
static int64_t
try_until(const struct dnsask *ask, const struct flight *f)
{
	int64_t until = clock_deadline((ask->timeout << f->tries) / 8 + 1);

	return until < f->deadline ? until : f->deadline;
}

/* Sends the question once more, to the next server; gives up when there were
 * enough tries. */
static void
next_try(const struct dnsask *ask, struct flight *f)
{
	if (f->phase == CONNECT || f->phase == RECEIVE)
		f->q->marks |= DNS_TCP_FAILED;
	while (f->tries < DNSASK_TRIES && clock_left(f->deadline) != 0) {
		struct buf out;
		ssize_t n = -1;

		f->server = f->tries % ask->count;
		f->until = try_until(ask, f);
		f->tries++;
		ask->given->random(&f->id, sizeof(f->id));
		make_question(f, &out, false);
		if (open_socket(ask, f, SOCK_DGRAM) == 0)
			n = send(f->fd, out.p, out.n, MSG_NOSIGNAL);
		buf_free(&out);
		if (n >= 0) {
			f->phase = UDP;
			return;
		}
	}
	finish(f);
}

static void
start(const struct dnsask *ask, struct flight *f, struct dnsask_question *q)
{
	*f = (struct flight){ .q = q, .fd = -1, .edns = true };
	f->deadline = clock_deadline(ask->timeout);
	q->status = DNS_TIMEOUT;
	q->marks = 0;
	buf_init(&q->message, DNSWIRE_MESSAGE_MAX);
	next_try(ask, f);
}

static void
start_tcp(const struct dnsask *ask, struct flight *f)
{
	int failed =
	    open_socket(ask, f, SOCK_STREAM) < 0 && errno != EINPROGRESS;

	f->phase = CONNECT;
	if (failed) {
		next_try(ask, f);
		return;
	}
	f->until = f->deadline;
}

/* A whole message that matches the question: is it one to be content with? */
static void
judge(const struct dnsask *ask, struct flight *f, struct slice msg,
    const struct dnswire_header *h)
{
	bool no_edns =
	    h->rcode == DNSWIRE_FORMERR || h->rcode == DNSWIRE_NOTIMP;

	if (f->edns && no_edns) {
		f->edns = false;
		f->q->marks |= DNS_NO_EDNS;
		f->tries--; /* the same server, without EDNS */
		next_try(ask, f);
		return;
	}
	buf_reset(&f->q->message);
	buf_slice(&f->q->message, msg);
	f->q->status = DNS_OK;
	f->q->marks &= ~(unsigned)DNS_TCP_FAILED;
	if (f->phase == RECEIVE)
		f->q->marks |= DNS_BY_TCP;
	f->q->server = &ask->servers[f->server];
	if ((h->rcode == DNSWIRE_SERVFAIL || h->rcode == DNSWIRE_REFUSED) &&
	    f->tries < ask->count)
		next_try(ask, f);
	else
		finish(f);
}

static void
read_udp(const struct dnsask *ask, struct flight *f)
{
	struct dnswire_header h;
	char in[UDP_MAX];
	ssize_t n = recv(f->fd, in, sizeof(in), MSG_TRUNC);

	if (n < 0) {
		/* ICMP: nobody listens there. */
		if (errno != EAGAIN && errno != EINTR)
			next_try(ask, f);
		return;
	}
	if (!dnswire_matches(slice_of(in, size_min((size_t)n, sizeof(in))),
		f->id, &f->q->name, f->q->type, &h))
		return; /* late, or forged: wait for the right one */
	if (h.truncated || (size_t)n > sizeof(in))
		start_tcp(ask, f);
	else
		judge(ask, f, slice_of(in, (size_t)n), &h);
}

static void
write_tcp(const struct dnsask *ask, struct flight *f)
{
	int failure = 0;
	socklen_t size = sizeof(failure);
	struct buf out;
	ssize_t n = -1;

	make_question(f, &out, true);
	getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &failure, &size);
	/* A fresh connection has room for some 50 octets. */
	if (failure == 0)
		n = send(f->fd, out.p, out.n, MSG_NOSIGNAL);
	if (n == (ssize_t)out.n) {
		f->phase = RECEIVE;
		buf_init(&f->in, DNSWIRE_MESSAGE_MAX + 2);
	} else {
		next_try(ask, f);
	}
	buf_free(&out);
}

static void
read_tcp(const struct dnsask *ask, struct flight *f)
{
	struct dnswire_header h;
	struct slice msg;
	char in[UDP_MAX];
	size_t want;
	ssize_t n = recv(f->fd, in, sizeof(in), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		next_try(ask, f);
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
	if (dnswire_matches(msg, f->id, &f->q->name, f->q->type, &h))
		judge(ask, f, msg, &h);
	else
		next_try(ask, f);
}

static void
step(const struct dnsask *ask, struct flight *f, short events)
{
	if (events == 0) {
		if (clock_left(f->until) == 0)
			next_try(ask, f);
		return;
	}
	if (f->phase == UDP)
		read_udp(ask, f);
	else if (f->phase == CONNECT)
		write_tcp(ask, f);
	else if (f->phase == RECEIVE)
		read_tcp(ask, f);
}

/* All questions of one call. */
struct call {
	struct dnsask_question *q;
	size_t n, next; /* of them, the first that is not on its way yet */
	struct flight *flights;
	struct pollfd *fds;
	size_t count; /* of both */
	size_t held;  /* of the room */
	int64_t hold; /* until then */
};

/* Sends what there is room for; how many are on their way. */
static size_t
start_flights(const struct dnsask *ask, struct call *c)
{
	size_t busy = 0;

	for (size_t i = 0; i < c->count; i++) {
		while (c->flights[i].phase == FREE && c->next < c->n)
			start(ask, &c->flights[i], &c->q[c->next++]);
		busy += c->flights[i].phase != FREE;
	}
	return busy;
}

/* Gives back the room that the questions left do not need, and all of it when
 * it was held for long. */
static void
give_room(const struct dnsask *ask, struct call *c, size_t busy)
{
	size_t keep = clock_left(c->hold) ? size_min(c->held, busy) : 0;

	dnsroom_give(ask->room, c->held - keep);
	c->held = keep;
}

/* Waits until something comes for one of them, or a try runs out. */
static int
wait_for(const struct call *c, struct err *e)
{
	int wait = c->held ? clock_left(c->hold) : -1;

	for (size_t i = 0; i < c->count; i++) {
		const struct flight *f = &c->flights[i];
		int left = clock_left(f->until);

		c->fds[i] = (struct pollfd){ .fd = -1 };
		if (f->phase == FREE)
			continue;
		c->fds[i].fd = f->fd;
		c->fds[i].events = f->phase == CONNECT ? POLLOUT : POLLIN;
		if (wait < 0 || left < wait)
			wait = left;
	}
	if (poll(c->fds, (nfds_t)c->count, wait) < 0 && errno != EINTR)
		return err_sys(e, ERR_OS, "cannot wait for DNS answers");
	return 0;
}

int
dnsask_all(const struct dnsask *ask, struct dnsask_question *q, size_t n,
    struct err *e)
{
	struct call c = { .q = q, .n = n };
	size_t busy;
	int ret = 0;

	c.count = c.held = size_min(n, DNSASK_FLIGHT_MAX);
	c.flights = mem_array(c.count, sizeof(*c.flights));
	c.fds = mem_array(c.count, sizeof(*c.fds));
	for (size_t i = 0; i < c.count; i++)
		c.flights[i].fd = -1;
	dnsroom_take(ask->room, c.held);
	c.hold = clock_deadline(DNSROOM_HOLD);
	while (ret == 0 && (busy = start_flights(ask, &c)) != 0) {
		give_room(ask, &c, busy);
		ret = wait_for(&c, e);
		for (size_t i = 0; i < c.count && ret == 0; i++)
			if (c.flights[i].phase != FREE)
				step(ask, &c.flights[i], c.fds[i].revents);
	}
	dnsroom_give(ask->room, c.held);
	for (size_t i = 0; i < c.count; i++)
		hang_up(&c.flights[i]);
	mem_free(c.flights);
	mem_free(c.fds);
	return ret;
}

void
dnsask_clear(struct dnsask_question *q)
{
	buf_free(&q->message);
}
