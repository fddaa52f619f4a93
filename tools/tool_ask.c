/* A password from a person (see tool.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/io.h"

#include "tool.h"

#define QUESTION_MAX 512
#define ANSWER_MAX   1024

/* Those that end or stop a process from the keyboard or from outside. */
static const int caught[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP };

static volatile sig_atomic_t got_signal;

static void
on_signal(int number)
{
	got_signal = number;
}

/* Signals come in while it waits and at no other time: none is missed between
 * a look at got_signal and the wait. */
static bool
wait_for(int tty, const sigset_t *open)
{
	struct pollfd p = { .fd = tty, .events = POLLIN };

	while (ppoll(&p, 1, NULL, open) < 0)
		if (errno != EINTR || got_signal)
			return false;
	return true;
}

/* The line, without its end. */
static int
read_line(int tty, const sigset_t *open, struct buf *password, struct err *e)
{
	ssize_t r = 0;
	char c;

	while (wait_for(tty, open) && (r = read(tty, &c, 1)) == 1 && c != '\n')
		if (password->n < ANSWER_MAX)
			buf_char(password, c);
	if (r == 1 && c == '\n' && password->n > 0)
		return 1;
	return err_set(e, ERR_NOPERM, "no password was given");
}

/* Echo off, the question, the answer, echo on: whatever happens meanwhile. */
static int
ask_at(int tty, const char *question, struct buf *password, struct err *e)
{
	struct sigaction act = { .sa_handler = on_signal },
			 old[COUNT_OF(caught)];
	struct termios as_it_was, silent;
	sigset_t closed, open;
	int ret;

	if (tcgetattr(tty, &as_it_was) < 0)
		return 0;
	got_signal = 0;
	sigemptyset(&act.sa_mask);
	sigemptyset(&closed);
	for (size_t i = 0; i < COUNT_OF(caught); i++)
		sigaddset(&closed, caught[i]);
	pthread_sigmask(SIG_BLOCK, &closed, &open);
	for (size_t i = 0; i < COUNT_OF(caught); i++)
		sigaction(caught[i], &act, &old[i]);
	silent = as_it_was;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	tcsetattr(tty, TCSAFLUSH, &silent);
	ret = io_write(tty, question, strlen(question), "terminal", e);
	if (ret == 0)
		ret = read_line(tty, &open, password, e);
	tcsetattr(tty, TCSAFLUSH, &as_it_was);
	if (io_write(tty, "\n", 1, "terminal", NULL) < 0)
		ret = ret > 0 ? 1 : ret;
	for (size_t i = 0; i < COUNT_OF(caught); i++)
		sigaction(caught[i], &old[i], NULL);
	pthread_sigmask(SIG_SETMASK, &open, NULL);
	if (got_signal)
		raise(got_signal); /* to what would have happened */
	return ret;
}

/* After a stop (^Z) the question comes again. */
int
tool_ask(void *arg, const char *user, const char *host, struct buf *password,
    struct err *e)
{
	char question[QUESTION_MAX];
	int tty, ret;

	(void)arg;
	if (!isatty(STDERR_FILENO))
		return 0;
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (tty < 0)
		return 0;
	snprintf(question, sizeof(question),
	    "Password for %.200s at %.200s: ", user, host);
	buf_room(password, ANSWER_MAX); /* stays in place, to be wiped */
	do {
		buf_cut(password, 0);
		ret = ask_at(tty, question, password, e);
	} while (got_signal == SIGTSTP);
	close(tty);
	return ret;
}
