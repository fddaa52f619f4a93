/* Shell commands (see command.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/command.h"

/* With signals as usual: the thread may block what stops the tool, and the
 * process ignores SIGPIPE. In a group of its own, to be killed whole. */
static int
spawn(const struct command *c, pid_t *pid_r)
{
	static char *const none[] = { NULL };
	char sh[] = "sh", option[] = "-c";
	union {
		const char *from;
		char *to; /* argv has no const in POSIX */
	} text = { c->text };
	char *argv[] = { sh, option, text.to, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t mask, plain;
	int r;

	sigemptyset(&mask);
	sigemptyset(&plain);
	sigaddset(&plain, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, c->in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, c->out, STDOUT_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &mask);
	posix_spawnattr_setsigdefault(&attr, &plain);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
					    POSIX_SPAWN_SETSIGDEF |
					    POSIX_SPAWN_SETPGROUP);
	r = posix_spawn(pid_r, "/bin/sh", &files, &attr, argv,
	    c->environ ? c->environ : none);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return r;
}

/* True when it ended by itself. */
static bool
wait_for(const struct command *c, pid_t pid)
{
	int64_t deadline = clock_deadline(c->limit);
	int fd = (int)syscall(SYS_pidfd_open, pid, 0), n;
	struct pollfd p[2] = { { fd, POLLIN, 0 }, { c->break_off, POLLIN, 0 } };

	if (fd < 0)
		return true;
	do
		n = poll(p, COUNT_OF(p), clock_left(deadline));
	while (n < 0 && errno == EINTR);
	close(fd);
	if (!p[0].revents)
		kill(-pid, SIGKILL);
	return p[0].revents != 0;
}

int
command_run(const struct command *c, int *status_r, struct err *e)
{
	int status = 0, r;
	bool ended;
	pid_t pid;

	r = spawn(c, &pid);
	if (r != 0) {
		errno = r;
		return err_sys(e, ERR_OS, "cannot run '%s'", c->text);
	}
	ended = wait_for(c, pid);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(
			    e, ERR_OS, "cannot wait for '%s'", c->text);
	*status_r = ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return 0;
}
