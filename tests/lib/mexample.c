/* A tool that does nothing but what all tools do: for tests/cli/tool.bats.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <poll.h>
#include <stdio.h>

#include "tool.h"

struct settings {
	struct tool_common common;
	const char *text;
	const char *user, *password;
	uint64_t octets, port;
	bool wait;
};

static const struct opt options[] = {
	OPT_HEAD("Example"),
	OPT_TEXT('t', "text", struct settings, text, "TEXT", "print it"),
	OPT_SIZE('o', "octets", struct settings, octets, "SIZE", "write many"),
	OPT_NUMBER(0, "port", struct settings, port, "N", "a number"),
	OPT_TEXT('u', "user", struct settings, user, "NAME", "login"),
	OPT_FLAG('w', "wait", struct settings, wait, "until asked to stop"),
	{ .kind = OPT_KIND_TEXT,
	    .name = "password",
	    .at = offsetof(struct settings, password),
	    .flags = OPT_SECRET },
	OPT_MORE(tool_common_options, struct settings, common),
	OPT_DONE,
};

static void
wait_for_stop(struct tool_run *run)
{
	struct pollfd p = { .fd = tool_stop_fd(), .events = POLLIN };

	tool_print(run, "waiting\n");
	while (!tool_stopping())
		poll(&p, 1, -1);
	tool_warn(run, "stopped");
}

static void
show(struct tool_run *run, const struct settings *set)
{
	struct json *o;

	if (set->text && set->common.json) {
		o = json_new_object();
		json_put_text(o, "text", set->text);
		tool_json(run, o);
	} else if (set->text) {
		tool_print(run, "%s\n", set->text);
	}
	if (set->port)
		tool_print(run, "port %llu\n", (unsigned long long)set->port);
	if (run->color || run->progress)
		tool_print(
		    run, "color %d progress %d\n", run->color, run->progress);
	for (uint64_t i = 0; i < set->octets; i++)
		if (tool_output(run, slice_str("x")) < 0)
			break;
	if (set->wait)
		wait_for_stop(run);
}

int
main(int argc, char **argv)
{
	static const struct tool tool = { .name = "mexample",
		.synopsis = "[option ...]",
		.purpose = "Shows what all tools do.",
		.options = options,
		.settings_size = sizeof(struct settings) };
	struct settings set = { 0 };
	struct tool_run run;

	if (tool_begin(&run, &tool, argc, argv, &set) < 0)
		return tool_end(&run);
	trace_say(run.given.trace, "now %lld, password %s",
	    (long long)given_now(&run.given), set.password ? "yes" : "no");
	trace_wire(run.given.trace, TRACE_SENT, slice_str("EHLO \x1b[2J"));
	trace_wire(run.given.trace, TRACE_GOT, slice_str("250 fine"));
	show(&run, &set);
	return tool_end(&run);
}
