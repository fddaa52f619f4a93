/* msend leaves out recipients that a list of msuppress has.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msend.h"

int
msend_suppress_open(struct msend_work *w, struct err *e)
{
	const char *path = w->set->bulk.suppress;

	if (!path)
		return 0;
	if (suppress_open(&w->suppress, path, NULL, e) == 0)
		return 0;
	return err_in(e, "--suppress");
}

bool
msend_is_suppressed(struct msend_work *w, uint64_t n, struct slice rcpt)
{
	struct suppress_entry entry;

	if (!w->suppress || !suppress_blocks(w->suppress, rcpt,
				given_now(&w->run->given), &entry))
		return false;
	w->suppressed++;
	msend_show_suppressed(w, n, rcpt, entry.reason);
	return true;
}

void
msend_suppress(struct msend_work *w, uint64_t n)
{
	struct smtp_mail *mail = &w->mail;
	struct slice *open;
	size_t left = 0;

	if (!w->suppress)
		return;
	open = arena_array(w->arena, mail->rcpts, sizeof(*open));
	for (size_t i = 0; i < mail->rcpts; i++)
		if (!msend_is_suppressed(w, n, mail->rcpt[i]))
			open[left++] = mail->rcpt[i];
	mail->rcpt = open;
	mail->rcpts = left;
}

void
msend_all_suppressed(struct msend_work *w)
{
	tool_warn(w->run,
	    "nothing is sent: no recipient is left that is not suppressed");
}
