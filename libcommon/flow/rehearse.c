/* A session with nobody (see rehearse.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#include "flow/rehearse.h"

#define LINE_MAX_OCTETS 65536 /* of what our own client writes */
#define SESSION_MS      600000

/* The other end, on a thread of its own. */
struct peer {
	struct stream *stream;
	const struct writer *out;
	bool lmtp;
	size_t rcpts;   /* of the transaction */
	struct err why; /* out failed */
	bool failed;
};

static void
keep(struct peer *p, struct slice octets)
{
	if (!p->failed && writer_put(p->out, octets, &p->why) < 0)
		p->failed = true;
}

/* One line as it came, its end kept, too. */
static int
read_line(struct peer *p, struct slice *line_r)
{
	enum stream_eol eol;
	int r = stream_line(p->stream, LINE_MAX_OCTETS, line_r, &eol, NULL);

	if (r <= 0)
		return r;
	keep(p, *line_r);
	keep(p, slice_str(eol == STREAM_CRLF ? "\r\n"
			  : eol == STREAM_LF ? "\n"
					     : ""));
	return 1;
}

static int
say(struct peer *p, const char *reply)
{
	return stream_fmt(p->stream, NULL, "%s\r\n", reply);
}

static int
say_offers(struct peer *p)
{
	struct slice offers = slice_str(REHEARSE_OFFERS), word;
	bool more = true;

	if (say(p, "250-nobody") < 0)
		return -1;
	while (more) {
		word = slice_take_until(&offers, ' ', &more);
		if (stream_fmt(p->stream, NULL, "250%c%.*s\r\n",
			more ? '-' : ' ', SLICE_ARG(word)) < 0)
			return -1;
	}
	return 0;
}

/* The message is there: LMTP has an answer for each recipient. */
static int
take_message(struct peer *p)
{
	size_t n = p->lmtp ? p->rcpts : 1;

	for (; n > 0; n--)
		if (say(p, "250 2.0.0 nothing was sent") < 0)
			return -1;
	p->rcpts = 0;
	return 0;
}

static int
read_data(struct peer *p)
{
	struct slice line;

	if (say(p, "354 go on") < 0 || stream_flush(p->stream, NULL) < 0)
		return -1;
	do
		if (read_line(p, &line) <= 0)
			return -1;
	while (!slice_is(line, "."));
	return take_message(p);
}

/* "n LAST": our client has one chunk a message. */
static int
read_chunk(struct peer *p, struct slice size)
{
	struct slice some;
	uint64_t left;

	if (!slice_number(
		slice_take_until(&size, ' ', NULL), UINT64_MAX, &left))
		return -1;
	for (; left > 0; left -= some.n) {
		size_t max = left < STREAM_BLOCK ? (size_t)left : STREAM_BLOCK;

		if (stream_some(p->stream, max, &some, NULL) <= 0)
			return -1;
		keep(p, some);
	}
	return take_message(p);
}

static int
answer(struct peer *p, struct slice line)
{
	struct slice word = slice_take_until(&line, ' ', NULL);

	if (slice_is(word, "EHLO") || slice_is(word, "LHLO"))
		return say_offers(p);
	if (slice_is(word, "XCLIENT"))
		return say(p, "220 nobody");
	if (slice_is(word, "DATA"))
		return read_data(p);
	if (slice_is(word, "BDAT"))
		return read_chunk(p, line);
	p->rcpts += slice_is(word, "RCPT");
	return say(p, "250 2.0.0 ok");
}

static void *
serve(void *arg)
{
	struct peer *p = arg;
	struct slice line;
	int r = say(p, "220 nobody");

	while (r == 0 && stream_flush(p->stream, NULL) == 0 &&
	       read_line(p, &line) > 0)
		r = answer(p, line);
	stream_free(&p->stream);
	return NULL;
}

static int
talk(const struct smtp_plan *plan, struct stream *s,
    const struct smtp_mail *mail, struct smtp_result *results, struct arena *a,
    struct err *e)
{
	enum smtp_stage stage;
	struct smtp *c;
	int r;

	if (smtp_open(plan, s, &c, &stage, e) < 0) {
		smtp_results_of(results, mail->rcpts, stage, e, a);
		return -1;
	}
	r = smtp_send(c, mail, results, a, e);
	smtp_close(&c);
	return r;
}

int
rehearse(const struct connect_plan *plan, const struct account_server *server,
    const struct smtp_mail *mail, const struct writer *out,
    struct smtp_result *results, struct arena *a, struct err *e)
{
	struct smtp_plan session = { .lmtp = server->lmtp,
		.helo = connect_helo(plan),
		.deadline = clock_deadline(SESSION_MS),
		.no_pipelining = plan->no_pipelining,
		.no_chunking = plan->no_chunking,
		.xclient = plan->xclient,
		.trace = plan->given->trace };
	struct peer peer = { .out = out, .lmtp = server->lmtp };
	pthread_t thread;
	int fd[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return err_sys(e, ERR_OS, "cannot make a pair of sockets");
	peer.stream = stream_new(fd[1], fd[1], server->text);
	stream_deadline(peer.stream, session.deadline);
	r = pthread_create(&thread, NULL, serve, &peer);
	if (r != 0) {
		stream_free(&peer.stream);
		close(fd[0]);
		errno = r;
		return err_sys(e, ERR_OS, "cannot start a thread");
	}
	r = talk(&session, stream_new(fd[0], fd[0], server->text), mail,
	    results, a, e);
	pthread_join(thread, NULL);
	if (!peer.failed)
		return r;
	*e = peer.why;
	return -1;
}
