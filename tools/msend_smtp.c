/* msend -bs: a session of SMTP on standard input and output, each message of
 * which is handed on to the server before it is answered.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <unistd.h>

#include "base/mem.h"

#include "proto/smtpd.h"

#include "msend.h"

#define MESSAGE_MAX (4ull << 30) /* octets */

/* A message while it comes. */
struct session {
	const struct msend_work *work; /* of the run */
	int fd;                        /* -1: none */
	bool failed;
	struct err e; /* why */
};

static void
on_begin(
    void *arg, const struct smtpd_envelope *env UNUSED, struct smtpd_answer *a)
{
	struct session *s = arg;

	s->failed = false;
	s->fd = io_temp(NULL, &s->e);
	if (s->fd < 0)
		smtpd_answer(a, 451, "4.3.0", "%s", s->e.text);
}

static void
on_write(void *arg, struct slice octets)
{
	struct session *s = arg;

	if (!s->failed &&
	    io_write(s->fd, octets.p, octets.n, "the spool", &s->e) < 0)
		s->failed = true;
}

static void
on_abort(void *arg)
{
	struct session *s = arg;

	if (s->fd >= 0)
		io_close(&s->fd, "the spool", NULL);
}

static void
take_envelope(struct msend_work *w, const struct smtpd_envelope *env)
{
	w->from = slice_str(arena_string(w->arena, env->sender));
	for (size_t i = 0; i < env->n; i++)
		submit_add_rcpt(&w->submit,
		    slice_str(arena_string(w->arena, env->recipients[i])),
		    w->arena);
}

static int
hand_on(struct session *s, struct msend_work *w,
    const struct smtpd_envelope *env, struct send_result **results_r,
    struct err *e)
{
	if (s->failed) {
		*e = s->e;
		return -1;
	}
	if (lseek(s->fd, 0, SEEK_SET) < 0)
		return err_sys(e, ERR_TEMP, "cannot read the spool");
	if (io_map_fd(s->fd, MESSAGE_MAX, "the message", &w->map, e) < 0 ||
	    msend_read_only(w, w->map.bytes, e) < 0)
		return -1;
	take_envelope(w, env);
	if (msend_envelope(w, e) < 0 || msend_sign(w, e) < 0)
		return -1;
	msend_suppress(w, 1);
	if (w->mail.rcpts == 0) {
		*results_r = NULL;
		msend_all_suppressed(w);
		return 0;
	}
	if (msend_batv(w, e) < 0)
		return -1;
	return msend_try(w, results_r, e);
}

/* One answer for all: done, try again, or no; where some have it and some do
 * not, a second try would bring it twice to the first. */
static void
answer_results(const struct msend_work *w, const struct send_result *results,
    struct smtpd_answer *a)
{
	enum err_kind worst = ERR_OK;
	const struct smtp_result *bad = NULL;
	struct slice rcpt = { NULL, 0 };
	size_t sent = 0;

	for (size_t i = 0; i < w->mail.rcpts; i++) {
		const struct smtp_result *r = &results[i].smtp;

		worst = err_worse(worst, r->kind);
		if (r->outcome == SMTP_SENT) {
			sent++;
		} else if (!bad || r->outcome != SMTP_TEMPORARY) {
			bad = r;
			rcpt = w->mail.rcpt[i];
		}
	}
	if (!bad)
		return;
	if (!sent && bad->outcome == SMTP_TEMPORARY)
		smtpd_answer(a, 451, bad->enhanced[0] ? bad->enhanced : "4.4.0",
		    "%s", bad->text);
	else
		smtpd_answer(a, 554,
		    bad->enhanced[0] == '5' ? bad->enhanced : "5.0.0",
		    "%s<%.*s>: %s", sent ? "sent to others, but not " : "",
		    SLICE_ARG(rcpt), bad->text);
}

static void
on_commit(void *arg, const struct smtpd_envelope *env, struct smtpd_answer *a)
{
	struct session *s = arg;
	struct arena arena = { 0 };
	struct msend_work w = { .run = s->work->run,
		.set = s->work->set,
		.wish = s->work->wish,
		.keys = s->work->keys,
		.suppress = s->work->suppress,
		.arena = &arena };
	struct send_result *results;
	struct err e;

	if (hand_on(s, &w, env, &results, &e) < 0)
		smtpd_answer(a,
		    e.kind == ERR_TEMP || e.kind == ERR_CONFIG ? 451 : 554, "",
		    "%s", e.text);
	else
		answer_results(&w, results, a);
	msend_plan_free(&w);
	io_unmap(&w.map);
	arena_free(&arena);
	on_abort(s);
}

static int
no_login(
    void *arg UNUSED, struct slice user UNUSED, struct slice password UNUSED)
{
	return 0;
}

int
msend_smtp(struct msend_work *w, struct err *e)
{
	static const struct smtpd_calls calls = { .login = no_login,
		.begin = on_begin,
		.write = on_write,
		.commit = on_commit,
		.abort = on_abort };
	struct session s = { .work = w, .fd = -1 };
	struct smtpd_plan plan = { .calls = &calls,
		.arg = &s,
		.hostname = w->run->given.hostname,
		.size_max = MESSAGE_MAX,
		.binary = true, /* where the server does not, it is encoded */
		.stop = tool_stop_fd(),
		.break_off = -1,
		.trace = &w->run->trace };
	struct stream *stream;
	int in, out, r;

	if (w->set->bulk.verp || w->set->bulk.list_unsubscribe)
		return err_set(e, ERR_USAGE, "%s does not go with -bs",
		    w->set->bulk.verp ? "--verp" : "--list-unsubscribe");
	in = dup(STDIN_FILENO);
	out = dup(STDOUT_FILENO);
	if (in < 0 || out < 0)
		return err_sys(e, ERR_NOINPUT, "cannot read standard input");
	stream = stream_new(in, out, "standard input");
	r = smtpd_serve(stream, &plan, e);
	stream_free(&stream);
	on_abort(&s);
	return r;
}
