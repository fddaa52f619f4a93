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

/* n digits with a value from least to most */
static bool
take_digits(struct slice *s, size_t n, uint64_t least, uint64_t most, int *r)
{
	struct slice digits = slice_take(s, n);
	uint64_t v;

	if (digits.n != n || !slice_number(digits, most, &v) || v < least)
		return false;
	*r = (int)v;
	return true;
}

/* time-offset = "Z" / (("+" / "-") time-hour ":" time-minute) */
static bool
take_offset(struct slice *s, int64_t *seconds_r)
{
	int sign = slice_get(s), hour, minute;

	*seconds_r = 0;
	if (ascii_lower(sign) == 'z')
		return true;
	if ((sign != '+' && sign != '-') || !take_digits(s, 2, 0, 23, &hour) ||
	    slice_get(s) != ':' || !take_digits(s, 2, 0, 59, &minute))
		return false;
	*seconds_r = (sign == '-' ? -60 : 60) * (hour * 60 + minute);
	return true;
}

/* date-time of RFC 3339, section 5.6; a fraction of a second is dropped. */
static bool
read_rfc3339(struct slice s, int64_t *r)
{
	struct tm t = { 0 }, back;
	int64_t offset;
	time_t at;
	int c;

	if (!take_digits(&s, 4, 1900, 9999, &t.tm_year) ||
	    slice_get(&s) != '-' || !take_digits(&s, 2, 1, 12, &t.tm_mon) ||
	    slice_get(&s) != '-' || !take_digits(&s, 2, 1, 31, &t.tm_mday))
		return false;
	c = ascii_lower(slice_get(&s));
	if ((c != 't' && c != ' ') || !take_digits(&s, 2, 0, 23, &t.tm_hour) ||
	    slice_get(&s) != ':' || !take_digits(&s, 2, 0, 59, &t.tm_min) ||
	    slice_get(&s) != ':' || !take_digits(&s, 2, 0, 60, &t.tm_sec))
		return false;
	if (slice_take_prefix(&s, ".") &&
	    !slice_take_while(&s, ascii_is_digit).n)
		return false;
	if (!take_offset(&s, &offset) || s.n)
		return false;
	t.tm_year -= 1900;
	t.tm_mon--;
	back = t;
	at = timegm(&back);
	if (back.tm_mday != t.tm_mday && t.tm_sec < 60)
		return false; /* 30 February */
	*r = at - offset;
	return true;
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
	if (read_rfc3339(s, r))
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
