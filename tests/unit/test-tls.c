/* Unit tests of net/tls: two sides in one process, over a socket pair.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#include "net/stream.h"

#include "tap.h"

static const char *const names[] = { "localhost", "127.0.0.1", "::1",
	"mx.example.org" };

struct side {
	int fd;
	const struct tls_cert *cert; /* null: talks no TLS */
};

/* Echoes one line over TLS. */
static void *
server(void *arg)
{
	struct side *side = arg;
	struct stream *s = stream_new(side->fd, side->fd, "client");
	struct slice line;
	struct err e;

	stream_deadline(s, clock_deadline(5000));
	if (!side->cert) {
		stream_text(s, "220 plain text here\r\n", &e);
		stream_flush(s, &e);
		stream_await(s, &e);
	} else if (stream_tls_server(s, side->cert, &e) == 0 &&
		   stream_line(s, 100, &line, NULL, &e) == 1) {
		stream_fmt(s, &e, "%.*s\r\n", SLICE_ARG(line));
	}
	stream_close(&s, &e);
	return NULL;
}

/* A whole session: 0 when the line came back. */
static int
session(const struct tls_cert *cert, const struct tls_want *want, struct err *e)
{
	struct stream *s;
	struct slice line;
	struct side side = { .cert = cert };
	pthread_t t;
	int fd[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		abort();
	side.fd = fd[1];
	pthread_create(&t, NULL, server, &side);
	s = stream_new(fd[0], fd[0], "server");
	stream_deadline(s, clock_deadline(5000));
	r = stream_tls_client(s, want, e);
	if (r == 0)
		r = stream_text(s, "hello\r\n", e);
	if (r == 0)
		r = stream_flush(s, e);
	if (r == 0)
		r = stream_line(s, 100, &line, NULL, e) == 1 ? 0 : -1;
	if (r == 0)
		is_slice(line, "hello", "the line came back");
	if (r == 0)
		is_str(tls_version(stream_tls(s)), "TLSv1.3", "TLS 1.3");
	stream_free(&s);
	pthread_join(t, NULL);
	return r;
}

/* A file that holds the PEM, its name in path. */
static void
write_ca(const struct tls_cert *c, char *path)
{
	struct slice pem = tls_cert_pem(c);
	int fd = mkstemp(path);
	struct err e;

	if (fd < 0 || io_write(fd, pem.p, pem.n, path, &e) < 0)
		abort();
	close(fd);
}

static struct tls_cert *
made(const char *const *n, size_t count, int64_t now)
{
	struct tls_cert *c;
	struct err e;

	if (tls_cert_make(n, count, now, &c, &e) < 0)
		abort();
	return c;
}

static void
fails(const struct tls_cert *cert, const struct tls_want *want,
    const char *text, const char *what)
{
	struct err e = { 0 };

	is_int(session(cert, want, &e), -1, "%s is refused", what);
	is_int(e.kind, ERR_PROTO, "%s: kind", what);
	ok(strstr(e.text, text) != NULL, "%s: '%s' is in '%s'", what, text,
	    e.text);
}

static void
test_names(void)
{
	static const struct {
		const char *host;
		bool fine;
	} rows[] = {
		{ "localhost", true },
		{ "LocalHost", true },
		{ "127.0.0.1", true },
		{ "::1", true },
		{ "mx.example.org", true },
		{ "127.0.0.2", false },
		{ "example.org", false },
		{ "a.mx.example.org", false },
		{ "self-made.mailtoolkit.invalid", false },
	};
	char path[] = "/tmp/test-tls-XXXXXX";
	struct tls_cert *c = made(names, COUNT_OF(names), time(NULL));
	struct tls_roots *roots;
	struct err e;

	write_ca(c, path);
	roots = tls_roots_new(path);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct tls_want want = {
			.host = rows[i].host, .verify = true, .roots = roots
		};

		if (rows[i].fine)
			is_int(session(c, &want, &e), 0, "%s", rows[i].host);
		else
			fails(c, &want,
			    "but for 'localhost', '127.0.0.1', "
			    "'::1', 'mx.example.org': connect to",
			    rows[i].host);
	}
	tls_roots_free(&roots);
	tls_cert_free(&c);
	unlink(path);
}

/* A name only in the subject, as old certificates have it, is no name. */
static void
test_no_common_name(void)
{
	static const char *const ip[] = { "127.0.0.1" };
	char path[] = "/tmp/test-tls-XXXXXX";
	char second[] = "/tmp/test-tls-XXXXXX";
	struct tls_cert *none = made(NULL, 0, time(NULL));
	struct tls_cert *only_ip = made(ip, 1, time(NULL));
	struct tls_roots *roots;
	struct tls_want want = { .verify = true,
		.host = "self-made.mailtoolkit.invalid" };

	write_ca(none, path);
	want.roots = roots = tls_roots_new(path);
	fails(none, &want, "names no host at all", "a common name");
	tls_roots_free(&roots);
	unlink(path);
	write_ca(only_ip, second);
	want.roots = roots = tls_roots_new(second);
	fails(only_ip, &want, "but for '127.0.0.1'", "one beside an address");
	tls_roots_free(&roots);
	tls_cert_free(&none);
	tls_cert_free(&only_ip);
	unlink(second);
}

static void
test_trust(void)
{
	char path[] = "/tmp/test-tls-XXXXXX";
	char old[] = "/tmp/test-tls-XXXXXX";
	struct tls_cert *c = made(names, COUNT_OF(names), time(NULL));
	struct tls_cert *expired = made(names, 1, 1577836800);
	struct tls_cert *early =
	    made(names, 1, (int64_t)time(NULL) + 10 * 86400);
	struct tls_roots *other, *roots;
	struct tls_want want = { .host = "localhost", .verify = true };
	struct tls_want lax = { .host = "localhost" };
	struct err e;

	write_ca(expired, old);
	other = tls_roots_new(old);
	want.roots = other;
	fails(c, &want, "unknown issuer 'CN=self-made", "another issuer");
	fails(expired, &want, "expired on 2020-01-31", "an old one");
	is_int(session(c, &lax, &e), 0, "without verifying all is well");
	write_ca(early, path);
	want.roots = roots = tls_roots_new(path);
	fails(early, &want, "not valid yet", "one of tomorrow");
	fails(NULL, &want, "does not speak TLS", "plain text");
	tls_roots_free(&roots);
	want.roots = roots = tls_roots_new("/nonexistent/ca.pem");
	is_int(session(c, &want, &e), -1, "no CA file");
	is_int(e.kind, ERR_NOINPUT, "is no input");
	is_str(e.text, "server: cannot read CA file '/nonexistent/ca.pem'",
	    "and named");
	tls_roots_free(&roots);
	tls_roots_free(&other);
	tls_cert_free(&c);
	tls_cert_free(&expired);
	tls_cert_free(&early);
	unlink(path);
	unlink(old);
}

/* Plain text behind the agreement on STARTTLS: an attacker's. */
static void
test_injection(void)
{
	struct tls_want want = { .host = "localhost" };
	struct slice line;
	struct stream *s;
	struct err e;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0 ||
	    write(fd[1], "220 go\r\n250 ok\r\n", 16) != 16)
		abort();
	s = stream_new(fd[0], fd[0], "server");
	is_int(stream_line(s, 80, &line, NULL, &e), 1, "the reply");
	is_int(stream_tls_client(s, &want, &e), -1, "injection is refused");
	is_int(e.kind, ERR_PROTO, "as a protocol error");
	stream_free(&s);
	close(fd[1]);
}

/* Handshake records of one octet each, without end: each is a new message
 * piece that leaves the handshake waiting for more. */
static void *
talk_on(void *arg)
{
	/* a ServerHello of 2^24 - 1 octets that comes in single octets */
	static const char start[] = "\x16\x03\x03\x00\x04\x02\x00\x3f\xff";
	static const char more[] = "\x16\x03\x03\x00\x01\x03";
	int fd = *(int *)arg;

	if (send(fd, start, 9, MSG_NOSIGNAL) > 0)
		while (send(fd, more, 6, MSG_NOSIGNAL) > 0)
			;
	return NULL;
}

static void
test_no_pause(void)
{
	struct tls_want want = { .host = "localhost" };
	int64_t start = clock_ms();
	pthread_t peer;
	struct stream *s;
	struct err e;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0 ||
	    pthread_create(&peer, NULL, talk_on, &fd[1]) != 0)
		abort();
	s = stream_new(fd[0], fd[0], "server");
	stream_deadline(s, clock_deadline(20));
	is_int(stream_tls_client(s, &want, &e), -1, "a peer without pause");
	ok(clock_ms() - start < 5000, "does not keep us: %s", e.text);
	stream_free(&s);
	pthread_join(peer, NULL);
	close(fd[1]);
}

static void
test_silent(void)
{
	struct tls_want want = { .host = "localhost" };
	struct stream *s;
	struct err e;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		abort();
	s = stream_new(fd[0], fd[0], "server");
	stream_deadline(s, clock_deadline(30));
	is_int(stream_tls_client(s, &want, &e), -1, "a silent peer");
	is_str(e.text, "server: no TLS handshake in time", "has a deadline");
	is_int(e.kind, ERR_TEMP, "temporary");
	stream_free(&s);
	close(fd[1]);
}

static void
test_files(void)
{
	struct tls_cert *c = NULL;
	struct err e;

	is_int(tls_cert_load("/nonexistent", "/nonexistent", &c, &e), -1,
	    "a certificate that is not there");
	is_int(e.kind, ERR_NOINPUT, "no input");
	is_int(
	    tls_cert_load(tap_file("lib/tap.h"), tap_file("lib/tap.h"), &c, &e),
	    -1, "a file that is none");
	is_int(e.kind, ERR_CONFIG, "configuration");
}

int
main(void)
{
	test_names();
	test_no_common_name();
	test_trust();
	test_injection();
	test_no_pause();
	test_silent();
	test_files();
	return tap_done();
}
