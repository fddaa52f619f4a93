/* mcheckdns: SPF checks, a line each. One thread has many of them on their way
 * and waits for the DNS once for all: a check runs until it needs an answer
 * that is not there, and once more, from its beginning, when it is.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#include "net/dnsflow.h"

#include "auth/spf.h"

#include "mcheckdns.h"

#define FLIGHT      512  /* checks on their way at once */
#define FLIGHT_MAX  4096 /* as --jobs may say */
#define ROOM        4    /* of them taken in, for each on its way */
#define ANSWERS_MAX 256  /* of one check: 10 terms, 10 hosts each, and exp= */
#define OUT_MAX     (1u << 20) /* octets of one result */
#define FLUSH_MS    100

/* One line. */
struct check {
	struct batch *b;
	struct arena a; /* its words and answers */
	struct spf_query q;
	const char *ip;
	struct dns_answer **answers; /* in the order of asking */
	size_t cap, count, at;       /* the next one that is asked for */
	size_t missing;
	bool done;
	enum spf_result result;
	struct buf text; /* when done, unless it failed */
	struct err e;
	int ret;
};

struct batch {
	struct session *s;
	struct dns_flow *flow;
	struct check **ring; /* of `room`, `n` from `first` on, in order */
	size_t room, first, n;
	size_t flying, most; /* not done; at most */
	int64_t flushed;
	bool broken; /* the machine gives no means to ask; that was said */
};

/* An answer that is known, by its place among all that the check asks. */
static bool
ask(void *arg, const char *name, enum dns_type type, struct dns_answer *r)
{
	struct check *c = arg;

	if (c->at == ANSWERS_MAX) { /* never: spf_check() has its limits */
		*r =
		    (struct dns_answer){ .status = DNS_SERVFAIL, .name = name };
		return true;
	}
	if (c->at == c->count) {
		struct dns_answer *to = arena_new(&c->a, sizeof(*to));

		c->answers = arena_grow(&c->a, c->answers, c->count,
		    c->count + 1, sizeof(*c->answers), &c->cap);
		c->answers[c->count++] = to;
		if (!dns_flow_ask(c->b->flow, arena_string(&c->a, name), type,
			&c->a, c, to)) {
			c->missing++;
			c->at++;
			return false;
		}
	}
	*r = *c->answers[c->at++];
	return true;
}

static void
render(struct check *c, const struct spf_verdict *v)
{
	c->result = v->result;
	buf_init(&c->text, OUT_MAX);
	if (c->b->s->run->common->json) {
		struct json *o = mcheckdns_spf_json(v, NULL, c->ip);

		json_write(o, false, &c->text);
		buf_char(&c->text, '\n');
		json_free(&o);
	} else {
		buf_fmt(&c->text, "%s\t%s\t%s\n", c->ip,
		    dns_name_escape(slice_str(v->domain), &c->a),
		    spf_result_name(v->result));
	}
}

/* As far as it gets without waiting. */
static void
run(struct check *c)
{
	struct arena a = { 0 };
	struct spf_verdict v;

	c->at = 0;
	c->ret = spf_check(c->b->s->dns, &c->q, &a, &v, &c->e);
	if (c->ret <= 0) {
		if (c->ret == 0)
			render(c, &v);
		c->done = true;
		c->b->flying--;
	}
	arena_free(&a);
	if (c->done)
		arena_free(&c->a);
}

static void
put(struct session *s, struct check *c)
{
	if (c->ret < 0)
		tool_fail(s->run, &c->e);
	else
		tool_output(s->run, buf_view(&c->text));
	if (c->ret == 0 && c->result == SPF_TEMPERROR)
		tool_status(s->run, ERR_TEMP);
	buf_free(&c->text);
	mem_free(c);
}

/* What is done, in order. */
static void
hand_out(struct batch *b)
{
	int64_t now = clock_ms();

	while (b->n && b->ring[b->first]->done) {
		put(b->s, b->ring[b->first]);
		b->first = (b->first + 1) % b->room;
		b->n--;
	}
	if (now - b->flushed < FLUSH_MS)
		return;
	b->flushed = now;
	tool_flush(b->s->run);
}

/* Waits for an answer, and goes on with whoever asked. */
static void
advance(struct batch *b)
{
	void *owner;
	struct check *c;
	struct err e;
	int r = dns_flow_next(b->flow, &owner, &e);

	if (r < 0 && !b->broken) {
		b->broken = true;
		tool_fail(b->s->run, &e);
	}
	if (r <= 0)
		return;
	c = owner;
	if (--c->missing == 0)
		run(c);
	hand_out(b);
}

/* Until there is something to read, or we are told to stop. */
static bool
wait_for_input(int fd, void *arg)
{
	struct batch *b = arg;
	struct pollfd f[] = { { fd, POLLIN, 0 },
		{ tool_stop_fd(), POLLIN, 0 } };

	while (!tool_stopping()) {
		if (b->flying == 0)
			tool_flush(b->s->run);
		if (poll(f, COUNT_OF(f), b->flying ? 0 : -1) > 0)
			break;
		if (b->flying)
			advance(b);
	}
	return !tool_stopping();
}

/* Up to the next blank or TAB; what follows it begins behind all of them. */
static struct slice
take_word(struct slice *line)
{
	size_t n = 0;
	struct slice word;

	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	word = slice_take(line, n);
	*line = slice_trim_start(*line);
	return word;
}

static void
start(struct batch *b, struct check *c)
{
	while (b->n == b->room || b->flying == b->most)
		advance(b);
	b->ring[(b->first + b->n++) % b->room] = c;
	b->flying++;
	run(c);
	hand_out(b);
}

/*	line = IP SP sender [SP helo]
 *
 * "-" or "<>" is the empty sender. A line that is none is told, and passed. */
static void
read_check(struct batch *b, struct slice line)
{
	struct session *s = b->s;
	struct slice ip, sender, helo;
	struct check *c;
	struct err e;

	line = slice_trim(line);
	if (line.n == 0 || slice_peek(line) == '#')
		return;
	ip = take_word(&line);
	sender = take_word(&line);
	helo = take_word(&line);
	if (slice_is(sender, "-") || slice_is(sender, "<>"))
		sender.n = 0;
	c = mem_new(sizeof(*c));
	c->b = b;
	c->ip = arena_copy(&c->a, ip);
	c->q = (struct spf_query){ .helo = arena_copy(&c->a, helo),
		.mailfrom = arena_copy(&c->a, sender),
		.receiver = s->run->given.hostname,
		.now = given_now(&s->run->given),
		.ask = ask,
		.arg = c };
	if (ip_read(ip, &c->q.ip) && (sender.n || helo.n)) {
		start(b, c);
		return;
	}
	err_set(&e, ERR_DATA, "'%s' is not \"IP SENDER HELO\"", c->ip);
	tool_fail(s->run, &e);
	arena_free(&c->a);
	mem_free(c);
}

static int
read_all(struct batch *b, struct lines *in, struct err *e)
{
	struct slice line;
	int r = 0;

	in->max = MCHECKDNS_LINE;
	in->wait = wait_for_input;
	in->arg = b;
	while (!tool_stopping() && (r = lines_next(in, &line, e)) > 0)
		read_check(b, line);
	lines_free(in);
	while (b->n) {
		advance(b);
		hand_out(b);
	}
	return r < 0 ? -1 : 0;
}

/* mcheckdns spf --batch FILE */
int
mcheckdns_batch(struct session *s, struct err *e)
{
	struct lines in = { .name = s->set->batch };
	bool std = strcmp(in.name, "-") == 0;
	struct batch b = { .s = s, .most = s->run->common->jobs };
	int ret;

	if (b.most > FLIGHT_MAX)
		return err_set(e, ERR_USAGE, "%zu jobs are more than %d",
		    b.most, FLIGHT_MAX);
	in.fd = std ? STDIN_FILENO : open(in.name, O_RDONLY | O_CLOEXEC);
	if (in.fd < 0)
		return err_sys(e, ERR_NOINPUT, "cannot open '%s'", in.name);
	in.name = std ? "'standard input'"
	              : arena_fmt(&s->run->arena, "'%s'", in.name);
	b.most = b.most ? b.most : FLIGHT;
	b.room = b.most * ROOM;
	b.ring = mem_array(b.room, sizeof(*b.ring));
	b.flow = dns_flow_new(s->dns);
	ret = read_all(&b, &in, e);
	dns_flow_free(&b.flow);
	mem_free(b.ring);
	if (!std)
		close(in.fd);
	return ret;
}
