/* bounded SECONDS CMD ARG...: a test that always comes to its end. When CMD is
 * still there after that time, or leaves a process behind, the processes are
 * named on standard output as TAP ("Bail out!" at the end), and all of them are
 * killed, also those that have left CMD's process group. CMD has an empty
 * standard input: ours may be a pipe that nobody closes. Exits as CMD did; 1
 * when it had to be killed. MAILTOOLKIT_TIME_FACTOR=N in the environment, for
 * slow surroundings (valgrind), takes N times the seconds.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/slice.h"

enum {
	CANNOT_RUN = 127,
	GRACE_S = 5,       /* for processes left behind to end by themselves */
	FACTOR_MAX = 1000, /* of MAILTOOLKIT_TIME_FACTOR */
	SECONDS_MAX = 100000,
	PIDS_MAX = 1 << 30,
	LINE = 256, /* what is shown of a command line */
};

static sigset_t waited;

/* 1 to max, or -1. */
static long
number(const char *text, long max)
{
	uint64_t n;

	if (!slice_number(slice_str(text), (uint64_t)max, &n) || n == 0)
		return -1;
	return (long)n;
}

static time_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* Collects what has ended. True when there is no child any more; the status of
 * pid, once it has ended, goes to *status and *ended is set. */
static bool
collect(pid_t pid, int *status, bool *ended)
{
	int st;
	pid_t got;

	while ((got = waitpid(-1, &st, WNOHANG)) > 0) {
		if (got == pid) {
			*status = st;
			*ended = true;
		}
	}
	return got < 0 && errno == ECHILD;
}

/* Waits until pid has ended (whole: until every child has), or until the time
 * given. */
static bool
wait_until(time_t end, pid_t pid, bool whole, int *status, bool *ended)
{
	for (;;) {
		const struct timespec tick = { .tv_nsec = 100 * 1000 * 1000 };

		if (collect(pid, status, ended) || (*ended && !whole))
			return true;
		if (now() >= end)
			return false;
		sigtimedwait(&waited, NULL, &tick);
	}
}

/* The parent of a process; -1: it is gone. */
static long
parent_of(const char *pid)
{
	char path[64], line[LINE * 2], *name_end;
	uint64_t parent;
	struct slice s;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
	if (!(f = fopen(path, "r")))
		return -1;
	name_end = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if (!name_end || strlen(name_end) < 5)
		return -1;
	s = slice_str(name_end + 4); /* ") S 123 " */
	return slice_take_number(&s, PIDS_MAX, &parent) ? (long)parent : -1;
}

/* One line of TAP's remarks about a process. */
static void
show(const char *what, const char *pid)
{
	char path[64], line[LINE] = "?";
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
	if ((f = fopen(path, "r"))) {
		n = fread(line, 1, sizeof line - 1, f);
		fclose(f);
	}
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ')
			line[i] = ' ';
	line[n] = '\0';
	printf("# %s: %s %s\n", what, pid, line);
}

/* Names, or kills, every process below the parent; those further down come to
 * us (PR_SET_CHILD_SUBREAPER) once their parents are gone. */
static void
each_child(long parent, const char *what)
{
	struct dirent *e;
	DIR *d = opendir("/proc");

	while (d && (e = readdir(d))) {
		long pid = number(e->d_name, PIDS_MAX);

		if (pid < 0 || parent_of(e->d_name) != parent)
			continue;
		if (!what) {
			kill((pid_t)pid, SIGKILL);
		} else {
			show(what, e->d_name);
			each_child(pid, what);
		}
	}
	if (d)
		closedir(d);
}

static void
kill_all(pid_t pid, int *status, bool *ended)
{
	const time_t end = now() + GRACE_S;

	do {
		each_child(getpid(), NULL);
	} while (!wait_until(now(), pid, true, status, ended) && now() < end);
}

/* A TAP reader stops at "Bail out!": the test counts as an error. */
static int
stopped(pid_t pid, const char *what, const char *reason)
{
	int status = 0;
	bool ended = false;

	each_child(getpid(), what);
	kill_all(pid, &status, &ended);
	printf("Bail out! %s\n", reason);
	return 1;
}

static int
watch(pid_t pid, long seconds)
{
	char reason[64];
	bool ended = false;
	int status = 0;

	snprintf(reason, sizeof reason, "no end after %ld s", seconds);
	if (!wait_until(now() + seconds, pid, false, &status, &ended))
		return stopped(pid, "still running", reason);
	if (!wait_until(now() + GRACE_S, pid, true, &status, &ended))
		return stopped(pid, "left behind", "it left processes behind");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
main(int argc, char **argv)
{
	const char *factor = getenv("MAILTOOLKIT_TIME_FACTOR");
	long seconds = argc > 2 ? number(argv[1], SECONDS_MAX) : -1;
	long times = factor ? number(factor, FACTOR_MAX) : 1;
	sigset_t before;
	pid_t pid;

	if (seconds < 0 || times < 0) {
		fputs("usage: bounded SECONDS CMD ARG...\n", stderr);
		return CANNOT_RUN;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigemptyset(&waited);
	sigaddset(&waited, SIGCHLD);
	sigprocmask(SIG_BLOCK, &waited, &before);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if ((pid = fork()) == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		if (!freopen("/dev/null", "r", stdin))
			_exit(CANNOT_RUN);
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(CANNOT_RUN);
	}
	if (pid < 0) {
		perror("fork");
		return CANNOT_RUN;
	}
	return watch(pid, seconds * times);
}
