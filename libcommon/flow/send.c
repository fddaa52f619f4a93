/* Sends messages: over one connection, or to each domain's servers (see
 * send.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "flow/send.h"
#include "flow/sendmx.h"
#include "flow/sendrow.h"

/* One of them. */
struct send {
	struct sendrow *row;
	struct sendmx *mx;
};

struct send *
send_new(const struct send_plan *plan)
{
	struct send *s = mem_new(sizeof(*s));

	if (plan->mx)
		s->mx = sendmx_new(plan);
	else
		s->row = sendrow_new(plan);
	return s;
}

void
send_free(struct send **sp)
{
	struct send *s = *sp;

	if (!s)
		return;
	sendmx_free(&s->mx);
	sendrow_free(&s->row);
	mem_free(s);
	*sp = NULL;
}

void
send_put(struct send *s, struct send_job *job)
{
	if (s->mx)
		sendmx_put(s->mx, job);
	else
		sendrow_put(s->row, job);
}

void
send_finish(struct send *s)
{
	if (s->mx)
		sendmx_finish(s->mx);
	else
		sendrow_finish(s->row);
}

static void
one_settled(struct send_job *job)
{
	(void)job;
}

void
send_message(struct send *s, const struct smtp_mail *mail,
    struct send_result *results, struct arena *a)
{
	struct send_job job = { .mail = *mail,
		.results = results,
		.a = a,
		.settled = one_settled };

	send_put(s, &job);
	send_finish(s);
}
