/* An IMAP session (see fetchsession.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#include "flow/fetchrun.h"
#include "flow/fetchsession.h"

/* From SIGTERM to SIGKILL, and between looks whether it has ended. */
#define TUNNEL_END_MS  5000
#define TUNNEL_LOOK_MS 10

static int
spawn(const char *command, char *const *env, int in, int out, pid_t *pid_r,
    struct err *e)
{
	char shell[] = "sh", option[] = "-c", *text = mem_string(command);
	char *const argv[] = { shell, option, text, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int ret;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	ret = posix_spawn(pid_r, "/bin/sh", &actions, &attributes, argv, env);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	mem_free(text);
	if (ret == 0)
		return 0;
	errno = ret;
	return err_sys(e, ERR_OS, "cannot run '%s'", command);
}

/* Two pipes: with one socket for both ways, a program that makes its input
 * non-blocking would make another's output so. */
static int
start_tunnel(const struct fetch_plan *plan, struct stream **stream_r,
    pid_t *pid_r, struct err *e)
{
	int to[2], from[2];
	int ret;

	if (pipe2(to, O_CLOEXEC) < 0)
		return err_sys(e, ERR_OS, "cannot make a pipe");
	if (pipe2(from, O_CLOEXEC) < 0) {
		close(to[0]);
		close(to[1]);
		return err_sys(e, ERR_OS, "cannot make a pipe");
	}
	ret = spawn(plan->tunnel, plan->environ, to[0], from[1], pid_r, e);
	close(to[0]);
	close(from[1]);
	if (ret == 0) {
		*stream_r = stream_new(from[0], to[1], "tunnel");
		return 0;
	}
	close(to[1]);
	close(from[0]);
	return -1;
}

/* Our ends of its pipes are closed by now. What does not end when it is asked
 * to is killed. */
static void
end_tunnel(struct fetchsession *s)
{
	int64_t deadline = clock_deadline(TUNNEL_END_MS);

	if (s->tunnel <= 0)
		return;
	kill(-s->tunnel, SIGTERM);
	while (waitpid(s->tunnel, NULL, WNOHANG) == 0) {
		if (clock_left(deadline) <= 0)
			kill(-s->tunnel, SIGKILL);
		poll(NULL, 0, TUNNEL_LOOK_MS);
	}
	s->tunnel = 0;
}

static int
connect_stream(const struct fetch_plan *plan, struct fetchsession *s,
    struct stream **stream_r, struct err *e)
{
	if (!plan->tunnel)
		return fetchrun_connect(plan, stream_r, e);
	return start_tunnel(plan, stream_r, &s->tunnel, e);
}

static int
encrypt(const struct fetch_plan *plan, struct imap *m, struct err *e)
{
	bool start = plan->tls == FETCH_TLS_START;

	if (plan->tls == FETCH_TLS_MAY) {
		if (imap_capability(m, e) < 0)
			return -1;
		start = imap_has(m, "STARTTLS");
	}
	return start ? imap_starttls(m, &plan->want, e) : 0;
}

/* TLS, then login, then the rest. */
static int
log_in(const struct fetch_plan *plan, struct imap *m, struct err *e)
{
	struct sasl_login login = plan->login;
	const char *server;

	login.clear = plan->tunnel || fetchrun_clear(plan);
	if (encrypt(plan, m, e) < 0)
		return -1;
	if (plan->tunnel && !imap_is_preauth(m) && !plan->user[0])
		return err_set(
		    e, ERR_NOPERM, "the tunnel wants a login: --user NAME");
	if (!imap_is_preauth(m) && imap_login(m, &login, e) < 0)
		return -1;
	if (imap_capability(m, e) < 0 ||
	    imap_id(m, PACKAGE_NAME, PACKAGE_VERSION, e) < 0)
		return -1;
	imap_quirks(m, &server);
	if (server)
		trace_say(plan->given->trace, "the server is %s", server);
	if (imap_enable(m, e) < 0)
		return -1;
	return plan->compress ? imap_compress(m, e) : 0;
}

int
fetchsession_open(
    const struct fetch_plan *plan, struct fetchsession *s, struct err *e)
{
	struct stream *stream;

	*s = (struct fetchsession){ 0 };
	if (connect_stream(plan, s, &stream, e) == 0 &&
	    (imap_open(
		 stream, plan->timeout, plan->given->trace, &s->imap, e) == 0 ||
		fetchrun_no_greeting(plan, e) == 0) &&
	    log_in(plan, s->imap, e) == 0)
		return 0;
	fetchsession_drop(s);
	return -1;
}

void
fetchsession_close(struct fetchsession *s)
{
	imap_close(&s->imap);
	end_tunnel(s);
}

void
fetchsession_drop(struct fetchsession *s)
{
	imap_free(&s->imap);
	end_tunnel(s);
}
