/* Connections by way of another host (see proxy.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>

#include "base/buf.h"
#include "base/clock.h"

#include "text/base64.h"
#include "text/url.h"

#include "net/proxy.h"
#include "net/sock.h"

#define SOCKS_PORT 1080
#define HTTP_PORT  8080

/* What a login can be: RFC 1929, 2; RFC 7617, 2 has no ":" in a name. */
static bool
is_user(const char *user)
{
	size_t n = slice_str(user).n;

	return !user || (n > 0 && n <= PROXY_LOGIN_MAX && !strchr(user, ':'));
}

/* "x://user:password@host" */
static bool
has_password(struct slice url)
{
	size_t at = slice_find(url, '@'), colon;

	if (at == SIZE_MAX)
		return false;
	url = slice_sub(url, 0, at);
	colon = slice_find_last(url, ':');
	return colon != SIZE_MAX && slice_at(url, colon + 1) != '/';
}

int
proxy_read(const char *text, struct arena *a, struct proxy *p, struct err *e)
{
	struct url url;
	bool socks;
	size_t n;

	*p = (struct proxy){ .kind = PROXY_SOCKS5 };
	if (has_password(slice_str(text))) /* it is not shown */
		return err_set(e, ERR_USAGE,
		    "a password in a URL shows in the process list: leave it "
		    "out and use --proxy-password-command");
	if (url_parse(slice_str(text), a, &url, e) < 0)
		return -1;
	socks = slice_is(slice_str(url.scheme), "socks5");
	n = slice_str(url.host).n;
	if ((!socks && !slice_is(slice_str(url.scheme), "http")) || n == 0 ||
	    n > DIAL_HOST_MAX || !is_user(url.user) || url.path)
		return err_set(e, ERR_USAGE,
		    "'%s' is no proxy: socks5://HOST:PORT or "
		    "http://HOST:PORT, with USER@ before the host for a login",
		    text);
	memcpy(p->at.host, url.host, n);
	p->user = url.user;
	p->kind = socks ? PROXY_SOCKS5 : PROXY_HTTP;
	p->at.port = url.port ? url.port : socks ? SOCKS_PORT : HTTP_PORT;
	return 0;
}

static int
lost(struct err *e)
{
	return err_set(e, ERR_TEMP, "the proxy has closed the connection");
}

static int
no_socks(struct err *e)
{
	return err_set(e, ERR_PROTO, "the proxy speaks no SOCKS5");
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
		return no_socks(e);
	return get(fd, rest,
	    (kind == 1      ? 4
		: kind == 4 ? 16
			    : n) +
		2u,
	    deadline, e);
}

static int
wants_login(const struct proxy *p, struct err *e)
{
	return p->user ? err_set(e, ERR_NOPERM,
			     "the proxy has refused the login of '%s'", p->user)
	               : err_set(e, ERR_NOPERM,
			     "the proxy wants a login: put USER@ before its "
			     "host");
}

/* VER ULEN UNAME PLEN PASSWD     (RFC 1929, 2) */
static int
socks_login(int fd, const struct proxy *p, int64_t deadline, struct err *e)
{
	struct slice user = slice_str(p->user);
	unsigned char in[2];
	struct buf b;
	int r;

	buf_init(&b, 3 + 2 * PROXY_LOGIN_MAX);
	buf_room(&b, 3 + 2 * PROXY_LOGIN_MAX); /* to be wiped */
	buf_char(&b, 1);
	buf_char(&b, (int)user.n);
	buf_slice(&b, user);
	buf_char(&b, (int)p->password.n);
	buf_slice(&b, p->password);
	r = put(fd, buf_view(&b), deadline, e);
	buf_wipe(&b);
	if (r < 0 || get(fd, in, 2, deadline, e) < 0)
		return -1;
	if (in[0] != 1)
		return no_socks(e);
	return in[1] == 0 ? 0 : wants_login(p, e);
}

/* Methods: no login, and one by name and password where there is a name (RFC
 * 1928, 3). */
static int
socks_method(int fd, const struct proxy *p, int64_t deadline, struct err *e)
{
	struct slice hello =
	    p->user ? slice_of("\5\2\0\2", 4) : slice_of("\5\1\0", 3);
	unsigned char in[2];

	if (put(fd, hello, deadline, e) < 0 || get(fd, in, 2, deadline, e) < 0)
		return -1;
	if (in[0] != 5)
		return no_socks(e);
	if (in[1] == 0)
		return 0;
	if (in[1] == 2 && p->user)
		return socks_login(fd, p, deadline, e);
	return p->user ? err_set(e, ERR_NOPERM,
			     "the proxy takes no login by name and password")
	               : wants_login(p, e);
}

static int
socks(int fd, const struct proxy *p, const struct dial_target *t,
    int64_t deadline, struct err *e)
{
	unsigned char in[4];
	struct buf b;
	int r;

	if (socks_method(fd, p, deadline, e) < 0)
		return -1;
	buf_init(&b, 300);
	put_target(&b, t);
	r = put(fd, buf_view(&b), deadline, e);
	buf_free(&b);
	if (r < 0 || get(fd, in, 4, deadline, e) < 0)
		return -1;
	if (in[0] != 5)
		return no_socks(e);
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
judge_head(struct slice head, const struct proxy *p,
    const struct dial_target *t, struct err *e)
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
	if (status == 407)
		return wants_login(p, e);
	return err_set(e,
	    status == 403 || status == 405 ? ERR_NOPERM : ERR_TEMP,
	    "the proxy does not connect to '%s': %llu%.*s", t->host,
	    (unsigned long long)status, SLICE_ARG(line));
}

/* Proxy-Authorization = "Basic" SP base64( user ":" password ) */
static void
put_basic(struct buf *b, const struct proxy *p)
{
	struct buf both;

	buf_init(&both, 1 + 2 * PROXY_LOGIN_MAX);
	buf_room(&both, 1 + 2 * PROXY_LOGIN_MAX); /* to be wiped */
	buf_fmt(&both, "%s:", p->user);
	buf_slice(&both, p->password);
	buf_text(b, "Proxy-Authorization: Basic ");
	base64_encode(buf_view(&both), b);
	buf_text(b, "\r\n");
	buf_wipe(&both);
}

static int
http(int fd, const struct proxy *p, const struct dial_target *t,
    int64_t deadline, struct err *e)
{
	char name[DIAL_TEXT_MAX];
	struct buf b;
	int r;

	dial_text(t, name);
	buf_init(&b, PROXY_REPLY_MAX);
	buf_room(&b, PROXY_REPLY_MAX); /* to be wiped */
	buf_fmt(&b, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", name, name);
	if (p->user)
		put_basic(&b, p);
	buf_text(&b, "\r\n");
	r = put(fd, buf_view(&b), deadline, e);
	buf_reset(&b);
	if (r == 0)
		r = read_head(fd, &b, deadline, e);
	if (r == 0)
		r = judge_head(buf_view(&b), p, t, e);
	buf_wipe(&b);
	return r;
}

int
proxy_connect(int fd, const struct proxy *p, const struct dial_target *t,
    int64_t deadline, struct err *e)
{
	if (p->password.n > PROXY_LOGIN_MAX)
		return err_set(e, ERR_CONFIG,
		    "the password for the proxy has more than %d octets",
		    PROXY_LOGIN_MAX);
	if (p->kind == PROXY_SOCKS5)
		return socks(fd, p, t, deadline, e);
	return http(fd, p, t, deadline, e);
}
