/* Fuzzes flow/submit, proto/smtp and proto/smtpd together: a message that is
 * taken and sent over a socket arrives once, octet for octet what was handed
 * in, and nothing else does. The server refuses bare CR and LF, so that no form
 * of smuggling gets by.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"

#include "text/eol.h"

#include "proto/smtp.h"
#include "proto/smtpaddr.h"
#include "proto/smtpd.h"

#include "flow/submit.h"

#define KEPT_MAX (8u << 20)
#define LIMIT_MS 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t
now(const struct given *g)
{
	return g->fixed_now;
}

static void
no_random(void *p, size_t n)
{
	memset(p, 0, n);
}

struct server {
	int fd;
	struct buf now, kept;
	unsigned commits;
};

static void
on_begin(void *arg, const struct smtpd_envelope *env, struct smtpd_answer *a)
{
	struct server *s = arg;

	(void)env;
	(void)a;
	buf_reset(&s->now);
}

static void
on_write(void *arg, struct slice octets)
{
	struct server *s = arg;

	buf_slice(&s->now, octets);
}

static void
on_commit(void *arg, const struct smtpd_envelope *env, struct smtpd_answer *a)
{
	struct server *s = arg;

	(void)env;
	(void)a;
	s->commits++;
	buf_slice(&s->kept, buf_view(&s->now));
}

static void *
serve(void *arg)
{
	static const struct smtpd_calls calls = {
		.begin = on_begin, .write = on_write, .commit = on_commit
	};
	struct server *s = arg;
	struct smtpd_plan plan = { .calls = &calls,
		.arg = s,
		.hostname = "mx.example.org",
		.binary = true,
		.dsn = true,
		.session_ms = LIMIT_MS,
		.stop = -1,
		.break_off = -1 };
	struct stream *stream = stream_new(s->fd, s->fd, "client");
	struct err e;

	(void)smtpd_serve(stream, &plan, &e);
	stream_close(&stream, NULL);
	return NULL;
}

/* What is to arrive. */
static void
make_wanted(struct submit *s, struct buf *out)
{
	struct buf text;
	bool binary = s->binary && !s->ascii_now;
	struct writer w = writer_to_buf(binary ? out : &text);

	buf_init(&text, KEPT_MAX);
	if (submit_write(s, &w, NULL) < 0)
		abort();
	if (!binary)
		eol_to_crlf(buf_view(&text), out);
	buf_free(&text);
}

static void
send_one(struct submit *s, unsigned how, struct server *server, int fd)
{
	struct slice nobody = slice_str("b@example.org");
	struct smtp_mail mail = { .from = s->sender,
		.rcpt = s->rcpts ? s->rcpt : &nobody,
		.rcpts = s->rcpts ? s->rcpts : 1,
		.content = submit_write,
		.to_7bit = submit_to_7bit,
		.arg = s,
		.size = s->size,
		.binary = s->binary,
		.eight_bit_line = s->eight_bit_line,
		.utf8_line = s->utf8_line };
	struct smtp_plan plan = { .helo = "client.example.org",
		.deadline = clock_deadline(LIMIT_MS),
		.no_chunking = how & 1,
		.no_pipelining = how & 2 };
	struct smtp_result *results =
	    arena_array(s->arena, mail.rcpts, sizeof(*results));
	enum smtp_stage stage;
	struct smtp *c;
	pthread_t thread;
	bool sent = false;
	struct buf want;

	if (pthread_create(&thread, NULL, serve, server) != 0)
		abort();
	if (smtp_open(&plan, stream_new(fd, fd, "server"), &c, &stage, NULL) <
	    0)
		abort();
	(void)smtp_send(c, &mail, results, s->arena, NULL);
	buf_init(&want, KEPT_MAX);
	make_wanted(s, &want);
	smtp_close(&c);
	pthread_join(thread, NULL);
	for (size_t i = 0; i < mail.rcpts; i++)
		sent = sent || results[i].outcome == SMTP_SENT;
	if (server->commits != sent)
		abort();
	if (sent && !slice_equal(buf_view(&want), buf_view(&server->kept)))
		abort();
	buf_free(&want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct given given = {
		.now = now, .random = no_random, .hostname = "localhost"
	};
	unsigned how = size ? data[0] : 0;
	struct arena a = { 0 };
	struct submit s;
	int fd[2];

	if (size > 0 && submit_read(slice_of(data + 1, size - 1), NULL,
			    how >> 2 & 3, &given, &a, &s, NULL) == 0) {
		struct server server = { 0 };

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
			abort();
		server.fd = fd[0];
		buf_init(&server.now, KEPT_MAX);
		buf_init(&server.kept, KEPT_MAX);
		send_one(&s, how, &server, fd[1]);
		buf_free(&server.now);
		buf_free(&server.kept);
	}
	arena_free(&a);
	return 0;
}
