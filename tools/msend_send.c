/* msend finds the server and sends.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msend.h"

int
msend_try(struct msend_work *w, struct send_result **results_r, struct err *e)
{
	struct send_result *results;
	struct send_plan plan;
	struct pace pace;
	struct send *s;
	int64_t wait;
	int r;

	if (msend_plan(w, &plan, e) < 0 || msend_pace_open(w, &pace, e) < 0)
		return -1;
	r = msend_pace_take(&pace, &wait, e);
	pace_close(&pace);
	if (r < 0)
		return -1;
	if (wait > 0)
		msend_pace_wait(wait);
	if (wait > 0 && tool_stopping())
		return err_set(e, ERR_TEMP, "stopped before anything was sent");
	results = arena_array(w->arena, w->mail.rcpts, sizeof(*results));
	s = send_new(&plan);
	send_message(s, &w->mail, results, w->arena);
	msend_log(w, results);
	send_free(&s);
	*results_r = results;
	return 0;
}

int
msend_send(struct msend_work *w, struct err *e)
{
	struct send_result *results;

	if (msend_try(w, &results, e) < 0)
		return -1;
	msend_show(w, 1, results);
	return 0;
}
