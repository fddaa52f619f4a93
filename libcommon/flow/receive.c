/* A server that receives (see receive.h): the caller's thread accepts and
 * waits for signals, each session runs on one of its own. Two pipes whose
 * writing ends get closed tell the sessions to end: soon, and at once.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#include "flow/receive.h"

#define STACK    (1u << 20) /* octets of a session's */
#define PAUSE_MS 100        /* when no connection can be accepted */

struct receive {
	struct receive_plan plan; /* with descriptors and calls filled in */
	pthread_mutex_t lock;     /* of what follows, and of the callbacks */
	size_t sessions;
	uint64_t messages;
	struct err worst; /* of the last session that failed */
	int stop[2], break_off[2], wake[2];
};

struct session {
	struct receive *r;
	struct receivekeep keep;
	int rfd, wfd;
	char peer[DIAL_TEXT_MAX];
};

static int
on_login(void *arg, struct slice user, struct slice password)
{
	struct session *s = arg;

	return receivepolicy_login(s->r->plan.policy, user, password);
}

static void
on_recipient(void *arg, const struct smtpd_envelope *env, const char *address,
    struct smtpd_answer *a)
{
	struct session *s = arg;

	(void)env;
	receivepolicy_check(s->r->plan.policy, address, a);
}

static void
on_begin(void *arg, const struct smtpd_envelope *env, struct smtpd_answer *a)
{
	struct session *s = arg;

	receivekeep_begin(&s->keep, &s->r->plan.keep, env, s->peer, a);
}

static void
on_write(void *arg, struct slice octets)
{
	struct session *s = arg;

	receivekeep_write(&s->keep, &s->r->plan.keep, octets);
}

static void
on_abort(void *arg)
{
	struct session *s = arg;

	receivekeep_abort(&s->keep, &s->r->plan.keep);
}

static void
tell_failed(struct session *s, const struct err *e)
{
	const struct receive_plan *p = &s->r->plan;

	pthread_mutex_lock(&s->r->lock);
	if (p->failed)
		p->failed(p->arg, s->peer, e);
	pthread_mutex_unlock(&s->r->lock);
}

static void
tell_kept(struct session *s, const struct smtpd_envelope *env)
{
	const struct receive_plan *p = &s->r->plan;
	char path[MAILDIR_PATH_MAX], with[16];
	struct receive_message m = {
		.env = env, .peer = s->peer, .with = with, .size = s->keep.size
	};

	receivekeep_with(env, with);
	if (p->keep.maildir) {
		maildir_path(&s->keep.file, path);
		m.path = path;
	}
	pthread_mutex_lock(&s->r->lock);
	s->r->messages++;
	if (p->kept)
		p->kept(p->arg, &m);
	pthread_mutex_unlock(&s->r->lock);
}

/* One delivery for all recipients: LMTP has the same answer for each. */
static void
on_commit(void *arg, const struct smtpd_envelope *env, struct smtpd_answer *a)
{
	struct session *s = arg;

	if (receivekeep_commit(&s->keep, &s->r->plan.keep, env, &a[0]))
		tell_kept(s, env);
	else if (s->keep.failed.kind)
		tell_failed(s, &s->keep.failed);
	for (size_t i = 1; env->lmtp && i < env->n; i++)
		a[i] = a[0];
}

static const struct smtpd_calls calls = { .login = on_login,
	.recipient = on_recipient,
	.begin = on_begin,
	.write = on_write,
	.commit = on_commit,
	.abort = on_abort };

static void
close_pipe(int p[2])
{
	for (int i = 0; i < 2; i++)
		if (p[i] >= 0)
			close(p[i]);
}

static void
end(struct receive *r)
{
	close_pipe(r->stop);
	close_pipe(r->break_off);
	close_pipe(r->wake);
	pthread_mutex_destroy(&r->lock);
}

static int
start(struct receive *r, const struct receive_plan *plan, struct err *e)
{
	*r = (struct receive){ .plan = *plan,
		.stop = { -1, -1 },
		.break_off = { -1, -1 },
		.wake = { -1, -1 } };
	pthread_mutex_init(&r->lock, NULL);
	if (pipe2(r->stop, O_CLOEXEC) < 0 ||
	    pipe2(r->break_off, O_CLOEXEC) < 0 ||
	    pipe2(r->wake, O_CLOEXEC | O_NONBLOCK) < 0) {
		err_sys(e, ERR_OS, "cannot make a pipe");
		end(r);
		return -1;
	}
	r->plan.session.calls = &calls;
	r->plan.session.stop = r->stop[0];
	r->plan.session.break_off = r->break_off[0];
	r->plan.keep.break_off = r->break_off[0];
	if (r->plan.sessions_max == 0)
		r->plan.sessions_max = RECEIVE_SESSIONS_MAX;
	return 0;
}

static void *
run(void *arg)
{
	struct session *s = arg;
	struct receive *r = s->r;
	struct smtpd_plan plan = r->plan.session;
	struct stream *stream = stream_new(s->rfd, s->wfd, s->peer);
	struct err e;
	int served;

	plan.arg = s;
	served = smtpd_serve(stream, &plan, &e);
	if (served < 0 && e.kind != ERR_NO) {
		tell_failed(s, &e);
		pthread_mutex_lock(&r->lock);
		r->worst = e;
		pthread_mutex_unlock(&r->lock);
	}
	stream_deadline(stream, clock_deadline(1000));
	stream_close(&stream, &e);
	mem_free(s);
	pthread_mutex_lock(&r->lock);
	r->sessions--;
	/* Within the lock: the pipe is there as long as sessions are. A full
	 * one wakes as well. */
	if (write(r->wake[1], "", 1) < 0)
		errno = 0;
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* A thread for the session; it takes the descriptors, even when it fails. */
static int
launch(struct receive *r, int rfd, int wfd, const char *peer, struct err *e)
{
	struct session *s = mem_new(sizeof(*s));
	pthread_attr_t attr;
	pthread_t thread;
	int why;

	s->r = r;
	s->rfd = rfd;
	s->wfd = wfd;
	snprintf(s->peer, sizeof(s->peer), "%s", peer);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK);
	pthread_mutex_lock(&r->lock);
	r->sessions++;
	pthread_mutex_unlock(&r->lock);
	why = pthread_create(&thread, &attr, run, s);
	pthread_attr_destroy(&attr);
	if (why == 0)
		return 0;
	pthread_mutex_lock(&r->lock);
	r->sessions--;
	pthread_mutex_unlock(&r->lock);
	close(rfd);
	if (wfd != rfd)
		close(wfd);
	mem_free(s);
	errno = why;
	return err_sys(e, ERR_OS, "cannot start a thread");
}

struct count {
	size_t sessions;
	uint64_t messages;
};

static struct count
count(struct receive *r)
{
	struct count c;

	pthread_mutex_lock(&r->lock);
	c = (struct count){ r->sessions, r->messages };
	pthread_mutex_unlock(&r->lock);
	return c;
}

static void
drain(int fd)
{
	char some[256];

	while (read(fd, some, sizeof(some)) > 0)
		;
}

/* Waits for a connection (where fd is not -1), a session's end, a signal or
 * the deadline; true when a connection is there. */
static bool
wait_for(struct receive *r, int fd, int64_t deadline, const sigset_t *open)
{
	struct pollfd p[2] = { { fd, POLLIN, 0 }, { r->wake[0], POLLIN, 0 } };
	int left = clock_left(deadline);
	struct timespec t = { left / 1000, (left % 1000) * 1000000L };

	if (ppoll(p, 2, left < 0 ? NULL : &t, open) <= 0)
		return false;
	if (p[1].revents)
		drain(r->wake[0]);
	return p[0].revents != 0;
}

static bool
is_over(struct receive *r, struct count c)
{
	return (r->plan.messages && c.messages >= r->plan.messages) ||
	       (r->plan.stopping && r->plan.stopping());
}

/* Idle sessions end now, messages under way within the grace. */
static void
wind_up(struct receive *r, const sigset_t *open)
{
	int64_t deadline = clock_deadline(RECEIVE_GRACE_MS);

	close(r->stop[1]);
	r->stop[1] = -1;
	while (count(r).sessions > 0 && clock_left(deadline) > 0)
		wait_for(r, -1, deadline, open);
	close(r->break_off[1]);
	r->break_off[1] = -1;
	while (count(r).sessions > 0)
		wait_for(r, -1, CLOCK_NEVER, open);
}

static void
accept_one(struct receive *r, int fd, bool *pause_r)
{
	char peer[DIAL_TEXT_MAX];
	struct err e;
	int c = dial_accept(fd, peer, &e);

	if (c >= 0 && launch(r, c, c, peer, &e) == 0)
		return;
	*pause_r = true;
	pthread_mutex_lock(&r->lock);
	if (r->plan.failed)
		r->plan.failed(r->plan.arg, "", &e);
	pthread_mutex_unlock(&r->lock);
}

/* SIGINT and SIGTERM come only while ppoll() waits, so none is missed
 * between asking and waiting; the sessions' threads never see them. */
static void
block_signals(sigset_t *open_r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, open_r);
}

int
receive_listen(const struct receive_plan *plan, int fd, struct err *e)
{
	struct receive r;
	sigset_t open;
	bool pause = false;
	struct count c;

	if (start(&r, plan, e) < 0)
		return -1;
	block_signals(&open);
	for (c = count(&r); !is_over(&r, c); c = count(&r)) {
		int64_t until = pause ? clock_deadline(PAUSE_MS) : CLOCK_NEVER;
		bool full = c.sessions >= r.plan.sessions_max || pause;

		pause = false;
		if (wait_for(&r, full ? -1 : fd, until, &open))
			accept_one(&r, fd, &pause);
	}
	wind_up(&r, &open);
	pthread_sigmask(SIG_SETMASK, &open, NULL);
	end(&r);
	return 0;
}

int
receive_session(
    const struct receive_plan *plan, int rfd, int wfd, struct err *e)
{
	char peer[DIAL_TEXT_MAX];
	struct receive r;
	sigset_t open;
	int done;

	if (start(&r, plan, e) < 0)
		return -1;
	block_signals(&open);
	dial_peer(rfd, peer);
	done = launch(&r, rfd, wfd, peer, e);
	while (done == 0 && count(&r).sessions > 0 && !is_over(&r, count(&r)))
		wait_for(&r, -1, CLOCK_NEVER, &open);
	wind_up(&r, &open);
	if (done == 0 && r.worst.kind) {
		*e = r.worst;
		done = -1;
	}
	pthread_sigmask(SIG_SETMASK, &open, NULL);
	end(&r);
	return done;
}
