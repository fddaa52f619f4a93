/* An IMAP session (see fetchsession.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

#include "flow/fetchrun.h"
#include "flow/fetchsession.h"

/* The command has one end of a socket as its input and output. */
static int
start_tunnel(
    const struct fetch_plan *plan, int *fd_r, pid_t *pid_r, struct err *e)
{
	char shell[] = "sh", option[] = "-c", *text;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int ends[2], ret;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return err_sys(e, ERR_OS, "cannot make a socket");
	text = mem_string(plan->tunnel);
	char *const argv[] = { shell, option, text, NULL };

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	ret = posix_spawn(
	    pid_r, "/bin/sh", &actions, &attributes, argv, plan->environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	mem_free(text);
	close(ends[1]);
	if (ret != 0) {
		close(ends[0]);
		errno = ret;
		return err_sys(e, ERR_OS, "cannot run '%s'", plan->tunnel);
	}
	*fd_r = ends[0];
	return 0;
}

/* Its end of the socket is gone by now: it is given a moment, then ended. */
static void
end_tunnel(struct fetchsession *s)
{
	if (s->tunnel <= 0)
		return;
	kill(-s->tunnel, SIGTERM);
	while (waitpid(s->tunnel, NULL, 0) < 0 && errno == EINTR)
		;
	s->tunnel = 0;
}

static int
connect_stream(const struct fetch_plan *plan, struct fetchsession *s,
    struct stream **stream_r, struct err *e)
{
	int fd;

	if (!plan->tunnel)
		return fetchrun_connect(plan, stream_r, e);
	if (start_tunnel(plan, &fd, &s->tunnel, e) < 0)
		return -1;
	*stream_r = stream_new(fd, fd, "tunnel");
	return 0;
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
	    imap_open(stream, plan->timeout, plan->given->trace, &s->imap, e) ==
		0 &&
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
