/* msend takes many messages, and sends them over as few connections as it is
 * told.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stddef.h>

#include "base/mem.h"

#include "store/source.h"

#include "flow/bulk.h"

#include "msend.h"

/* Smaller ones are copied, since a source lets go of a message before the
 * server has an answer; a larger one has the wire for itself. */
#define COPY_MAX (1u << 20)

#define BRIEF(k, n, field, a, h)                                               \
	{                                                                      \
		.kind = OPT_KIND_##k, .name = (n), .arg = (a), .help = (h),    \
		.at = offsetof(struct msend_bulk, field), .flags = OPT_BRIEF   \
	}

const struct opt msend_bulk_options[] = {
	OPT_HEAD("Many"),
	BRIEF(MANY, "mail", mail, "PATH",
	    "the messages in it: file, mbox, Maildir, folder"),
	BRIEF(NUMBER, "connections", connections, "N", "at one time"),
	BRIEF(NUMBER, "per-connection", per_connection, "N",
	    "messages of one connection"),
	OPT_DONE,
};

/* A message on its way. */
struct letter {
	struct bulk_job job;
	struct msend_work work;
	struct arena arena;
	uint64_t n; /* 1, 2, ... of all */
};

static void
letter_free(struct letter *l)
{
	arena_free(&l->arena);
	mem_free(l);
}

static void
on_settled(struct bulk_job *job)
{
	struct letter *l = job->arg;

	msend_show(&l->work, l->n, job->send.results);
	letter_free(l);
}

static int
read_letter(struct letter *l, const struct source_message *m, struct err *e)
{
	struct slice bytes = m->bytes;

	if (bytes.n <= COPY_MAX)
		bytes = slice_of(arena_copy(&l->arena, bytes), bytes.n);
	if (msend_read(&l->work, bytes, e) == 0 &&
	    msend_envelope(&l->work, e) == 0)
		return 0;
	if (m->kind == SOURCE_FILE || m->kind == SOURCE_DIR)
		return err_in(e, "%s", m->path);
	return err_in(
	    e, "%s, message %llu", m->path, (unsigned long long)m->in_path);
}

static void
send_letter(const struct msend_work *w, const struct source_message *m,
    struct bulk *bulk)
{
	struct letter *l = mem_new(sizeof(*l));
	struct err e;

	l->n = m->n;
	l->work = (struct msend_work){
		.run = w->run, .set = w->set, .arena = &l->arena
	};
	if (read_letter(l, m, &e) < 0) {
		tool_fail(w->run, &e);
		letter_free(l);
		return;
	}
	l->job = (struct bulk_job){ .settled = on_settled, .arg = l };
	l->job.send.mail = l->work.mail;
	l->job.send.a = &l->arena;
	l->job.send.results = arena_array(
	    &l->arena, l->work.mail.rcpts, sizeof(*l->job.send.results));
	bulk_put(bulk, &l->job);
	if (m->bytes.n > COPY_MAX)
		bulk_finish(bulk);
}

int
msend_many(struct msend_work *w, struct err *e)
{
	struct account_server servers[ACCOUNT_SERVERS_MAX];
	struct source_message m;
	struct send_plan plan;
	struct source *source;
	struct bulk *bulk;
	int r;

	if (msend_plan(w, servers, &plan, e) < 0 ||
	    bulk_new(&plan, (size_t)w->set->bulk.connections, &bulk, e) < 0)
		return -1;
	source_open(&source, w->set->bulk.mail.v, w->set->bulk.mail.n);
	while (!tool_stopping() && (r = source_next(source, &m, e)) != 0)
		if (r < 0)
			tool_fail(w->run, e);
		else
			send_letter(w, &m, bulk);
	bulk_free(&bulk);
	source_free(&source);
	return 0;
}
