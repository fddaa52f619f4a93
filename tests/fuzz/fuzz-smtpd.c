/* Fuzzes proto/smtpd: a client's whole side of a session. What is committed
 * has no bare CR or LF unless it is binary, and each message that began is
 * committed or aborted.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#include "text/eol.h"

#include "proto/smtpd.h"

#define KEPT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct buf now;
	bool open;
};

static int
on_login(void *arg, struct slice user, struct slice password)
{
	(void)arg;
	return slice_equal(user, password);
}

static void
on_recipient(void *arg, const struct smtpd_envelope *env, const char *address,
    struct smtpd_answer *a)
{
	(void)arg;
	(void)env;
	if (address[0] == 'n')
		smtpd_answer(a, 550, "5.1.1", "no %s", address);
}

static void
on_begin(void *arg, const struct smtpd_envelope *env, struct smtpd_answer *a)
{
	struct seen *seen = arg;

	(void)a;
	if (seen->open || env->n == 0 || !env->sender || !env->helo)
		abort();
	seen->open = true;
	buf_reset(&seen->now);
}

static void
on_write(void *arg, struct slice octets)
{
	struct seen *seen = arg;

	if (!seen->open)
		abort();
	buf_slice(&seen->now, octets);
}

static void
on_commit(void *arg, const struct smtpd_envelope *env, struct smtpd_answer *a)
{
	struct seen *seen = arg;
	struct eol_facts f;

	(void)a;
	eol_scan(buf_view(&seen->now), &f);
	if (!seen->open ||
	    (seen->now.n && !env->binary && !eol_is_canonical(&f)))
		abort();
	seen->open = false;
}

static void
on_abort(void *arg)
{
	struct seen *seen = arg;

	if (!seen->open)
		abort();
	seen->open = false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct smtpd_calls calls = { .login = on_login,
		.recipient = on_recipient,
		.begin = on_begin,
		.write = on_write,
		.commit = on_commit,
		.abort = on_abort };
	struct seen seen = { .open = false };
	struct smtpd_plan plan = { .calls = &calls,
		.arg = &seen,
		.hostname = "mx.example.org",
		.lmtp = size > 0 && data[0] == 'L',
		.auth = true,
		.binary = true,
		.dsn = true,
		.size_max = 4000,
		.recipients_max = 5,
		.stop = -1,
		.break_off = -1 };
	int in = memfd_create("in", MFD_CLOEXEC);
	int out = memfd_create("out", MFD_CLOEXEC);
	struct stream *s;
	struct err e;

	if (in < 0 || out < 0 || io_write(in, data, size, "input", &e) < 0)
		abort();
	lseek(in, 0, SEEK_SET);
	buf_init(&seen.now, KEPT_MAX);
	s = stream_new(in, out, "fuzzer");
	(void)smtpd_serve(s, &plan, &e);
	if (seen.open)
		abort();
	stream_free(&s);
	buf_free(&seen.now);
	return 0;
}
