/* A server that takes all mail and keeps none, as fast as it can: what is
 * measured against it is the client.
 *
 *	smtpsink [--tls] [--no-chunking] [--ca-out FILE]
 *
 * Prints its port on 127.0.0.1 and serves until it is killed: PIPELINING,
 * CHUNKING, 8BITMIME, STARTTLS (a certificate of its own for localhost, which
 * --ca-out writes), or TLS at once with --tls.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

#include "net/dial.h"
#include "net/stream.h"
#include "net/tls.h"

#define LINE_MAX_ 2048

static struct tls_cert *cert;
static bool at_once, no_chunking;

/* Replies wait as long as there is something to read. */
static int
say(struct stream *s, const char *text)
{
	return stream_text(s, text, NULL);
}

static int
ready(struct stream *s)
{
	if (stream_pending(s).n == 0 && stream_flush(s, NULL) < 0)
		return -1;
	return stream_await(s, NULL);
}

/* Up to the line that is a dot; most of it is passed over in whole pieces. */
static int
take_data(struct stream *s)
{
	char tail[5] = "\n";
	struct slice have;
	size_t n;

	for (;;) {
		if (ready(s) <= 0)
			return -1;
		have = stream_pending(s);
		for (n = 0; n < have.n; n++) {
			memmove(tail, tail + 1, 4);
			tail[4] = have.p[n];
			if (have.p[n] != '\n') {
				const char *lf =
				    memchr(have.p + n, '\n', have.n - n);
				size_t next =
				    lf ? (size_t)(lf - have.p) : have.n;

				if (next - n > 5)
					n = next - 5;
				continue;
			}
			if (memcmp(tail + 1, "\n.\r\n", 4) == 0 ||
			    memcmp(tail, "\r\n.\r\n", 5) == 0) {
				stream_take(s, n + 1);
				return 0;
			}
		}
		stream_take(s, have.n);
	}
}

static int
take_chunk(struct stream *s, uint64_t n)
{
	size_t got;

	while (n > 0) {
		if (ready(s) <= 0)
			return -1;
		got = stream_pending(s).n;
		if (got > n)
			got = (size_t)n;
		stream_take(s, got);
		n -= got;
	}
	return 0;
}

static int
hello(struct stream *s)
{
	return stream_fmt(s, NULL,
	    "250-sink\r\n250-PIPELINING\r\n%s%s250 8BITMIME\r\n",
	    no_chunking ? "" : "250-CHUNKING\r\n",
	    stream_tls(s) ? "" : "250-STARTTLS\r\n");
}

/* 0 goes on, -1 the end. */
static int
command(struct stream *s, struct slice line)
{
	uint64_t n;

	if (slice_take_prefix_nocase(&line, "BDAT ")) {
		if (!slice_number(
			slice_take_until(&line, ' ', NULL), UINT32_MAX, &n) ||
		    take_chunk(s, n) < 0)
			return -1;
		return say(s, "250 2.0.0 ok\r\n");
	}
	if (slice_is_nocase(line, "DATA")) {
		if (say(s, "354 go\r\n") < 0 || take_data(s) < 0)
			return -1;
		return say(s, "250 2.0.0 ok\r\n");
	}
	if (slice_take_prefix_nocase(&line, "EHLO"))
		return hello(s);
	if (slice_is_nocase(line, "STARTTLS"))
		return say(s, "220 go\r\n") < 0
		           ? -1
		           : stream_tls_server(s, cert, NULL);
	if (slice_is_nocase(line, "QUIT"))
		return (void)say(s, "221 bye\r\n"), -1;
	return say(s, "250 2.1.0 ok\r\n");
}

static void *
serve(void *arg)
{
	struct stream *s = arg;
	struct slice line;

	if ((!at_once || stream_tls_server(s, cert, NULL) == 0) &&
	    say(s, "220 sink\r\n") == 0)
		while (ready(s) > 0 &&
		       stream_line(s, LINE_MAX_, &line, NULL, NULL) > 0)
			if (command(s, line) < 0)
				break;
	stream_close(&s, NULL);
	return NULL;
}

static int
options(int argc, char **argv, struct err *e)
{
	static const char *const names[] = { "localhost", "127.0.0.1" };

	if (tls_cert_make(names, 2, (int64_t)time(NULL), &cert, e) < 0)
		return -1;
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--tls") == 0)
			at_once = true;
		else if (strcmp(argv[i], "--no-chunking") == 0)
			no_chunking = true;
		else if (strcmp(argv[i], "--ca-out") == 0 && i + 1 < argc &&
			 io_replace(argv[++i], tls_cert_pem(cert).p,
			     tls_cert_pem(cert).n, 0644, e) == 0)
			continue;
		else
			return err_set(e, ERR_USAGE, "what is '%s'?", argv[i]);
	return 0;
}

int
main(int argc, char **argv)
{
	struct dial_target at = { .host = "127.0.0.1" };
	char peer[DIAL_TEXT_MAX];
	uint16_t port;
	pthread_t thread;
	struct err e;
	int listener, fd;

	signal(SIGPIPE, SIG_IGN);
	if (options(argc, argv, &e) < 0 ||
	    (listener = dial_listen(&at, &port, &e)) < 0) {
		fprintf(stderr, "smtpsink: %s\n", e.text);
		return 1;
	}
	printf("%u\n", (unsigned)port);
	fflush(stdout);
	while ((fd = dial_accept(listener, peer, &e)) >= 0)
		if (pthread_create(
			&thread, NULL, serve, stream_new(fd, fd, peer)) == 0)
			pthread_detach(thread);
	return 1;
}
