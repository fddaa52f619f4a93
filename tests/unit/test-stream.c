/* Unit tests of net/stream over a socket pair.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#include "net/stream.h"

#include "tap.h"

static struct stream *
pair(int *other_r)
{
	int fd[2];
	struct stream *s;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		abort();
	*other_r = fd[1];
	s = stream_new(fd[0], fd[0], "peer");
	stream_deadline(s, clock_deadline(5000));
	return s;
}

static void
say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
}

static void
test_lines(void)
{
	static const struct {
		const char *line;
		enum stream_eol eol;
	} want[] = {
		{ "one", STREAM_CRLF },
		{ "two", STREAM_LF },
		{ "", STREAM_CRLF },
		{ "a\rb", STREAM_CRLF },
		{ "12345678", STREAM_CRLF },
		{ "12345678", STREAM_MORE },
		{ "9", STREAM_CRLF },
	};
	enum stream_eol eol;
	struct slice line;
	struct err e;
	int fd;
	struct stream *s = pair(&fd);

	say(fd, "one\r\ntwo\n\r\na\rb\r\n12345678\r\n123456789\r\n");
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		is_int(stream_line(s, 8, &line, &eol, &e), 1, "line %zu", i);
		is_slice(line, want[i].line, "its octets");
		is_int(eol, want[i].eol, "its end");
	}
	say(fd, "123456789\n");
	is_int(stream_line(s, 8, &line, NULL, &e), -1, "too long is refused");
	is_int(e.kind, ERR_PROTO, "as a protocol error");
	stream_take(s, 100);
	say(fd, "half");
	close(fd);
	is_int(stream_line(s, 8, &line, &eol, &e), -1, "half a line");
	is_int(e.kind, ERR_TEMP, "is temporary");
	is_str(e.text, "peer: connection closed within a line", "and told");
	stream_take(s, 4);
	is_int(stream_line(s, 8, &line, &eol, &e), 0, "then the end");
	stream_free(&s);
}

/* A peer that always has something to say, and never a line end. */
static void *
talk_on(void *arg)
{
	static const char text[65536] = "x";
	int fd = *(int *)arg;

	while (send(fd, text, sizeof(text), MSG_NOSIGNAL) > 0)
		;
	return NULL;
}

static void
test_no_pause(void)
{
	enum stream_eol eol;
	struct slice line;
	pthread_t peer;
	struct err e;
	int fd, got;
	struct stream *s = pair(&fd);

	if (pthread_create(&peer, NULL, talk_on, &fd) != 0)
		abort();
	stream_deadline(s, clock_deadline(50));
	do
		got = stream_line(s, 1000, &line, &eol, &e);
	while (got > 0);
	is_int(got, -1, "a peer that never pauses");
	is_str(e.text, "peer: no answer in time", "is held to the deadline");
	stream_free(&s);
	pthread_join(peer, NULL);
	close(fd);
}

/* A CRLF split over two packets, and a line at exactly the maximum. */
static void
test_split(void)
{
	enum stream_eol eol;
	struct slice line;
	struct err e;
	int fd;
	struct stream *s = pair(&fd);

	say(fd, "12345678\r");
	stream_deadline(s, clock_deadline(20));
	is_int(stream_line(s, 8, &line, &eol, &e), -1, "no LF, no line");
	is_str(e.text, "peer: no answer in time", "but a deadline");
	is_int(e.kind, ERR_TEMP, "which is temporary");
	stream_deadline(s, clock_deadline(5000));
	say(fd, "\nnext");
	is_int(stream_line(s, 8, &line, &eol, &e), 1, "with its LF");
	is_slice(line, "12345678", "the line is whole");
	is_slice(stream_pending(s), "next", "what follows is pending");
	stream_free(&s);
	close(fd);
}

static void
test_blocks(void)
{
	struct slice some;
	struct err e;
	char got[8];
	int fd;
	struct stream *s = pair(&fd);

	say(fd, "0123456789");
	is_int(stream_some(s, 4, &some, &e), 1, "some");
	is_slice(some, "0123", "at most so many");
	is_int(stream_exact(s, got, 5, &e), 0, "exactly");
	is_slice(slice_of(got, 5), "45678", "the next five");
	close(fd);
	is_int(stream_exact(s, got, 2, &e), -1, "more than there is");
	is_str(e.text, "peer: connection closed 1 octets too early", "told");
	is_int(stream_some(s, 4, &some, &e), 0, "the end");
	stream_free(&s);
}

static void
test_stop(void)
{
	struct slice line;
	struct err e;
	int fd, stop[2];
	struct stream *s = pair(&fd);

	if (pipe(stop) < 0)
		abort();
	stream_stop(s, stop[0]);
	say(fd, "line\r\n");
	is_int(stream_line(s, 80, &line, NULL, &e), 1, "reads while not asked");
	close(stop[1]);
	is_int(stream_line(s, 80, &line, NULL, &e), -1, "stops");
	is_int(e.kind, ERR_NO, "with a kind of its own");
	close(stop[0]);
	close(fd);
	stream_free(&s);
}

#define MUCH (4u << 20)

/* Answers every octet at once and reads on only when its answer is taken:
 * without reading ahead both sides would wait for ever. */
static void *
echo(void *arg)
{
	static char block[65536];
	int fd = *(int *)arg;
	size_t left = MUCH;
	ssize_t got, put, n;

	while (left > 0 && (got = read(fd, block, sizeof(block))) > 0) {
		for (n = 0; n < got; n += put)
			if ((put = send(fd, block + n, (size_t)(got - n),
				 MSG_NOSIGNAL)) <= 0)
				return NULL;
		left -= (size_t)got;
	}
	return NULL;
}

static void
test_no_deadlock(void)
{
	char *much = malloc(MUCH), *back = malloc(MUCH);
	pthread_t t;
	struct err e;
	int fd, r = 0;
	struct stream *s = pair(&fd);

	for (size_t i = 0; i < MUCH; i++)
		much[i] = (char)(i * 7 + i / 999);
	pthread_create(&t, NULL, echo, &fd);
	/* Within what is read ahead, and the socket's own buffers. */
	for (size_t i = 0; i < MUCH && r == 0; i += MUCH / 4) {
		r = stream_text(s, "", &e);
		if (r == 0)
			r = stream_put(s, slice_of(much + i, MUCH / 4), &e);
		if (r == 0)
			r = stream_exact(s, back + i, MUCH / 4, &e);
	}
	is_int(r, 0, "echo of %u octets does not deadlock", MUCH);
	ok(memcmp(much, back, MUCH) == 0, "and comes back as it was");
	pthread_join(t, NULL);
	close(fd);
	stream_free(&s);
	free(much);
	free(back);
}

static void
test_writing(void)
{
	char got[64];
	struct err e;
	int fd;
	struct stream *s = pair(&fd);

	is_int(stream_fmt(s, &e, "MAIL FROM:<%s>\r\n", "a@b"), 0, "collected");
	is_int(stream_text(s, "DATA\r\n", &e), 0, "and another");
	is_int(recv(fd, got, sizeof(got), MSG_DONTWAIT), -1, "nothing sent");
	is_int(stream_flush(s, &e), 0, "flushed");
	is_int(read(fd, got, sizeof(got)), 23, "in one piece");
	close(fd);
	is_int(stream_text(s, "x", &e), 0, "collected for a peer that left");
	is_int(stream_flush(s, &e), -1, "no SIGPIPE but an error");
	is_int(e.kind, ERR_TEMP, "that is temporary");
	stream_free(&s);
}

static void
test_pipes(void)
{
	struct slice line;
	struct err e;
	char got[8];
	int in[2], out[2];
	struct stream *s;

	if (pipe(in) < 0 || pipe(out) < 0)
		abort();
	s = stream_new(in[0], out[1], "inetd");
	stream_deadline(s, clock_deadline(5000));
	say(in[1], "NOOP\r\n");
	is_int(stream_line(s, 80, &line, NULL, &e), 1, "from a pipe");
	is_slice(line, "NOOP", "a line");
	is_int(stream_text(s, "250\r\n", &e), 0, "into another");
	is_int(stream_close(&s, &e), 0, "closed");
	is_int(read(out[0], got, sizeof(got)), 5, "all of it came");
	close(in[1]);
	close(out[0]);
}

int
main(void)
{
	test_lines();
	test_no_pause();
	test_split();
	test_blocks();
	test_stop();
	test_no_deadlock();
	test_writing();
	test_pipes();
	return tap_done();
}
