/* The steps of a dialogue over the connection (play.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fnmatch.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"

#include "net/dial.h"
#include "net/tls.h"

#include "play.h"

int
play_fail(const struct play *p, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%u: ", p->file, p->line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -1;
}

struct slice
play_unescape(struct play *p, struct slice s)
{
	char *to = arena_new(&p->arena, s.n + 1);
	size_t n = 0;
	int c;

	while ((c = slice_get(&s)) >= 0) {
		if (c == '\\') {
			c = slice_get(&s);
			if (c == 'x') {
				int high = ascii_hex(slice_get(&s));

				c = high * 16 + ascii_hex(slice_get(&s));
			} else {
				c = c == 'r'   ? '\r'
				    : c == 'n' ? '\n'
				    : c == 't' ? '\t'
				    : c == '0' ? '\0'
				               : c;
			}
		}
		to[n++] = (char)c;
	}
	return slice_of(to, n);
}

/* Waits for a connection as long as the command lives. */
unsigned
play_seconds(void)
{
	const char *factor = getenv("MAILTOOLKIT_TIME_FACTOR");
	uint64_t n = 1;

	if (factor && !slice_number(slice_str(factor), PLAY_FACTOR_MAX, &n))
		n = 1;
	return PLAY_SECONDS * (unsigned)n;
}

static int
connection(struct play *p)
{
	struct pollfd poller = { p->listener, POLLIN, 0 };
	char peer[DIAL_TEXT_MAX];
	struct err e;

	if (p->stream)
		return 0;
	if (p->closed)
		return play_fail(p, "the script has closed the connection");
	while (poll(&poller, 1, PLAY_LISTEN_MS) == 0)
		if (waitpid(p->child, &p->status, WNOHANG) == p->child) {
			p->child = 0;
			return play_fail(
			    p, "the command ended and never connected");
		}
	p->fd = dial_accept(p->listener, peer, &e);
	if (p->fd < 0)
		return play_fail(p, "accept: %s", e.text);
	p->stream = stream_new(p->fd, p->fd, peer);
	stream_deadline(p->stream, clock_deadline(play_seconds() * 1000));
	return 0;
}

static int
send_octets(struct play *p, struct slice s)
{
	struct err e;

	if (connection(p) < 0)
		return -1;
	if (stream_put(p->stream, s, &e) < 0 || stream_flush(p->stream, &e) < 0)
		return play_fail(p, "cannot send: %s", e.text);
	return 0;
}

int
play_send(struct play *p, struct slice arg)
{
	return send_octets(
	    p, slice_str(arena_fmt(&p->arena, "%.*s\r\n", SLICE_ARG(arg))));
}

int
play_send_raw(struct play *p, struct slice arg)
{
	return send_octets(p, play_unescape(p, arg));
}

static int
send_times(struct play *p, struct slice arg, const char *end)
{
	uint64_t n;
	struct slice line;
	struct err e;

	if (!slice_take_number(&arg, 100000000, &n))
		return play_fail(p, "how many?");
	arg = slice_trim_start(arg);
	line = slice_str(arena_fmt(&p->arena, "%.*s%s", SLICE_ARG(arg), end));
	if (connection(p) < 0)
		return -1;
	while (n-- > 0)
		if (stream_put(p->stream, line, &e) < 0)
			return 0;
	stream_flush(p->stream, NULL);
	return 0;
}

int
play_send_many(struct play *p, struct slice arg)
{
	return send_times(p, arg, "\r\n");
}

int
play_send_long(struct play *p, struct slice arg)
{
	return send_times(p, arg, "");
}

/* The client's next line, which has to end in CRLF. */
static int
client_line(struct play *p, struct slice *line_r)
{
	enum stream_eol eol;
	struct err e;
	int r;

	if (connection(p) < 0)
		return -1;
	r = stream_line(p->stream, PLAY_LINE_MAX, line_r, &eol, &e);
	if (r < 0)
		return play_fail(p, "no line from the client: %s", e.text);
	if (r == 0)
		return play_fail(p, "the client has closed the connection");
	if (eol != STREAM_CRLF)
		return play_fail(p,
		    "the client's line does not end in CRLF: '%.*s'",
		    SLICE_ARG(*line_r));
	if (slice_find(*line_r, '\r') != SIZE_MAX)
		return play_fail(p, "the client sent a bare CR");
	return 0;
}

int
play_expect(struct play *p, struct slice arg)
{
	const char *glob = arena_copy(&p->arena, arg), *got;
	struct slice line;

	if (client_line(p, &line) < 0)
		return play_fail(p, "instead of '%s'", glob);
	got = arena_copy(&p->arena, line);
	if (line.n != strlen(got) || fnmatch(glob, got, 0) != 0)
		return play_fail(p, "wanted '%s', got '%s'", glob, got);
	return 0;
}

int
play_expect_raw(struct play *p, struct slice arg)
{
	struct slice want = play_unescape(p, arg);
	char *got = arena_new(&p->arena, want.n + 1);
	struct err e;

	if (connection(p) < 0)
		return -1;
	if (stream_exact(p->stream, got, want.n, &e) < 0)
		return play_fail(p, "too few octets: %s", e.text);
	if (memcmp(got, want.p, want.n) != 0)
		return play_fail(
		    p, "wanted '%.*s', got '%s'", SLICE_ARG(want), got);
	return 0;
}

int
play_data(struct play *p, struct slice arg)
{
	struct slice line;
	struct buf all;
	int r;

	buf_init(&all, PLAY_TEXT_MAX);
	while ((r = client_line(p, &line)) == 0 && !slice_is(line, ".")) {
		buf_slice(&all, line);
		buf_char(&all, '\n');
	}
	if (r == 0 && arg.n > 0 &&
	    fnmatch(arena_copy(&p->arena, arg), buf_str(&all), 0) != 0)
		r = play_fail(p, "wanted '%.*s', got '%s'", SLICE_ARG(arg),
		    buf_str(&all));
	buf_free(&all);
	return r;
}

int
play_tls(struct play *p, struct slice arg)
{
	struct err e;

	(void)arg;
	if (connection(p) < 0)
		return -1;
	if (stream_tls_server(p->stream, p->cert, &e) < 0)
		return play_fail(p, "%s", e.text);
	return 0;
}

int
play_tls_fails(struct play *p, struct slice arg)
{
	char c;

	(void)arg;
	if (connection(p) < 0)
		return -1;
	if (stream_tls_server(p->stream, p->cert, NULL) == 0 &&
	    stream_exact(p->stream, &c, 1, NULL) == 0)
		return play_fail(p, "the handshake was to fail");
	stream_free(&p->stream);
	p->closed = true;
	return 0;
}

int
play_wait(struct play *p, struct slice arg)
{
	struct timespec t;
	uint64_t ms;

	if (!slice_number(arg, PLAY_SECONDS * 1000, &ms))
		return play_fail(p, "how many milliseconds?");
	if (connection(p) < 0)
		return -1;
	t.tv_sec = (time_t)(ms / 1000);
	t.tv_nsec = (long)(ms % 1000) * 1000000;
	nanosleep(&t, NULL);
	return 0;
}

int
play_eof(struct play *p, struct slice arg)
{
	struct slice got;
	struct err e;

	(void)arg;
	if (connection(p) < 0)
		return -1;
	/* A reset is an end, too: the client left without reading. */
	if (stream_some(p->stream, 100, &got, &e) == 1)
		return play_fail(
		    p, "wanted the end, got '%.*s'", SLICE_ARG(got));
	stream_free(&p->stream);
	p->closed = true;
	return 0;
}

int
play_close(struct play *p, struct slice arg)
{
	(void)arg;
	if (connection(p) < 0)
		return -1;
	stream_close(&p->stream, NULL);
	p->closed = true;
	return 0;
}

int
play_reset(struct play *p, struct slice arg)
{
	static const struct linger now = { 1, 0 };

	(void)arg;
	if (connection(p) < 0)
		return -1;
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	stream_free(&p->stream);
	p->closed = true;
	return 0;
}

int
play_accept(struct play *p, struct slice arg)
{
	(void)arg;
	if (p->stream)
		return play_fail(p, "the connection is still open");
	p->closed = false;
	return connection(p);
}
