/* Unit tests of net/dnsask and net/dnsport: what servers may answer, by the
 * first label of the name. The server is a thread of the test.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/dnsask.h"

#include "tap.h"

#define THREADS 8
#define EACH    100 /* questions of a thread */
#define PACKET  512

/* What the server has. */
struct server {
	int udp, tcp;
	struct sockaddr_in addr;
	atomic_bool stop;
	atomic_size_t datagrams, streams;
};

/* Makes the question in p an answer; the octets of it. */
static size_t
answer(char *p, size_t n, bool cut)
{
	static const char record[] = "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1";
	size_t end = DNSWIRE_HEADER;

	while (end < n && p[end])
		end += (size_t)p[end] + 1;
	end += 5;
	p[2] = (char)(cut ? 0x83 : 0x81);
	p[3] = (char)0x80;
	memset(p + 6, 0, 6);
	if (!cut) {
		p[7] = 1;
		memcpy(p + end, record, 16);
		end += 16;
	}
	return end;
}

static bool
is_for(const char *p, const char *label)
{
	return slice_starts_nocase(
	    slice_of(p + DNSWIRE_HEADER + 1, (size_t)p[DNSWIRE_HEADER]), label);
}

static void
serve_udp(struct server *s)
{
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	char p[PACKET];
	ssize_t got = recvfrom(
	    s->udp, p, PACKET - 32, 0, (struct sockaddr *)&from, &size);
	size_t n;

	if (got < DNSWIRE_HEADER + 5)
		return;
	s->datagrams++;
	if (is_for(p, "silent") || (is_for(p, "late") && s->datagrams % 2))
		return;
	if (is_for(p, "old") && p[11]) { /* an OPT record: FORMERR */
		p[2] = (char)0x81;
		p[3] = 1;
		p[11] = 0;
		sendto(s->udp, p, (size_t)got - 11, 0, (struct sockaddr *)&from,
		    size);
		return;
	}
	n = answer(p, (size_t)got, is_for(p, "cut"));
	if (is_for(
		p, "forged")) { /* first with a wrong id, then another name */
		p[0] ^= 1;
		sendto(s->udp, p, n, 0, (struct sockaddr *)&from, size);
		p[0] ^= 1;
		p[15] ^= 3;
		sendto(s->udp, p, n, 0, (struct sockaddr *)&from, size);
		p[15] ^= 3;
	}
	if (is_for(p, "small"))
		for (size_t i = DNSWIRE_HEADER; p[i]; i++)
			p[i] = (char)ascii_lower(p[i]);
	sendto(s->udp, p, n, 0, (struct sockaddr *)&from, size);
}

static void
serve_tcp(struct server *s)
{
	int fd = accept(s->tcp, NULL, NULL);
	char p[PACKET + 2];
	ssize_t got = recv(fd, p, PACKET - 32, 0);
	size_t n;

	s->streams++;
	if (got > DNSWIRE_HEADER + 7) {
		n = answer(p + 2, (size_t)got - 2, false);
		p[0] = (char)(n >> 8);
		p[1] = (char)n;
		send(fd, p, 7, MSG_NOSIGNAL); /* in two pieces */
		send(fd, p + 7, n - 5, MSG_NOSIGNAL);
	}
	close(fd);
}

static void *
serve(void *arg)
{
	struct server *s = arg;

	while (!s->stop) {
		struct pollfd fds[2] = { { s->udp, POLLIN, 0 },
			{ s->tcp, POLLIN, 0 } };

		if (poll(fds, 2, 50) <= 0)
			continue;
		if (fds[0].revents)
			serve_udp(s);
		if (fds[1].revents)
			serve_tcp(s);
	}
	return NULL;
}

static bool
listen_both(struct server *s)
{
	socklen_t n = sizeof(s->addr);

	s->addr = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	s->udp = socket(AF_INET, SOCK_DGRAM, 0);
	s->tcp = socket(AF_INET, SOCK_STREAM, 0);
	return bind(s->tcp, (struct sockaddr *)&s->addr, n) == 0 &&
	       getsockname(s->tcp, (struct sockaddr *)&s->addr, &n) == 0 &&
	       bind(s->udp, (struct sockaddr *)&s->addr, n) == 0 &&
	       listen(s->tcp, 5) == 0;
}

static void
some_random(void *p, size_t n)
{
	static uint32_t seed = 1;

	for (size_t i = 0; i < n; i++)
		((uint8_t *)p)[i] = (uint8_t)((seed = seed * 69069 + 1) >> 24);
}

static const struct given given = { .random = some_random };

static enum dns_status
ask_one(struct dnsask *a, const char *name, unsigned *marks, bool *same)
{
	struct dnsask_question q = { .type = DNS_A };
	enum dns_status status;
	struct err e;

	dnsname_read(name, &q.name);
	if (dnsask_all(a, &q, 1, &e) < 0)
		q.status = DNS_REFUSED;
	status = q.status;
	*marks = q.marks;
	*same = q.message.n > DNSWIRE_HEADER + (size_t)q.name.n &&
	        memcmp(q.message.p + DNSWIRE_HEADER, q.name.b, q.name.n) == 0;
	dnsask_clear(&q);
	return status;
}

static void
test_kinds(struct server *s, struct dnsask *a)
{
	static const struct {
		const char *name;
		enum dns_status status;
		unsigned marks;
		size_t streams;
		const char *why;
	} rows[] = {
		{ "plain.Example", DNS_OK, 0, 0, "in the case it was given" },
		{ "forged.example", DNS_OK, 0, 0, "forgeries are passed over" },
		{ "cut.example", DNS_OK, DNS_BY_TCP, 1, "TCP for what is cut" },
		{ "small.EXAMPLE.letters.example", DNS_OK, DNS_BY_TCP, 1,
		    "TCP where the case is lost" },
		{ "old.example", DNS_OK, DNS_NO_EDNS, 0, "without EDNS" },
		{ "late.example", DNS_OK, 0, 0, "a second try" },
		{ "silent.example", DNS_TIMEOUT, 0, 0, "no answer" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t streams = s->streams;
		unsigned marks;
		bool same;

		s->datagrams = 0;
		is_int(ask_one(a, rows[i].name, &marks, &same), rows[i].status,
		    "%s: %s", rows[i].name, rows[i].why);
		is_int(marks, rows[i].marks, "%s: marks", rows[i].name);
		ok(same == (rows[i].status == DNS_OK), "%s: its name",
		    rows[i].name);
		is_int((int64_t)(s->streams - streams),
		    (int64_t)rows[i].streams, "%s: TCP", rows[i].name);
	}
}

/* What one thread asks, all at once. */
struct many {
	struct dnsask *a;
	size_t number, good;
};

static void *
ask_many(void *arg)
{
	struct many *m = arg;
	struct dnsask_question q[EACH] = { 0 };
	struct err e;

	for (size_t i = 0; i < EACH; i++) {
		char name[40];

		snprintf(name, sizeof(name), "%s%zu-%zu.example",
		    i % 50 ? "plain" : "cut", m->number, i);
		dnsname_read(name, &q[i].name);
		q[i].type = DNS_A;
	}
	if (dnsask_all(m->a, q, EACH, &e) < 0)
		return NULL;
	for (size_t i = 0; i < EACH; i++) {
		struct dns_answer r;
		struct arena arena = { 0 };
		bool open;

		dnswire_answer(buf_view(&q[i].message), &q[i].name, DNS_A,
		    &arena, &r, &open);
		m->good += q[i].status == DNS_OK && r.count == 1;
		arena_free(&arena);
		dnsask_clear(&q[i]);
	}
	return NULL;
}

static void
test_threads(struct dnsask *a)
{
	struct many many[THREADS];
	pthread_t threads[THREADS];
	size_t good = 0;

	for (size_t i = 0; i < THREADS; i++) {
		many[i] = (struct many){ .a = a, .number = i };
		if (pthread_create(&threads[i], NULL, ask_many, &many[i]) != 0)
			abort();
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		good += many[i].good;
	}
	is_int((int64_t)good, THREADS * EACH, "every thread has its answers");
}

/* Nobody listens: told at once, and the next server is asked. */
static void
test_dead(struct server *s)
{
	struct dnsask_plan plan = {
		.count = 1, .timeout = 60000, .given = &given
	};
	struct dnsask *a = dnsask_new(&plan);
	struct sockaddr_in dead = s->addr;
	unsigned marks;
	bool same;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t n = sizeof(dead);

	dead.sin_port = 0;
	if (bind(fd, (struct sockaddr *)&dead, n) < 0 ||
	    getsockname(fd, (struct sockaddr *)&dead, &n) < 0)
		abort();
	close(fd);
	memcpy(&plan.servers[0].addr, &dead, sizeof(dead));
	plan.servers[0].n = sizeof(dead);
	is_int(ask_one(a, "plain.example", &marks, &same), DNS_TIMEOUT,
	    "nobody listens there");
	memcpy(&plan.servers[1].addr, &s->addr, sizeof(s->addr));
	plan.servers[1].n = sizeof(s->addr);
	plan.count = 2;
	is_int(ask_one(a, "plain.example", &marks, &same), DNS_OK,
	    "the next server answers");
	dnsask_free(&a);
	ok(!a, "freed");
	dnsask_free(&a);
}

int
main(void)
{
	struct dnsask_plan plan = {
		.count = 1, .timeout = 2000, .given = &given
	};
	struct server s = { 0 };
	struct dnsask *a;
	pthread_t thread;

	if (!listen_both(&s) || pthread_create(&thread, NULL, serve, &s) != 0)
		abort();
	memcpy(&plan.servers[0].addr, &s.addr, sizeof(s.addr));
	plan.servers[0].n = sizeof(s.addr);
	a = dnsask_new(&plan);
	test_kinds(&s, a);
	plan.timeout = 30000;
	test_threads(a);
	test_dead(&s);
	dnsask_free(&a);
	s.stop = true;
	pthread_join(thread, NULL);
	close(s.udp);
	close(s.tcp);
	return tap_done();
}
