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
	struct send *s;

	if (msend_plan(w, &plan, e) < 0)
		return -1;
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
