/* Unit tests of net/dial, on the loopback address only.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

#include "net/dial.h"

#include "tap.h"

static void
test_parse(void)
{
	static const struct {
		const char *in;
		const char *host; /* null: refused */
		unsigned port;
		bool local;
		const char *text;
	} rows[] = {
		{ "mx.example.org", "mx.example.org", 25, false,
		    "mx.example.org:25" },
		{ "mx:0", "mx", 0, false, "mx:0" },
		{ "127.0.0.1:2525", "127.0.0.1", 2525, false,
		    "127.0.0.1:2525" },
		{ "::1", "::1", 25, false, "[::1]:25" },
		{ "[::1]", "::1", 25, false, "[::1]:25" },
		{ "[::1]:2525", "::1", 2525, false, "[::1]:2525" },
		{ "unix:/run/lmtp", "/run/lmtp", 25, true, "/run/lmtp" },
		{ "/run/lmtp", "/run/lmtp", 25, true, "/run/lmtp" },
		{ "", NULL, 0, false, NULL },
		{ ":25", NULL, 0, false, NULL },
		{ "mx:", NULL, 0, false, NULL },
		{ "mx:smtp", NULL, 0, false, NULL },
		{ "mx:65536", NULL, 0, false, NULL },
		{ "mx:-1", NULL, 0, false, NULL },
		{ "[::1", NULL, 0, false, NULL },
		{ "[::1]2525", NULL, 0, false, NULL },
		{ "unix:", NULL, 0, false, NULL },
	};
	struct dial_target t;
	char text[DIAL_TEXT_MAX];
	struct err e;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int r = dial_parse(rows[i].in, 25, &t, &e);

		is_int(r, rows[i].host ? 0 : -1, "'%s'", rows[i].in);
		if (!rows[i].host) {
			is_int(e.kind, ERR_USAGE, "is a usage error");
			continue;
		}
		dial_text(&t, text);
		is_str(t.host, rows[i].host, "host");
		is_int(t.port, rows[i].port, "port");
		is_int(t.local, rows[i].local, "unix socket");
		is_str(text, rows[i].text, "as text");
	}
}

static void
connects(const char *host, uint16_t port, int server, bool fine)
{
	struct dial_target t = { .port = port };
	char peer[DIAL_TEXT_MAX];
	struct err e = { 0 };
	int fd, got;

	snprintf(t.host, sizeof(t.host), "%s", host);
	fd = dial(&t, clock_deadline(5000), &e);
	ok((fd >= 0) == fine, "%s: %s", host, fd < 0 ? e.text : "connected");
	if (fd < 0)
		return;
	got = dial_accept(server, peer, &e);
	is_str(peer, "127.0.0.1", "accepted from");
	close(got);
	close(fd);
}

static void
test_tcp(void)
{
	struct dial_target any = { .host = "127.0.0.1" };
	struct dial_target gone = { .host = "127.0.0.1" };
	char want[80];
	uint16_t port = 0;
	struct err e;
	int fd = dial_listen(&any, &port, &e);

	ok(fd >= 0 && port > 0, "listens on a free port");
	connects("127.0.0.1", port, fd, true);
	connects("localhost", port, fd, true);
	connects("LOCALHOST", port, fd, true);
	connects("mail.localhost", port, fd, true);
	any.port = port;
	is_int(dial_listen(&any, NULL, &e), -1, "the port is taken now");
	is_int(e.kind, ERR_CANTCREAT, "that is 73");
	close(fd);
	gone.port = port;
	is_int(dial(&gone, clock_deadline(5000), &e), -1, "nobody listens");
	is_int(e.kind, ERR_TEMP, "is temporary");
	snprintf(want, sizeof(want),
	    "cannot connect to 127.0.0.1:%u: Connection refused", port);
	is_str(e.text, want, "and told");
}

static void
test_names(void)
{
	static const char *const bad[] = { "-.example", "a..b", "a b",
		"x.invalid.\x01" };
	struct dial_addr addr[DIAL_ADDR_MAX];
	struct err e;
	size_t n;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		is_int(
		    dial_resolve(bad[i], 25, addr, &n, &e), -1, "'%s'", bad[i]);
		is_int(e.kind, ERR_NOHOST, "is no host");
	}
}

static void
test_unix(void)
{
	char dir[] = "/tmp/test-dial-XXXXXX";
	struct dial_target t = { .local = true };
	char peer[DIAL_TEXT_MAX];
	struct err e;
	int fd, c, got;

	if (!mkdtemp(dir))
		abort();
	snprintf(t.host, sizeof(t.host), "%s/s", dir);
	is_int(dial(&t, CLOCK_NEVER, &e), -1, "no socket there");
	fd = dial_listen(&t, NULL, &e);
	ok(fd >= 0, "listens on a path");
	c = dial(&t, CLOCK_NEVER, &e);
	got = dial_accept(fd, peer, &e);
	ok(c >= 0 && got >= 0, "connected");
	is_str(peer, "unix", "from");
	is_int(dial_listen(&t, NULL, &e), -1, "a live socket is not taken");
	close(c);
	close(got);
	close(fd);
	fd = dial_listen(&t, NULL, &e);
	ok(fd >= 0, "a dead one is replaced");
	close(fd);
	unlink(t.host);
	rmdir(dir);
}

/* A listener whose queue one connection fills. */
static int
busy(struct dial_addr *addr_r)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t n;
	struct err e;

	addr_r->len = sizeof(addr_r->sa);
	if (fd < 0 || dial_resolve("127.0.0.2", 0, addr_r, &n, &e) < 0 ||
	    bind(fd, (struct sockaddr *)&addr_r->sa, addr_r->len) < 0 ||
	    listen(fd, 0) < 0 ||
	    getsockname(fd, (struct sockaddr *)&addr_r->sa, &addr_r->len) < 0)
		abort();
	return fd;
}

/* A host that does not answer (its queue is full) costs a quarter of a second,
 * not all of the time. */
static void
test_race(void)
{
	struct dial_target t = { .host = "127.0.0.1" };
	struct dial_addr addr[DIAL_ADDR_MAX], source[DIAL_ADDR_MAX];
	int full, good, filler[4], fd;
	size_t which = 9, n;
	int64_t start;
	struct err e;

	full = busy(&addr[0]);
	good = dial_listen(&t, &t.port, &e);
	dial_resolve("127.0.0.1", t.port, source, &n, &e);
	addr[1] = source[0];
	for (size_t i = 0; i < COUNT_OF(filler); i++)
		filler[i] = dial_addresses(
		    addr, 1, "filler", clock_deadline(50), NULL, NULL);
	start = clock_ms();
	fd = dial_addresses(addr, 2, "host", clock_deadline(20000), &which, &e);
	ok(fd >= 0 && which == 1, "the second address answered");
	ok(clock_ms() - start < 10000, "soon");
	close(fd);
	dial_resolve("127.0.0.3", 0, source, &n, &e);
	fd = dial_from(
	    source, &addr[1], 1, "host", clock_deadline(5000), NULL, &e);
	ok(fd >= 0, "from an address of ours");
	close(fd);
	dial_resolve("::1", 0, source, &n, &e);
	is_int(dial_from(
		   source, &addr[1], 1, "host", clock_deadline(5000), NULL, &e),
	    -1, "from one of another family");
	for (size_t i = 0; i < COUNT_OF(filler); i++)
		if (filler[i] >= 0)
			close(filler[i]);
	close(full);
	close(good);
}

static void
test_here(void)
{
	static const struct {
		const char *text;
		bool want;
	} t[] = { { "/run/imap.sock", true }, { "localhost:143", true },
		{ "127.0.0.1:143", true }, { "127.8.0.1", true },
		{ "[::1]:143", true }, { "localhost.example.org", false },
		{ "mail.example.org", false }, { "192.0.2.1", false },
		{ "[2001:db8::1]:143", false } };

	for (size_t i = 0; i < COUNT_OF(t); i++) {
		struct dial_target target;

		ok(dial_parse(t[i].text, 1, &target, NULL) == 0 &&
			dial_is_here(&target) == t[i].want,
		    "%s", t[i].text);
	}
}

int
main(void)
{
	test_parse();
	test_tcp();
	test_race();
	test_names();
	test_unix();
	test_here();
	return tap_done();
}
