/* msend finds the server and sends.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msend.h"

static int
wait_for_turn(struct pace *pace, struct err *e)
{
	int64_t wait;

	if (msend_pace_take(pace, &wait, e) < 0)
		return -1;
	if (wait > 0)
		msend_pace_wait(wait);
	if (wait > 0 && tool_stopping())
		return err_set(e, ERR_TEMP, "stopped before anything was sent");
	return 0;
}

/* A transaction for each recipient; the first one has had its turn. */
static void
send_apart(struct msend_work *w, struct send *s, struct pace *pace,
    struct send_result *results)
{
	struct err e;

	for (size_t i = 0; i < w->mail.rcpts; i++) {
		struct smtp_mail mail = w->mail;

		mail.from = w->verp[i];
		mail.rcpt = &w->mail.rcpt[i];
		mail.rcpts = 1;
		if (i > 0 && tool_stopping())
			err_set(&e, ERR_TEMP, "stopped before it was sent");
		else if (i == 0 || wait_for_turn(pace, &e) == 0) {
			send_message(s, &mail, &results[i], w->arena);
			continue;
		}
		smtp_results_of(
		    &results[i].smtp, 1, SMTP_AT_CONNECT, &e, w->arena);
	}
}

int
msend_try(struct msend_work *w, struct send_result **results_r, struct err *e)
{
	struct send_result *results;
	struct send_plan plan;
	struct pace pace;
	struct send *s;

	if (msend_plan(w, &plan, e) < 0 || msend_pace_open(w, &pace, e) < 0)
		return -1;
	if (wait_for_turn(&pace, e) < 0) {
		pace_close(&pace);
		return -1;
	}
	results = arena_array(w->arena, w->mail.rcpts, sizeof(*results));
	s = send_new(&plan);
	if (w->verp)
		send_apart(w, s, &pace, results);
	else
		send_message(s, &w->mail, results, w->arena);
	pace_close(&pace);
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
