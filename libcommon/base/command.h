/* A shell command that is fed a file and waited for.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_COMMAND_H
#define BASE_COMMAND_H

#include "base/err.h"

/* Exit statuses of commands that mean something to who hands them mail. */
enum {
	COMMAND_DONE = 0,
	COMMAND_NO_USER = 67,
	COMMAND_TRY_AGAIN = 75,
	COMMAND_NOT_RUN = 126 /* and 127: the shell could not run it */
};

struct command {
	const char *text;     /* for sh -c */
	int in, out;          /* its standard input and output */
	char *const *environ; /* null: empty */
	int64_t limit;        /* ms; then its process group is killed */
	int break_off;        /* readable: killed at once; -1: none */
};

/* Runs it to its end, in a process group of its own and with signals as
 * usual. *status_r is the exit status, or -1 when a signal ended it. */
int command_run(const struct command *c, int *status_r, struct err *e);

#endif
