/* The way of a question to a server and back.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#include "net/dial.h"
#include "net/dnsaskparts.h"

#define EVENTS 64 /* taken at once */

/* The addresses 127/8 and ::1 never leave the machine. */
void
dnsask_server_set(struct dnsask_server *s, const struct ip *ip, unsigned port)
{
	const char *kind = ip_special(ip);
	struct dial_addr to;

	*s = (struct dnsask_server){ 0 };
	s->loopback = kind && strcmp(kind, "loopback") == 0;
	dial_addr_of(&to, ip, (uint16_t)port);
	s->addr = to.sa;
	s->n = to.len;
}

struct dnsask *
dnsask_new(const struct dnsask_plan *plan)
{
	struct dnsask *a = mem_new(sizeof(*a));

	a->plan = plan;
	a->epoll = -1;
	a->look = CLOCK_NEVER;
	a->fresh_end = &a->fresh;
	a->todo_end = &a->todo;
	pthread_mutex_init(&a->lock, NULL);
	return a;
}

void
dnsask_free(struct dnsask **a)
{
	if (!*a)
		return;
	for (size_t i = 0; i < DNSASK_PORTS_MAX; i++)
		dnsport_free(&(*a)->ports[i]);
	if ((*a)->epoll >= 0)
		close((*a)->epoll);
	pthread_mutex_destroy(&(*a)->lock);
	mem_free((*a)->flights);
	mem_free(*a);
	*a = NULL;
}

static const uint8_t *
random_octets(struct dnsask *a, size_t n)
{
	if (a->random_left < n) {
		a->plan->given->random(a->random, sizeof(a->random));
		a->random_left = sizeof(a->random);
	}
	a->random_left -= n;
	return a->random + a->random_left;
}

/* Nobody listens there. */
static void
fail_port(struct dnsask *a, struct dnsport *p)
{
	for (size_t i = 0; i < p->used; i++)
		if (p->owners[i])
			dnsask_again(a, p->owners[i]);
	if (a->current[p->server] == p)
		a->current[p->server] = NULL;
}

static void
flush(struct dnsask *a)
{
	struct dnsport *p = a->outbound;

	if (a->out.count && dnsport_send(p, &a->out) < 0)
		fail_port(a, p);
}

/* A port of the server that has room for a question. */
static struct dnsport *
port_to(struct dnsask *a, size_t server)
{
	const struct dnsask_server *s = &a->plan->servers[server];
	struct dnsport *p = a->current[server];
	struct epoll_event ev = { .events = EPOLLIN };
	size_t i = 0;

	if (p && p->used < DNSPORT_QUESTIONS)
		return p;
	while (i < DNSASK_PORTS_MAX && a->ports[i])
		i++;
	p = i < DNSASK_PORTS_MAX
	        ? dnsport_new((const struct sockaddr *)&s->addr, s->n)
	        : NULL;
	if (!p)
		return NULL;
	p->server = server;
	ev.data.u64 = i;
	if (epoll_ctl(a->epoll, EPOLL_CTL_ADD, p->fd, &ev) < 0) {
		dnsport_free(&p);
		return NULL;
	}
	a->ports[i] = a->current[server] = p;
	return p;
}

/* The time of a try: an eighth of all, doubled each time. */
static int64_t
try_until(const struct dnsask *a, const struct dnsask_flight *f)
{
	int64_t until = clock_deadline((a->plan->timeout << f->tries) / 8 + 1);

	return until < f->deadline ? until : f->deadline;
}

/* The name with letters in random case. */
static void
set_case(struct dnsask *a, struct dnsask_flight *f)
{
	const uint8_t *bits = random_octets(a, DNSNAME_MAX / 8 + 1);

	f->asked = f->q->name;
	/* The lengths of labels are no letters. */
	for (size_t i = 0; i < f->asked.n; i++)
		if (ascii_is_alpha(f->asked.b[i]) && bits[i / 8] >> i % 8 & 1)
			f->asked.b[i] ^= 0x20;
}

/* Puts the question into what is sent next. */
static void
send_from(
    struct dnsask *a, struct dnsport *p, struct dnsask_flight *f, int64_t now)
{
	uint16_t random;
	struct buf out;

	if (a->outbound != p || a->out.count == DNSPORT_BATCH)
		flush(a);
	memcpy(&random, random_octets(a, sizeof(random)), sizeof(random));
	set_case(a, f);
	f->port = p;
	f->id = dnsport_add(p, f, random);
	dnsask_make(f, false, &out);
	memcpy(a->out.text[a->out.count], out.p, out.n);
	a->out.n[a->out.count++] = out.n;
	buf_free(&out);
	a->outbound = p;
	f->phase = DNSASK_UDP;
	f->sent = now;
	dnsroom_sent(&a->room, now);
	a->look = f->until < a->look ? f->until : a->look;
}

/* Sends the question once more, to the next server; gives up when there were
 * enough tries. */
static void
next_try(struct dnsask *a, struct dnsask_flight *f, int64_t now)
{
	while (f->tries < DNSASK_TRIES && f->deadline > now) {
		struct dnsport *p;

		f->server =
		    f->q->only ? f->q->only - 1 : f->tries % a->plan->count;
		f->until = try_until(a, f);
		f->tries++;
		p = port_to(a, f->server);
		if (p) {
			send_from(a, p, f, now);
			return;
		}
	}
	dnsask_finish(a, f);
}

static struct dnsask_flight *
start(struct dnsask *a, struct dnsask_call *c)
{
	struct dnsask_flight *f = a->unused;
	struct dnsask_question *q = c->todo.first;

	if (f)
		a->unused = f->next;
	else if (a->made < DNSASK_FLIGHT_MAX)
		f = &a->flights[a->made++];
	else
		return NULL;
	*f =
	    (struct dnsask_flight){ .q = q, .call = c, .fd = -1, .edns = true };
	f->deadline = clock_deadline(a->plan->timeout);
	q->status = DNS_TIMEOUT;
	q->marks = 0;
	buf_init(&q->message, DNSWIRE_MESSAGE_MAX);
	c->todo.first = q->next;
	if (!c->todo.first) {
		c->todo.end = &c->todo.first;
		a->fresh = c->next_fresh;
		if (!a->fresh)
			a->fresh_end = &a->fresh;
	}
	return f;
}

/* Sends what there is room for. */
static void
pump(struct dnsask *a)
{
	int64_t now = clock_ms();
	size_t left = dnsroom_left(&a->room, now);

	while (left-- > 0 && (a->todo || a->fresh)) {
		struct dnsask_flight *f = a->todo;

		if (f) {
			a->todo = f->next;
			if (!a->todo)
				a->todo_end = &a->todo;
		} else if (!(f = start(a, a->fresh))) {
			break;
		}
		next_try(a, f, now);
		if (left == 0 || !(a->todo || a->fresh))
			flush(a); /* may bring some back */
	}
	flush(a);
}

/* A forger guesses id and port, but hardly the case of the letters; a server
 * that does not keep them is asked over TCP. */
static bool
has_case(const struct dnsask_flight *f, struct slice msg,
    const struct dnswire_header *h)
{
	return h->counts[0] == 0 ||
	       (msg.n >= DNSWIRE_HEADER + (size_t)f->asked.n &&
		   memcmp(msg.p + DNSWIRE_HEADER, f->asked.b, f->asked.n) == 0);
}

static void
read_datagram(struct dnsask *a, struct dnsport *p, struct slice msg, bool cut,
    int64_t now)
{
	struct dnswire_header h;
	struct dnsask_flight *f;

	if (msg.n < DNSWIRE_HEADER)
		return;
	f = dnsport_owner(p, (uint16_t)((unsigned)slice_at(msg, 0) << 8 |
					(unsigned)slice_at(msg, 1)));
	if (!f || !dnswire_matches(msg, f->id, &f->asked, f->q->type, &h))
		return; /* late, or forged: wait for the right one */
	dnsroom_answered(&a->room, f->sent, now);
	if (h.truncated || cut || !has_case(f, msg, &h))
		dnsask_start_tcp(a, f);
	else
		dnsask_judge(a, f, msg, &h);
}

/* The lock is let go while the system hands the datagrams over: nobody but the
 * thread that leads closes a port. */
static void
read_port(struct dnsask *a, struct dnsport *p)
{
	size_t count;

	do {
		int64_t now;
		int got;

		pthread_mutex_unlock(&a->lock);
		got = dnsport_receive(p, &a->in);
		now = clock_ms();
		pthread_mutex_lock(&a->lock);
		count = got > 0 ? a->in.count : 0;
		for (size_t i = 0; i < count; i++) {
			size_t n = size_min(a->in.n[i], DNSPORT_UDP_MAX);

			read_datagram(a, p, slice_of(a->in.text[i], n),
			    a->in.n[i] > n, now);
		}
		if (got < 0)
			fail_port(a, p);
	} while (count == DNSPORT_BATCH);
}

static void
take_event(struct dnsask *a, uint64_t what)
{
	struct dnsask_flight *f;

	if (!(what & DNSASK_TCP)) {
		if (a->ports[what])
			read_port(a, a->ports[what]);
		return;
	}
	f = &a->flights[what & ~DNSASK_TCP];
	if (f->phase == DNSASK_CONNECT)
		dnsask_write_tcp(a, f);
	else if (f->phase == DNSASK_RECEIVE)
		dnsask_read_tcp(a, f);
}

/* Tries whose time has run out; when the next one may. */
static void
look_for_lost(struct dnsask *a, int64_t now)
{
	a->look = CLOCK_NEVER;
	for (size_t i = 0; i < a->made; i++) {
		struct dnsask_flight *f = &a->flights[i];

		if (f->phase == DNSASK_FREE || f->phase == DNSASK_WAIT)
			continue;
		if (f->until <= now) {
			if (f->phase == DNSASK_UDP)
				dnsroom_lost(&a->room, now);
			dnsask_again(a, f);
		} else if (f->until < a->look) {
			a->look = f->until;
		}
	}
}

/* Ports that are left, once nothing is on its way from them. */
static void
close_ports(struct dnsask *a)
{
	for (size_t i = 0; i < DNSASK_PORTS_MAX; i++) {
		struct dnsport *p = a->ports[i];

		if (p && p->flying == 0 && a->current[p->server] != p)
			dnsport_free(&a->ports[i]);
	}
}

/* Receives for all until one's own questions, or some, are answered. */
static int
lead(struct dnsask *a, struct dnsask_call *c, struct err *e)
{
	struct epoll_event ev[EVENTS];
	int ret = 0;

	while (ret < 0 ? c->left > 0 : !dnsask_call_over(c)) {
		int wait, n;

		close_ports(a);
		wait = clock_left(a->look);
		if (a->todo || a->fresh)
			wait = dnsroom_wait(&a->room);
		pthread_mutex_unlock(&a->lock);
		n = epoll_wait(a->epoll, ev, EVENTS, wait);
		pthread_mutex_lock(&a->lock);
		if (n < 0 && errno != EINTR)
			ret = err_sys(e, ERR_OS, "cannot wait for DNS answers");
		for (int i = 0; i < n; i++)
			take_event(a, ev[i].data.u64);
		/* Without a means to wait all tries have run out. */
		if (ret < 0)
			look_for_lost(a, CLOCK_NEVER - 1);
		else if (clock_left(a->look) == 0)
			look_for_lost(a, clock_ms());
		pump(a);
	}
	return ret;
}

/* Opens what is needed to ask at all. */
static int
open_all(struct dnsask *a, struct err *e)
{
	if (a->epoll >= 0)
		return 0;
	a->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (a->epoll < 0)
		return err_sys(e, ERR_OS, "cannot wait for DNS answers");
	a->flights = mem_array(DNSASK_FLIGHT_MAX, sizeof(*a->flights));
	dnsroom_init(&a->room, a->plan->rate, clock_ms());
	return 0;
}

/* A thread that waits and is not done leads from now on. */
static void
hand_over(struct dnsask *a)
{
	struct dnsask_call *c = a->calls;

	while (c && !c->waits)
		c = c->next_call;
	if (c)
		pthread_cond_signal(&c->wake);
}

/* Puts what was added on its way. */
static void
launch(struct dnsask *a, struct dnsask_call *c)
{
	if (!c->added.first)
		return;
	if (c->left == 0) {
		c->next_call = a->calls;
		a->calls = c;
	}
	for (struct dnsask_question *q = c->added.first; q; q = q->next)
		c->left++;
	if (!c->todo.first) {
		c->next_fresh = NULL;
		*a->fresh_end = c;
		a->fresh_end = &c->next_fresh;
	}
	*c->todo.end = c->added.first;
	c->todo.end = c->added.end;
	dnsask_list_init(&c->added);
	pump(a);
}

static int
wait_for(struct dnsask *a, struct dnsask_call *c, struct err *e)
{
	int ret;

	pthread_mutex_lock(&a->lock);
	ret = open_all(a, e);
	if (ret == 0)
		launch(a, c);
	while (ret == 0 && !dnsask_call_over(c)) {
		if (a->led) {
			c->waits = true;
			pthread_cond_wait(&c->wake, &a->lock);
			c->waits = false;
			continue;
		}
		a->led = true;
		ret = lead(a, c, e);
		a->led = false;
	}
	if (!a->led)
		hand_over(a);
	pthread_mutex_unlock(&a->lock);
	return ret;
}

int
dnsask_all(struct dnsask *a, struct dnsask_question *q, size_t n, struct err *e)
{
	struct dnsask_call c = { 0 };
	int ret;

	dnsask_call_init(&c);
	for (size_t i = 0; i < n; i++)
		dnsask_add(&c, &q[i]);
	ret = wait_for(a, &c, e);
	pthread_cond_destroy(&c.wake);
	return ret;
}

int
dnsask_some(struct dnsask *a, struct dnsask_call *c,
    struct dnsask_question **list_r, struct err *e)
{
	int ret = wait_for(a, c, e);

	/* Nothing of these was ever sent. */
	if (ret < 0 && c->added.first) {
		*c->done.end = c->added.first;
		c->done.end = c->added.end;
		dnsask_list_init(&c->added);
	}
	*list_r = c->done.first;
	dnsask_list_init(&c->done);
	return ret;
}

void
dnsask_clear(struct dnsask_question *q)
{
	buf_free(&q->message);
}
