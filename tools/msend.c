/* msend: composes a message, or takes one, and sends it over SMTP or LMTP.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msend_front.h"

/* GnuTLS starts when it is needed, not with the process (crypt/ready.h). */
int _gnutls_global_init_skip(void);

int
_gnutls_global_init_skip(void)
{
	return 1;
}

static int
print_piece(void *to, struct slice s, struct err *e)
{
	if (tool_output(to, s) == 0)
		return 0;
	return err_set(e, ERR_IO, "cannot write the message");
}

static int
print_message(struct msend_work *w, struct err *e)
{
	struct writer out = { print_piece, w->run };

	/* Whoever reads it reads lines. */
	if (w->mail.binary &&
	    w->mail.to_7bit(w->mail.arg, true, &w->mail.size, e) < 0)
		return -1;
	return w->mail.content(w->mail.arg, &out, e);
}

static int
send_it(struct msend_work *w, struct err *e)
{
	if (msend_envelope(w, e) < 0)
		return -1;
	msend_suppress(w, 1);
	if (w->mail.rcpts > 0)
		return msend_verp_all(w, e) < 0 || msend_batv(w, e) < 0
		           ? -1
		           : msend_send(w, e);
	msend_all_suppressed(w);
	return 0;
}

static int
one(struct msend_work *w, struct err *e)
{
	int r = msend_composes(w->set) ? msend_compose(w, e) : msend_take(w, e);

	if (r < 0)
		return -1;
	return w->set->print ? print_message(w, e) : send_it(w, e);
}

static int
many(struct msend_work *w, struct err *e)
{
	if (msend_composes(w->set) || w->set->print)
		return err_set(e, ERR_USAGE,
		    "--mail sends messages that are there already: nothing is "
		    "composed or printed with it");
	return msend_many(w, e);
}

static int
work(struct msend_work *w, struct err *e)
{
	int r = msend_dry_check(w, e);

	if (r == 0)
		r = msend_route_check(w, e);
	if (r == 0)
		r = msend_wish(w, e);
	if (r == 0)
		r = msend_suppress_open(w, e);
	if (r == 0)
		r = msend_verp_open(w, e);
	if (r == 0)
		r = msend_transcript_open(w, e);
	if (r == 0)
		r = w->set->configure     ? msend_configure(w, e)
		    : w->set->server_info ? msend_info(w, e)
		    : w->set->local.smtp  ? msend_smtp(w, e)
		    : w->set->bulk.mail.n ? many(w, e)
		                          : one(w, e);
	msend_plan_free(w);
	msend_transcript_close(w);
	suppress_close(&w->suppress);
	tagkeys_wipe(&w->keys);
	compose_free(&w->compose);
	io_unmap(&w->map);
	return r;
}

/* What would be done, as a command line. */
static void
pretend(struct tool_run *run, int argc, char **argv)
{
	tool_print(run, "msend");
	for (int i = 1; i < argc; i++)
		tool_print(run, " \\\n    '%s'", argv[i]);
	tool_print(run, "\n");
}

static int
check(const void *settings, struct err *e)
{
	const struct msend_settings *set = settings;

	if (set->route.mx && set->route.server.n > 0)
		return err_set(e, ERR_USAGE,
		    "--mx and --server contradict each other: --mx finds each "
		    "recipient's servers by itself");
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct tool tool = { .name = "msend",
		.synopsis = "[option ...] [recipient ...]",
		.purpose = "composes a message, or takes one from standard "
			   "input, and sends it",
		.options = msend_options,
		.settings_size = sizeof(struct msend_settings),
		.check = check };
	struct msend_settings set = { 0 };
	struct tool_run run;
	struct msend_work w = { .run = &run, .set = &set, .arena = &run.arena };
	struct arena before = { 0 };
	struct err e;
	char *alone[] = { argv[0], NULL };
	int front;

	front = msend_front(&set, &argc, &argv, &before, &e);
	if (tool_begin(
		&run, &tool, front ? 1 : argc, front ? alone : argv, &set) < 0)
		goto out;
	if (front < 0)
		tool_fail(&run, &e);
	if (set.local.queue)
		msend_local_queue(&run);
	if (set.local.pretend && front == 0)
		pretend(&run, argc, argv);
	if (front || set.local.pretend)
		goto out;
	if (work(&w, &e) < 0)
		tool_fail(&run, &e);
out:
	arena_wipe(&before);
	return tool_end(&run);
}
