/* Unit tests of net/proxy: what is said, and what is made of answers.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#include "net/proxy.h"

#include "tap.h"

static const struct {
	const char *url;
	int ret;
	enum proxy_kind kind;
	const char *host;
	unsigned port;
} urls[] = {
	{ "socks5://127.0.0.1", 0, PROXY_SOCKS5, "127.0.0.1", 1080 },
	{ "socks5://[::1]:9", 0, PROXY_SOCKS5, "::1", 9 },
	{ "http://proxy.example", 0, PROXY_HTTP, "proxy.example", 8080 },
	{ "https://proxy.example", -1, PROXY_HTTP, "", 0 },
	{ "socks5://me@proxy.example", 0, PROXY_SOCKS5, "proxy.example", 1080 },
	{ "http://a%40b@proxy.example:1", 0, PROXY_HTTP, "proxy.example", 1 },
	{ "http://a%3Ab@proxy.example", -1, PROXY_HTTP, "", 0 },
	{ "http://@proxy.example", -1, PROXY_HTTP, "", 0 },
	{ "socks5://me:secret@proxy.example", -1, PROXY_HTTP, "", 0 },
	{ "http://proxy.example/x", -1, PROXY_HTTP, "", 0 },
	{ "proxy.example:1080", -1, PROXY_HTTP, "", 0 },
};

#define GO  "\5\0\0\1\1\2\3\4\0\5"
#define ASK "\5\1\0\5\1\0\3\7mx.test\0\31"
#define TO  "\5\1\0\3\7mx.test\0\31"
#define LOGIN                                                                  \
	"\5\2\0\2"                                                             \
	"\1\2me\6secret"
#define BASIC                                                                  \
	"CONNECT mx.test:25 HTTP/1.1\r\nHost: mx.test:25\r\n"                  \
	"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n"
#define HTTP "CONNECT mx.test:25 HTTP/1.1\r\nHost: mx.test:25\r\n\r\n"

static const struct {
	const char *name;
	enum proxy_kind kind;
	const char *host;
	struct slice answer, said, left;
	enum err_kind want;
	bool login; /* as me, by "secret" */
} rows[] = {
	{ "SOCKS5, and nothing of the server's is taken", PROXY_SOCKS5,
	    "mx.test", SLICE_LIT("\5\0" GO "220 hi"), SLICE_LIT(ASK),
	    SLICE_LIT("220 hi"), ERR_OK, false },
	{ "SOCKS5, an IPv4 address", PROXY_SOCKS5, "192.0.2.1",
	    SLICE_LIT("\5\0" GO), SLICE_LIT("\5\1\0\5\1\0\1\300\0\2\1\0\31"),
	    SLICE_LIT(""), ERR_OK, false },
	{ "SOCKS5, bound to a name", PROXY_SOCKS5, "mx.test",
	    SLICE_LIT("\5\0\5\0\0\3\2ab\0\5x"), SLICE_LIT(ASK), SLICE_LIT("x"),
	    ERR_OK, false },
	{ "SOCKS5 with a login", PROXY_SOCKS5, "mx.test", SLICE_LIT("\5\377"),
	    SLICE_LIT("\5\1\0"), SLICE_LIT(""), ERR_NOPERM, false },
	{ "SOCKS5, logged in", PROXY_SOCKS5, "mx.test",
	    SLICE_LIT("\5\2\1\0" GO "220"), SLICE_LIT(LOGIN TO),
	    SLICE_LIT("220"), ERR_OK, true },
	{ "SOCKS5 needs none after all", PROXY_SOCKS5, "mx.test",
	    SLICE_LIT("\5\0" GO), SLICE_LIT("\5\2\0\2" TO), SLICE_LIT(""),
	    ERR_OK, true },
	{ "SOCKS5, login refused", PROXY_SOCKS5, "mx.test",
	    SLICE_LIT("\5\2\1\1"), SLICE_LIT(LOGIN), SLICE_LIT(""), ERR_NOPERM,
	    true },
	{ "SOCKS5, another kind of login", PROXY_SOCKS5, "mx.test",
	    SLICE_LIT("\5\1"), SLICE_LIT("\5\2\0\2"), SLICE_LIT(""), ERR_NOPERM,
	    true },
	{ "SOCKS5, a login nobody has offered", PROXY_SOCKS5, "mx.test",
	    SLICE_LIT("\5\2"), SLICE_LIT("\5\1\0"), SLICE_LIT(""), ERR_NOPERM,
	    false },
	{ "SOCKS5, a login of another version", PROXY_SOCKS5, "mx.test",
	    SLICE_LIT("\5\2\5\0"), SLICE_LIT(LOGIN), SLICE_LIT(""), ERR_PROTO,
	    true },
	{ "SOCKS5, login cut", PROXY_SOCKS5, "mx.test", SLICE_LIT("\5\2\1"),
	    SLICE_LIT(LOGIN), SLICE_LIT(""), ERR_TEMP, true },
	{ "CONNECT with a login", PROXY_HTTP, "mx.test",
	    SLICE_LIT("HTTP/1.1 200 fine\r\n\r\n"), SLICE_LIT(BASIC),
	    SLICE_LIT(""), ERR_OK, true },
	{ "CONNECT wants a login", PROXY_HTTP, "mx.test",
	    SLICE_LIT("HTTP/1.1 407 who?\r\n\r\n"), SLICE_LIT(HTTP),
	    SLICE_LIT(""), ERR_NOPERM, false },
	{ "CONNECT wants another login", PROXY_HTTP, "mx.test",
	    SLICE_LIT("HTTP/1.1 407 who?\r\n\r\n"), SLICE_LIT(BASIC),
	    SLICE_LIT(""), ERR_NOPERM, true },
	{ "SOCKS5 does not want to", PROXY_SOCKS5, "mx.test",
	    SLICE_LIT("\5\0\5\2\0\1"), SLICE_LIT(ASK), SLICE_LIT(""),
	    ERR_NOPERM, false },
	{ "SOCKS5 cannot", PROXY_SOCKS5, "mx.test", SLICE_LIT("\5\0\5\5\0\1"),
	    SLICE_LIT(ASK), SLICE_LIT(""), ERR_TEMP, false },
	{ "SOCKS5, a kind of address nobody knows", PROXY_SOCKS5, "mx.test",
	    SLICE_LIT("\5\0\5\0\0\7"), SLICE_LIT(ASK), SLICE_LIT(""), ERR_PROTO,
	    false },
	{ "no SOCKS5", PROXY_SOCKS5, "mx.test", SLICE_LIT("HTTP/1.1"),
	    SLICE_LIT("\5\1\0"), SLICE_LIT("TP/1.1"), ERR_PROTO, false },
	{ "SOCKS5, cut", PROXY_SOCKS5, "mx.test", SLICE_LIT("\5\0\5\0"),
	    SLICE_LIT(ASK), SLICE_LIT(""), ERR_TEMP, false },
	{ "CONNECT", PROXY_HTTP, "mx.test",
	    SLICE_LIT("HTTP/1.0 200 fine\r\nX: y\r\n\r\n220 hi"),
	    SLICE_LIT(HTTP), SLICE_LIT("220 hi"), ERR_OK, false },
	{ "CONNECT refused", PROXY_HTTP, "mx.test",
	    SLICE_LIT("HTTP/1.1 403 no\r\n\r\n"), SLICE_LIT(HTTP),
	    SLICE_LIT(""), ERR_NOPERM, false },
	{ "CONNECT in vain", PROXY_HTTP, "mx.test",
	    SLICE_LIT("HTTP/1.1 502 no\n\n"), SLICE_LIT(HTTP), SLICE_LIT(""),
	    ERR_TEMP, false },
	{ "no HTTP", PROXY_HTTP, "mx.test", SLICE_LIT("220 hi\n\n"),
	    SLICE_LIT(HTTP), SLICE_LIT(""), ERR_PROTO, false },
};

static void
test_row(size_t i)
{
	struct proxy p = { .kind = rows[i].kind };
	struct dial_target t = { .port = 25 };
	struct err e = { .kind = ERR_OK };
	char got[200];
	ssize_t n;
	int fd[2];

	if (rows[i].login) {
		p.user = "me";
		p.password = slice_str("secret");
	}
	memcpy(t.host, rows[i].host, strlen(rows[i].host));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0 ||
	    write(fd[1], rows[i].answer.p, rows[i].answer.n) < 0)
		abort();
	shutdown(fd[1], SHUT_WR);
	is_int(proxy_connect(fd[0], &p, &t, clock_deadline(5000), &e),
	    rows[i].want ? -1 : 0, "%s", rows[i].name);
	is_int(e.kind, rows[i].want, "%s: kind", rows[i].name);
	n = recv(fd[1], got, sizeof(got), MSG_DONTWAIT);
	ok(slice_equal(slice_of(got, n < 0 ? 0 : (size_t)n), rows[i].said),
	    "%s: what was said", rows[i].name);
	n = recv(fd[0], got, sizeof(got), MSG_DONTWAIT);
	ok(slice_equal(slice_of(got, n < 0 ? 0 : (size_t)n), rows[i].left),
	    "%s: what is left", rows[i].name);
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	struct arena a = { 0 };
	struct proxy p;

	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		is_int(proxy_read(urls[i].url, &a, &p, NULL), urls[i].ret, "%s",
		    urls[i].url);
		if (urls[i].ret < 0)
			continue;
		is_int(p.kind, urls[i].kind, "its kind");
		is_str(p.at.host, urls[i].host, "its host");
		is_int(p.at.port, urls[i].port, "its port");
	}
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		test_row(i);
	arena_free(&a);
	return tap_done();
}
