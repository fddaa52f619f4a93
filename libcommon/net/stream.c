/* Lines and blocks (see stream.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

#include "net/deflate.h"
#include "net/stream.h"

#define FMT_MAX 4096 /* octets of one stream_fmt() */

struct stream {
	struct sock sock;
	struct tls *tls;         /* null without */
	struct deflate *deflate; /* likewise */
	int64_t deadline;
	char *in; /* octets at..end are read and not taken */
	size_t at, end, cap;
	size_t scanned; /* octets of those that hold no LF */
	bool ended;     /* the peer's end was seen */
	char *out;      /* STREAM_BLOCK octets */
	size_t put;     /* collected */
	char peer[STREAM_PEER_MAX];
};

struct stream *
stream_new(int rfd, int wfd, const char *peer)
{
	struct stream *s = mem_new(sizeof(*s));

	s->sock = (struct sock){ rfd, wfd, -1 };
	s->deadline = CLOCK_NEVER;
	s->out = mem_new(STREAM_BLOCK);
	snprintf(s->peer, sizeof(s->peer), "%s", peer);
	return s;
}

void
stream_free(struct stream **sp)
{
	struct stream *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	tls_free(&s->tls);
	deflate_free(&s->deflate);
	if (s->sock.wfd != s->sock.rfd)
		close(s->sock.wfd);
	close(s->sock.rfd);
	if (s->in)
		explicit_bzero(s->in, s->cap);
	explicit_bzero(s->out, STREAM_BLOCK);
	mem_free(s->in);
	mem_free(s->out);
	mem_free(s);
}

void
stream_deadline(struct stream *s, int64_t deadline)
{
	s->deadline = deadline;
}

void
stream_stop(struct stream *s, int fd)
{
	s->sock.stop = fd;
}

struct slice
stream_pending(const struct stream *s)
{
	return slice_of(s->in ? s->in + s->at : NULL, s->end - s->at);
}

void
stream_take(struct stream *s, size_t n)
{
	n = size_min(n, s->end - s->at);
	s->at += n;
	s->scanned = s->scanned > n ? s->scanned - n : 0;
	if (s->at == s->end)
		s->at = s->end = 0;
}

const struct tls *
stream_tls(const struct stream *s)
{
	return s->tls;
}

const char *
stream_peer(const struct stream *s)
{
	return s->peer;
}

static int
lost(struct stream *s, struct err *e)
{
	return err_sys(e, ERR_TEMP, "%s: connection lost", s->peer);
}

static int
late(struct stream *s, struct err *e)
{
	err_set(e, ERR_TEMP, "%s: no answer in time", s->peer);
	if (e)
		e->sys = ETIMEDOUT;
	return -1;
}

static int
wait_for(struct stream *s, unsigned what, unsigned *got_r, struct err *e)
{
	int got;

	if (s->sock.stop >= 0 && (what & SOCK_READ))
		what |= SOCK_STOP;
	got = sock_wait(&s->sock, what, s->deadline);
	if (got < 0)
		return lost(s, e);
	if (got == 0)
		return late(s, e);
	if (got == SOCK_STOP)
		return err_set(e, ERR_NO, "%s: stopped", s->peer);
	*got_r = (unsigned)got;
	return 0;
}

/* One step: octets, 0 at the end, -1, or TLS_WAIT with *wants_r. */
static ssize_t
receive_raw(
    struct stream *s, void *p, size_t n, unsigned *wants_r, struct err *e)
{
	ssize_t got;

	if (s->ended)
		return 0;
	*wants_r = SOCK_READ;
	if (s->tls) {
		got = tls_recv(s->tls, p, n, e);
		if (got == TLS_WAIT)
			*wants_r = tls_wants(s->tls);
		else if (got == -1)
			err_in(e, "%s", s->peer);
	} else {
		got = sock_recv(&s->sock, p, n);
		if (got < 0 && errno == EAGAIN)
			return TLS_WAIT;
		if (got < 0)
			return lost(s, e);
	}
	s->ended = got == 0;
	return got;
}

/* The same of what the peer compressed. */
static ssize_t
receive(struct stream *s, void *p, size_t n, unsigned *wants_r, struct err *e)
{
	size_t room;
	void *block;
	ssize_t got;

	if (!s->deflate)
		return receive_raw(s, p, n, wants_r, e);
	for (;;) {
		got = deflate_pull(s->deflate, p, n, e);
		if (got < 0)
			return err_in(e, "%s", s->peer);
		if (got > 0)
			return got;
		block = deflate_room(s->deflate, &room);
		got = receive_raw(s, block, room, wants_r, e);
		if (got <= 0)
			return got;
		deflate_came(s->deflate, (size_t)got);
	}
}

/* Makes room for n octets behind what is pending. */
static void
make_room(struct stream *s, size_t n)
{
	size_t have = s->end - s->at;

	if (s->cap - s->end >= n)
		return;
	if (s->at > 0) {
		memmove(s->in, s->in + s->at, have);
		s->at = 0;
		s->end = have;
	}
	if (s->cap - s->end >= n)
		return;
	s->cap = s->cap * 2 > have + n ? s->cap * 2 : have + n;
	s->in = mem_resize(s->in, s->cap);
}

/* At least one more octet into the buffer: 1, 0 at the end, -1. */
static int
fill(struct stream *s, struct err *e)
{
	unsigned wants, came;
	ssize_t got;

	make_room(s, STREAM_BLOCK);
	for (;;) {
		if (clock_left(s->deadline) == 0) /* a peer that never pauses */
			return late(s, e);
		got = receive(s, s->in + s->end, s->cap - s->end, &wants, e);
		if (got == -1)
			return -1;
		if (got >= 0)
			break;
		if (wait_for(s, wants, &came, e) < 0)
			return -1;
	}
	s->end += (size_t)got;
	return got > 0;
}

int
stream_await(struct stream *s, struct err *e)
{
	return s->end > s->at ? 1 : fill(s, e);
}

/* Gives the first n pending octets out: the slice stays valid, since nothing
 * moves them before the next read. */
static struct slice
give(struct stream *s, size_t n)
{
	struct slice got = slice_of(s->in + s->at, n);

	s->at += n;
	s->scanned = 0;
	return got;
}

int
stream_line(struct stream *s, size_t max, struct slice *line_r,
    enum stream_eol *eol_r, struct err *e)
{
	struct slice have;
	size_t lf, n;
	int r;

	for (;;) {
		have = stream_pending(s);
		lf = slice_find(slice_sub(have, s->scanned, have.n), '\n');
		if (lf != SIZE_MAX)
			break;
		s->scanned = have.n;
		/* A CR may still be the first half of the line's end. */
		if (have.n > max + 1)
			break;
		r = fill(s, e);
		if (r == 0 && have.n > 0)
			return err_set(e, ERR_TEMP,
			    "%s: connection closed within a line", s->peer);
		if (r <= 0)
			return r;
	}
	n = lf == SIZE_MAX ? have.n : s->scanned + lf;
	r = lf != SIZE_MAX && n > 0 && have.p[n - 1] == '\r';
	if (lf == SIZE_MAX || n - (size_t)r > max) {
		if (!eol_r)
			return err_set(e, ERR_PROTO,
			    "%s: line longer than %zu octets", s->peer, max);
		*eol_r = STREAM_MORE;
		*line_r = give(s, max);
		return 1;
	}
	if (eol_r)
		*eol_r = r ? STREAM_CRLF : STREAM_LF;
	*line_r = slice_sub(give(s, n + 1), 0, n - (size_t)r);
	return 1;
}

int
stream_some(struct stream *s, size_t max, struct slice *some_r, struct err *e)
{
	int r = stream_await(s, e);

	if (r <= 0)
		return r;
	*some_r = give(s, size_min(max, s->end - s->at));
	return 1;
}

int
stream_exact(struct stream *s, void *p, size_t n, struct err *e)
{
	struct slice have = slice_sub(stream_pending(s), 0, n);
	unsigned wants, came;
	char *to = p;
	ssize_t got;

	if (have.n)
		memcpy(to, have.p, have.n);
	stream_take(s, have.n);
	for (size_t i = have.n; i < n;) {
		got = receive(s, to + i, n - i, &wants, e);
		if (got == 0)
			return err_set(e, ERR_TEMP,
			    "%s: connection closed %zu octets too early",
			    s->peer, n - i);
		if (got == -1)
			return -1;
		if (got > 0)
			i += (size_t)got;
		else if (wait_for(s, wants, &came, e) < 0)
			return -1;
	}
	return 0;
}

/* While the peer does not take ours: what it sends meanwhile, lest both wait
 * for each other for ever. */
static int
read_ahead(struct stream *s, struct err *e)
{
	unsigned wants;
	ssize_t got;

	make_room(s, STREAM_BLOCK);
	got = receive(s, s->in + s->end, s->cap - s->end, &wants, e);
	if (got > 0)
		s->end += (size_t)got;
	return got == -1 ? -1 : 0;
}

static int
wait_to_send(struct stream *s, unsigned wants, struct err *e)
{
	bool ahead = !s->ended && s->end - s->at < STREAM_AHEAD_MAX;
	unsigned came;
	int stop = s->sock.stop;
	int r;

	if (ahead)
		wants |= SOCK_READ;
	/* What is being said is said to its end. */
	s->sock.stop = -1;
	r = wait_for(s, wants, &came, e);
	s->sock.stop = stop;
	if (r < 0)
		return -1;
	return ahead && (came & SOCK_READ) ? read_ahead(s, e) : 0;
}

static int
send_tls(struct stream *s, struct slice b, struct err *e)
{
	ssize_t put;

	while (b.n > 0) {
		put = tls_send(s->tls, b.p, b.n, e);
		if (put == -1)
			return err_in(e, "%s", s->peer);
		if (put == TLS_WAIT) {
			if (wait_to_send(s, tls_wants(s->tls), e) < 0)
				return -1;
			continue;
		}
		slice_take(&b, (size_t)put);
	}
	return 0;
}

static struct iovec
vector(struct slice b)
{
	union {
		const char *from;
		void *to; /* iov_base has no const in POSIX */
	} p = { b.p };

	return (struct iovec){ p.to, b.n };
}

static int
send_plain(struct stream *s, struct slice a, struct slice b, struct err *e)
{
	struct iovec v[2];
	ssize_t put;
	size_t first;
	int n;

	while (a.n + b.n > 0) {
		n = 0;
		if (a.n)
			v[n++] = vector(a);
		if (b.n)
			v[n++] = vector(b);
		put = sock_send(&s->sock, v, n);
		if (put < 0 && errno == EAGAIN) {
			if (wait_to_send(s, SOCK_WRITE, e) < 0)
				return -1;
			continue;
		}
		if (put < 0)
			return lost(s, e);
		first = size_min((size_t)put, a.n);
		slice_take(&a, first);
		slice_take(&b, (size_t)put - first);
	}
	return 0;
}

static int
send_both(struct stream *s, struct slice a, struct slice b, struct err *e)
{
	if (!s->tls)
		return send_plain(s, a, b, e);
	if (send_tls(s, a, e) < 0)
		return -1;
	return send_tls(s, b, e);
}

static int
send_deflated(struct stream *s, struct slice a, struct slice b, struct err *e)
{
	struct buf out;
	int r;

	buf_init(&out, 2 * (a.n + b.n) + STREAM_BLOCK);
	if (a.n)
		deflate_push(s->deflate, a, &out);
	if (b.n)
		deflate_push(s->deflate, b, &out);
	r = send_both(s, buf_view(&out), slice_of(NULL, 0), e);
	buf_wipe(&out);
	return r;
}

/* What was collected, then b. */
static int
send_all(struct stream *s, struct slice b, struct err *e)
{
	struct slice a = slice_of(s->out, s->put);

	s->put = 0;
	return s->deflate ? send_deflated(s, a, b, e) : send_both(s, a, b, e);
}

int
stream_deflate(struct stream *s, struct err *e)
{
	if (stream_flush(s, e) < 0)
		return -1;
	if (s->end > s->at || s->deflate)
		return err_set(e, ERR_PROTO,
		    "%s: plain text arrived after compression was agreed on",
		    s->peer);
	s->deflate = deflate_new();
	return 0;
}

int
stream_put(struct stream *s, struct slice bytes, struct err *e)
{
	if (bytes.n > STREAM_BLOCK - s->put)
		return send_all(s, bytes, e);
	if (bytes.n)
		memcpy(s->out + s->put, bytes.p, bytes.n);
	s->put += bytes.n;
	return 0;
}

int
stream_text(struct stream *s, const char *text, struct err *e)
{
	return stream_put(s, slice_str(text), e);
}

int
stream_fmt(struct stream *s, struct err *e, const char *fmt, ...)
{
	struct buf b;
	va_list ap;
	int r;

	buf_init(&b, FMT_MAX);
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	r = buf_over(&b) ? err_set(e, ERR_BUG, "line for %s over %d octets",
			       s->peer, FMT_MAX)
	                 : stream_put(s, buf_view(&b), e);
	buf_wipe(&b);
	return r;
}

int
stream_flush(struct stream *s, struct err *e)
{
	return s->put ? send_all(s, slice_of(NULL, 0), e) : 0;
}

static int
before_tls(struct stream *s, struct err *e)
{
	if (stream_flush(s, e) < 0)
		return -1;
	if (s->end > s->at)
		return err_set(e, ERR_PROTO,
		    "%s: plain text arrived after STARTTLS was agreed on; "
		    "somebody may be injecting commands",
		    s->peer);
	return 0;
}

int
stream_tls_client(struct stream *s, const struct tls_want *want, struct err *e)
{
	if (before_tls(s, e) < 0)
		return -1;
	if (tls_connect(&s->sock, want, s->deadline, &s->tls, e) < 0)
		return err_in(e, "%s", s->peer);
	return 0;
}

int
stream_tls_server(struct stream *s, const struct tls_cert *cert, struct err *e)
{
	if (before_tls(s, e) < 0)
		return -1;
	if (tls_accept(&s->sock, cert, s->deadline, &s->tls, e) < 0)
		return err_in(e, "%s", s->peer);
	return 0;
}

int
stream_close(struct stream **sp, struct err *e)
{
	struct stream *s = *sp;
	int r = stream_flush(s, e);

	tls_free(&s->tls);
	(void)shutdown(s->sock.wfd, SHUT_WR);
	stream_free(sp);
	return r;
}
