/* Servers asked each for itself.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "net/dnseach.h"

/* What one server said. */
static void
keep(struct dnsask_question *got, struct dns_question *q, struct arena *a)
{
	struct slice message = buf_view(&got->message);
	bool open;

	q->answer =
	    (struct dns_answer){ .status = got->status, .name = q->name };
	message.p = arena_copy(a, message);
	if (got->status == DNS_OK)
		dnswire_answer(
		    message, &got->name, q->type, a, &q->answer, &open);
	q->answer.marks |= got->marks;
	dnsask_clear(got);
}

int
dnseach_ask(const struct dnsask_plan *plan, struct dns_question *q, size_t n,
    struct arena *a, struct err *e)
{
	size_t total = plan->count * n;
	struct dnsask_question *all = mem_array(total, sizeof(*all));
	struct dnsask *ask = dnsask_new(plan);
	int ret;

	for (size_t i = 0; i < total; i++) {
		dnsname_read(q[i].name, &all[i].name);
		all[i].type = q[i].type;
		all[i].only = i / n + 1;
		all[i].status = DNS_TIMEOUT;
	}
	ret = dnsask_all(ask, all, total, e);
	for (size_t i = 0; i < total; i++)
		keep(&all[i], &q[i], a);
	dnsask_free(&ask);
	mem_free(all);
	return ret;
}
