/* What every tool does alike (mailtoolkit(7)): options in common, clock and
 * randomness handed down, diagnostics with control bytes masked, JSON switch,
 * exit status, standard output closed and checked at the end.
 *
 *	int
 *	main(int argc, char **argv)
 *	{
 *		static const struct tool tool = { .name = "mexample", ... };
 *		struct settings set = { 0 };
 *		struct tool_run run;
 *
 *		if (tool_begin(&run, &tool, argc, argv, &set) < 0)
 *			return tool_end(&run);
 *		... on a failure: tool_fail(&run, &e); ...
 *		return tool_end(&run);
 *	}
 *
 * The tool's struct starts with a struct tool_common, its table ends in
 * OPT_MORE(tool_common_options, struct settings, common).
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOL_H
#define TOOL_H

#include "base/given.h"
#include "base/json.h"
#include "base/opt.h"
#include "base/trace.h"

struct tool_common {
	bool json;
	unsigned verbose;     /* -v decisions, -vv the wire */
	const char *color;    /* auto, always, never */
	const char *progress; /* auto, always, never */
	const char *config;   /* accounts file, or null: the usual place */
	const char *account;  /* section of it, or null */
	int64_t timeout;      /* ms, 0: the tool's default */
	uint64_t jobs;        /* 0: the tool's default */
	const char *now;      /* --now TIME, or null: the system's clock */
	bool help, version;
	const char *completion; /* --completion SHELL (hidden) */
	bool list_options;      /* --list-options (hidden) */
};

extern const struct opt tool_common_options[];

struct tool {
	const char *name;
	const char *synopsis; /* "[option ...] [file ...]" */
	const char *purpose;  /* one line for --help */
	const char *note;     /* one more line for --version, or null */
	const struct opt *options;
	size_t settings_size;
	/* Does the command line, apart from the accounts file, contradict
	 * itself? May be null. */
	int (*check)(const void *settings, struct err *e);
};

struct tool_run {
	const struct tool *tool;
	struct tool_common *common;
	struct opt_list rest; /* operands */
	struct arena arena;   /* lives as long as the run */
	const char *password; /* of the accounts file, or null */
	struct trace trace;   /* writes to stderr as -v asks */
	enum err_kind worst;  /* the exit status so far */
	struct given given;   /* clock (--now or the system's), randomness,
	                       * host name and &trace, to hand down */
	bool color;           /* on standard output */
	bool progress;        /* a bar on stderr */
	struct buf out;       /* for standard output; tool_out.c's */
	bool out_bad;         /* it failed, once and for all */
};

/* Parses argv into settings, applies the accounts file's section, answers
 * --help, --version, --completion and --list-options. -1: tool_end() now. */
int tool_begin(struct tool_run *run, const struct tool *tool, int argc,
    char **argv, void *settings);

/* What follows may be called from any thread. */

/* "name: text" on stderr in one write, control bytes masked, nothing
 * allocated; counts into the exit status with err_worse(). */
void tool_fail(struct tool_run *run, const struct err *e);

/* "name: warning: ..." on stderr; does not change the exit status. */
void tool_warn(struct tool_run *run, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The same without that word: what a person has to do now. */
void tool_note(struct tool_run *run, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Counts a status in without saying anything. */
void tool_status(struct tool_run *run, enum err_kind kind);

/* n random octets from the system; failing that the process exits with
 * ERR_OS. */
void tool_random(void *p, size_t n);

/* $XDG_STATE_HOME/mailtoolkit/NAME, its folders made; null. */
const char *tool_state_file(
    struct tool_run *run, const char *name, struct err *e);

/* Asks a person at the terminal for a password, which is not shown: 1; 0 when
 * standard error is no terminal, so that nobody would see the question. A
 * signal that ends the process puts the terminal right first. arg is the run.
 * As flow/password.h wants it. */
int tool_ask(void *arg, const char *user, const char *host,
    struct buf *password, struct err *e);

/* One JSON object as a line on standard output; takes the reference. */
void tool_json(struct tool_run *run, struct json *j);

/* Text for people on standard output, outside bytes masked: control bytes but
 * TAB and LF, and what is not UTF-8, become '?'. Whole lines reach a terminal
 * or pipe at once. */
void tool_print(struct tool_run *run, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Writes octets to standard output as they are; -1 when it failed, which was
 * said and counted in. They wait for more: tool_flush() sends them on. */
int tool_output(struct tool_run *run, struct slice bytes);
int tool_flush(struct tool_run *run);

/* True once SIGINT or SIGTERM asked to stop, or standard output failed: finish
 * the message at hand, say what was done, end. Until the first call a signal
 * ends the process as usual; a second one of the same kind always does. */
bool tool_stopping(void);

/* A descriptor for poll() that becomes readable then. */
int tool_stop_fd(void);

/* Flushes and closes standard output (failure: status 74), frees the arena,
 * gives the exit status. */
int tool_end(struct tool_run *run);

#endif
