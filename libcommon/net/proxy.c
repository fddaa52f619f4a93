/* Connections by way of another host (see proxy.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"

#include "text/url.h"

#include "net/proxy.h"
#include "net/sock.h"

#define SOCKS_PORT 1080
#define HTTP_PORT  8080

int
proxy_read(const char *text, struct proxy *p, struct err *e)
{
	struct arena a = { 0 };
	struct url url;
	int r = url_parse(slice_str(text), &a, &url, e);

	*p = (struct proxy){ .kind = PROXY_SOCKS5 };
	if (r == 0) {
		bool socks = slice_is(slice_str(url.scheme), "socks5");
		size_t n = slice_str(url.host).n;

		if ((!socks && !slice_is(slice_str(url.scheme), "http")) ||
		    n == 0 || n > DIAL_HOST_MAX || url.user || url.path)
			r = err_set(e, ERR_USAGE,
			    "'%s' is no proxy: socks5://HOST:PORT or "
			    "http://HOST:PORT",
			    text);
		else
			memcpy(p->at.host, url.host, n);
		p->kind = socks ? PROXY_SOCKS5 : PROXY_HTTP;
		p->at.port = url.port ? url.port
		             : socks  ? SOCKS_PORT
		                      : HTTP_PORT;
	}
	arena_free(&a);
	return r;
}

static int
lost(struct err *e)
{
	return err_set(e, ERR_TEMP, "the proxy has closed the connection");
}

static int
put(int fd, struct slice s, int64_t deadline, struct err *e)
{
	struct sock k = { fd, fd, -1 };

	while (s.n > 0) {
		struct iovec v = { .iov_len = s.n };
		union {
			const void *in;
			void *out;
		} drop_const = { .in = s.p };
		ssize_t n;

		v.iov_base = drop_const.out;
		n = sock_send(&k, &v, 1);
		if (n > 0)
			slice_take(&s, (size_t)n);
		else if (n < 0 && errno != EAGAIN)
			return lost(e);
		else if (sock_wait(&k, SOCK_WRITE, deadline) == 0)
			return err_set(e, ERR_TEMP, "the proxy does not read");
	}
	return 0;
}

static int
get(int fd, void *p, size_t n, int64_t deadline, struct err *e)
{
	struct sock k = { fd, fd, -1 };
	char *at = p;

	while (n > 0) {
		ssize_t got = sock_recv(&k, at, n);

		if (got > 0) {
			at += got;
			n -= (size_t)got;
		} else if (got == 0 || errno != EAGAIN) {
			return lost(e);
		} else if (sock_wait(&k, SOCK_READ, deadline) == 0) {
			return err_set(
			    e, ERR_TEMP, "the proxy does not answer");
		}
	}
	return 0;
}

/* RFC 1928, 6 */
static int
socks_refused(unsigned code, const struct dial_target *t, struct err *e)
{
	static const char *const why[] = { "", "failure",
		"not allowed by its rules", "network unreachable",
		"host unreachable", "connection refused", "TTL expired",
		"command not supported", "address type not supported" };

	return err_set(e, code == 2 ? ERR_NOPERM : ERR_TEMP,
	    "the proxy cannot connect to '%s': %s", t->host,
	    code < COUNT_OF(why) ? why[code] : "unknown reason");
}

/* VER CMD RSV ATYP ADDR PORT */
static void
put_target(struct buf *b, const struct dial_target *t)
{
	unsigned char ip[16];

	buf_add(b, "\5\1\0", 3);
	if (inet_pton(AF_INET, t->host, ip) == 1) {
		buf_char(b, 1);
		buf_add(b, ip, 4);
	} else if (inet_pton(AF_INET6, t->host, ip) == 1) {
		buf_char(b, 4);
		buf_add(b, ip, 16);
	} else {
		buf_char(b, 3);
		buf_char(b, (int)strlen(t->host));
		buf_text(b, t->host);
	}
	buf_char(b, t->port >> 8);
	buf_char(b, t->port & 255);
}

/* What the proxy is bound to: read and forgotten. */
static int
skip_address(int fd, unsigned kind, int64_t deadline, struct err *e)
{
	unsigned char rest[255 + 2], n = 0;

	if (kind == 3 && get(fd, &n, 1, deadline, e) < 0)
		return -1;
	if (kind != 1 && kind != 3 && kind != 4)
		return err_set(e, ERR_PROTO, "the proxy speaks no SOCKS5");
	return get(fd, rest,
	    (kind == 1      ? 4
		: kind == 4 ? 16
			    : n) +
		2u,
	    deadline, e);
}

static int
socks(int fd, const struct dial_target *t, int64_t deadline, struct err *e)
{
	unsigned char in[4];
	struct buf b;
	int r;

	/* One method: no login (RFC 1928, 3). */
	if (put(fd, slice_of("\5\1\0", 3), deadline, e) < 0 ||
	    get(fd, in, 2, deadline, e) < 0)
		return -1;
	if (in[0] != 5)
		return err_set(e, ERR_PROTO, "the proxy speaks no SOCKS5");
	if (in[1] != 0)
		return err_set(e, ERR_NOPERM, "the proxy wants a login");
	buf_init(&b, 300);
	put_target(&b, t);
	r = put(fd, buf_view(&b), deadline, e);
	buf_free(&b);
	if (r < 0 || get(fd, in, 4, deadline, e) < 0)
		return -1;
	if (in[0] != 5)
		return err_set(e, ERR_PROTO, "the proxy speaks no SOCKS5");
	if (in[1] != 0)
		return socks_refused(in[1], t, e);
	return skip_address(fd, in[3], deadline, e);
}

/* HTTP-version SP status SP reason, fields, an empty line: octet by octet,
 * since what comes behind is the server's. */
static int
read_head(int fd, struct buf *head, int64_t deadline, struct err *e)
{
	char c;

	while (head->n < PROXY_REPLY_MAX) {
		if (get(fd, &c, 1, deadline, e) < 0)
			return -1;
		buf_char(head, c);
		if (slice_ends_nocase(buf_view(head), "\r\n\r\n") ||
		    slice_ends_nocase(buf_view(head), "\n\n"))
			return 0;
	}
	return err_set(e, ERR_PROTO, "the proxy's answer has no end");
}

static int
judge_head(struct slice head, const struct dial_target *t, struct err *e)
{
	struct slice line;
	uint64_t status;

	if (!slice_take_line(&head, &line, NULL) ||
	    !slice_take_prefix(&line, "HTTP/1."))
		return err_set(e, ERR_PROTO, "the proxy speaks no HTTP");
	slice_take_until(&line, ' ', NULL);
	if (!slice_take_number(&line, 999, &status))
		return err_set(e, ERR_PROTO, "the proxy speaks no HTTP");
	if (status / 100 == 2)
		return 0;
	return err_set(e,
	    status == 403 || status == 405 || status == 407 ? ERR_NOPERM
							    : ERR_TEMP,
	    "the proxy does not connect to '%s': %llu%.*s", t->host,
	    (unsigned long long)status, SLICE_ARG(line));
}

static int
http(int fd, const struct dial_target *t, int64_t deadline, struct err *e)
{
	char name[DIAL_TEXT_MAX];
	struct buf b;
	int r;

	dial_text(t, name);
	buf_init(&b, PROXY_REPLY_MAX);
	buf_fmt(&b, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", name, name);
	r = put(fd, buf_view(&b), deadline, e);
	buf_reset(&b);
	if (r == 0)
		r = read_head(fd, &b, deadline, e);
	if (r == 0)
		r = judge_head(buf_view(&b), t, e);
	buf_free(&b);
	return r;
}

int
proxy_connect(int fd, const struct proxy *p, const struct dial_target *t,
    int64_t deadline, struct err *e)
{
	if (p->kind == PROXY_SOCKS5)
		return socks(fd, t, deadline, e);
	return http(fd, t, deadline, e);
}
