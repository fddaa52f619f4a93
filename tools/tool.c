/* The start of every tool (see tool.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

#include "tool_private.h"

#define TEXT_MAX (1u << 20) /* octets of --help and the like */

#define COMMON(k, l, n, field, a, h, f)                                        \
	{                                                                      \
		.kind = (k), .letter = (l), .name = (n), .arg = (a),           \
		.help = (h), .at = offsetof(struct tool_common, field),        \
		.flags = (f)                                                   \
	}
#define BRIEF  OPT_BRIEF
#define ALONE  (OPT_BRIEF | OPT_NO_CONF)
#define HIDDEN (OPT_HIDDEN | OPT_NO_CONF)

const struct opt tool_common_options[] = {
	OPT_HEAD("In common, see mailtoolkit(7)"),
	COMMON(OPT_KIND_FLAG, 0, "json", json, NULL, "one JSON object a line",
	    BRIEF),
	COMMON(OPT_KIND_COUNT, 'v', "verbose", verbose, NULL,
	    "tell decisions; twice: the wire", BRIEF),
	COMMON(OPT_KIND_DURATION, 0, "timeout", timeout, "TIME",
	    "longest wait for a peer", BRIEF),
	COMMON(OPT_KIND_NUMBER, 'j', "jobs", jobs, "N", "things done at once",
	    BRIEF),
	COMMON(OPT_KIND_TEXT, 0, "account", account, "NAME",
	    "section of the accounts file", ALONE),
	COMMON(OPT_KIND_TEXT, 0, "config", config, "FILE", "the accounts file",
	    ALONE | OPT_EMPTY),
	COMMON(OPT_KIND_CHOICE, 0, "color", color, "auto|always|never",
	    "colours", BRIEF),
	COMMON(OPT_KIND_CHOICE, 0, "progress", progress, "auto|always|never",
	    "progress bar", BRIEF),
	COMMON(OPT_KIND_FLAG, 0, "help", help, NULL, "show this", ALONE),
	COMMON(OPT_KIND_FLAG, 0, "version", version, NULL,
	    "show version and libraries", ALONE),
	COMMON(OPT_KIND_TEXT, 0, "now", now, "TIME", "instead of the clock",
	    HIDDEN | OPT_EMPTY),
	COMMON(OPT_KIND_CHOICE, 0, "completion", completion, "bash|zsh|fish",
	    "print a completion script", HIDDEN),
	COMMON(OPT_KIND_FLAG, 0, "list-options", list_options, NULL,
	    "print the options, one a line", HIDDEN),
	OPT_DONE,
};

/* auto, always or never, where auto asks whether fd is a terminal. */
static bool
decide(const char *when, int fd)
{
	const char *term = getenv("TERM");

	if (when && !slice_is(slice_str(when), "auto"))
		return slice_is(slice_str(when), "always");
	return isatty(fd) && term && !slice_is(slice_str(term), "dumb");
}

/* https://no-color.org: set and not empty. */
static bool
decide_color(const char *when)
{
	const char *no = getenv("NO_COLOR");

	if (no && no[0] && (!when || slice_is(slice_str(when), "auto")))
		return false;
	return decide(when, STDOUT_FILENO);
}

static void
add_version(const struct tool *tool, struct buf *out)
{
	buf_fmt(out, "%s (mailtoolkit) %s\n%s\n", tool->name, PACKAGE_VERSION,
	    LIBRARIES);
	if (tool->note)
		buf_fmt(out, "%s\n", tool->note);
}

static void
add_help(const struct tool *tool, struct buf *out)
{
	buf_fmt(out, "usage: %s %s\n%s\n", tool->name, tool->synopsis,
	    tool->purpose);
	opt_help(tool->options, out);
}

/* --help and its like: 1 when one was answered. */
static int
answer(struct tool_run *run, struct err *e)
{
	const struct tool_common *c = run->common;
	const struct tool *tool = run->tool;
	struct buf text;
	int r = 0;

	if (!c->help && !c->version && !c->completion && !c->list_options)
		return 0;
	buf_init(&text, TEXT_MAX);
	if (c->help)
		add_help(tool, &text);
	else if (c->version)
		add_version(tool, &text);
	else if (c->list_options)
		opt_list_all(tool->options, &text);
	else
		r = opt_completion(
		    tool->options, tool->name, c->completion, &text, e);
	tool_output(run, buf_view(&text));
	buf_free(&text);
	return r < 0 ? -1 : 1;
}

/* The accounts file's values come first and the command line wins: it is read
 * once to learn which account, and again over that account's values. 1 when
 * --help or the like was all that was asked. */
static int
read_settings(
    struct tool_run *run, int argc, char **argv, void *settings, struct err *e)
{
	const struct opt *options = run->tool->options;
	size_t size = run->tool->settings_size;
	const char *account;
	struct conf conf;
	void *fresh = memcpy(arena_new(&run->arena, size), settings, size);
	int r;

	if (opt_parse(
		options, argc, argv, settings, &run->rest, &run->arena, e) < 0)
		return -1;
	r = answer(run, e);
	if (r == 0 && run->tool->check)
		r = run->tool->check(settings, e);
	if (r)
		return r;
	r = tool_find_accounts(run, &conf, e);
	if (r <= 0)
		return r;
	account = run->common->account;
	memcpy(settings, fresh, size);
	if (tool_apply_accounts(run, &conf, account, settings, e) < 0)
		return -1;
	return opt_parse(
	    options, argc, argv, settings, &run->rest, &run->arena, e);
}

static int
begin(
    struct tool_run *run, int argc, char **argv, void *settings, struct err *e)
{
	int r;

	r = read_settings(run, argc, argv, settings, e);
	if (r)
		return r;
	run->trace.level =
	    (enum trace_level)size_min(run->common->verbose, TRACE_WIRE);
	run->color = decide_color(run->common->color);
	run->progress = decide(run->common->progress, STDERR_FILENO);
	return tool_give(run, e);
}

int
tool_begin(struct tool_run *run, const struct tool *tool, int argc, char **argv,
    void *settings)
{
	struct err e;
	int r;

	*run = (struct tool_run){ .tool = tool, .common = settings };
	run->trace = (struct trace){ TRACE_NONE, tool_tell, run };
	buf_init(&run->out, SIZE_MAX);
	tool_open_std();
	signal(SIGPIPE, SIG_IGN);
	r = begin(run, argc, argv, settings, &e);
	if (r < 0)
		tool_fail(run, &e);
	return r ? -1 : 0;
}
