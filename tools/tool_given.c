/* What tools hand down to libcommon, and what asks them to stop (see tool.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"

#include "text/date.h"

#include "tool_private.h"

#define HOSTNAME_MAX 256

static int64_t
system_now(const struct given *g UNUSED)
{
	return time(NULL);
}

static int64_t
fixed_now(const struct given *g)
{
	return g->fixed_now;
}

static int
read_now(const char *text, int64_t *r, struct err *e)
{
	struct slice s = slice_str(text);
	uint64_t seconds;

	if (slice_number(s, INT64_MAX / 2, &seconds)) {
		*r = (int64_t)seconds;
		return 0;
	}
	if (date_parse_3339(s, r, NULL))
		return 0;
	return err_set(e, ERR_USAGE,
	    "--now: '%s' is not a time: write 2026-01-31T12:00:00Z or seconds "
	    "since 1970",
	    text);
}

void
tool_random(void *p, size_t n)
{
	char *at = p;

	while (n) {
		ssize_t r = getrandom(at, n, 0);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			perror("cannot get random numbers");
			_exit(ERR_OS);
		}
		at += r;
		n -= (size_t)r;
	}
}

int
tool_give(struct tool_run *run, struct err *e)
{
	struct given *g = &run->given;
	char name[HOSTNAME_MAX + 1] = "";

	if (gethostname(name, HOSTNAME_MAX) < 0 || !name[0])
		snprintf(name, sizeof(name), "localhost");
	g->hostname = arena_string(&run->arena, name);
	g->random = tool_random;
	g->trace = &run->trace;
	g->now = run->common->now ? fixed_now : system_now;
	if (run->common->now)
		return read_now(run->common->now, &g->fixed_now, e);
	return 0;
}

static atomic_bool stopping;
static int stop_pipe[2] = { -1, -1 };
static pthread_once_t stop_ready = PTHREAD_ONCE_INIT;

/* Async-signal-safe. */
void
tool_stop(void)
{
	int was = errno;

	stopping = true;
	if (stop_pipe[1] >= 0) {
		UNUSED ssize_t n = write(stop_pipe[1], "", 1);
	}
	errno = was;
}

static void
on_signal(int sig UNUSED)
{
	tool_stop();
}

/* A signal that came ignored (nohup, a background job) stays so. */
static void catch (int sig)
{
	struct sigaction act = { .sa_handler = on_signal,
		.sa_flags = (int)SA_RESETHAND };
	struct sigaction was;

	if (sigaction(sig, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
		sigaction(sig, &act, NULL);
}

static void
prepare_stop(void)
{
	if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		stop_pipe[0] = stop_pipe[1] = -1;
	if (stopping)
		tool_stop();
	catch (SIGINT);
	catch (SIGTERM);
}

bool
tool_stopping(void)
{
	pthread_once(&stop_ready, prepare_stop);
	return stopping;
}

int
tool_stop_fd(void)
{
	pthread_once(&stop_ready, prepare_stop);
	return stop_pipe[0];
}

const char *
tool_state_file(struct tool_run *run, const char *name, struct err *e)
{
	const char *dir = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct arena *a = &run->arena;

	if (!dir || dir[0] != '/') {
		if (!home || !home[0]) {
			err_set(e, ERR_CONFIG,
			    "HOME is not set: where is '%s' to be kept?", name);
			return NULL;
		}
		dir = arena_fmt(a, "%s/.local", home);
		(void)io_mkdir(dir, 0700, NULL);
		dir = arena_fmt(a, "%s/state", dir);
	}
	(void)io_mkdir(dir, 0700, NULL);
	dir = arena_fmt(a, "%s/mailtoolkit", dir);
	if (io_mkdir(dir, 0700, e) < 0)
		return NULL;
	return arena_fmt(a, "%s/%s", dir, name);
}
