/* Messages in, worked on, out in order (see filter.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"
#include "base/pool.h"

#include "msg/header.h"

#include "store/mbox.h"

#include "filter.h"

#define MADE_MAX ((size_t)1 << 40) /* octets a worker may make */

static void
work(void *job, void *arg)
{
	struct filter_item *i = job;
	struct filter *f = arg;

	if (header_refuse_binary(i->bytes, &i->e) < 0)
		i->bad = true;
	else
		f->work(i, f->arg);
}

static void
done(void *job, void *arg)
{
	struct filter_item *i = job;
	struct filter *f = arg;

	if (i->bad) {
		if (f->several)
			err_in(&i->e, "%s, message %llu", i->path,
			    (unsigned long long)i->n);
		else
			err_in(&i->e, "%s", i->path);
		tool_fail(f->run, &i->e);
	} else {
		f->done(i, f->arg);
	}
	buf_free(&i->made);
	arena_free(&i->arena);
	mem_free(i);
}

/* With several workers the message must outlive the source's view of it. */
static struct filter_item *
item_new(const struct source_message *m, bool keep)
{
	struct filter_item *i = mem_new(sizeof(*i));

	i->bytes = m->bytes;
	i->from_ = m->from_;
	i->path = m->path;
	i->n = m->in_path;
	buf_init(&i->made, MADE_MAX);
	if (keep) {
		i->bytes.p = arena_copy(&i->arena, m->bytes);
		i->from_.p = arena_copy(&i->arena, m->from_);
		i->path = arena_string(&i->arena, m->path);
	}
	return i;
}

static void
feed(struct filter *f, struct pool *p, struct source *s, bool keep)
{
	while (!tool_stopping()) {
		struct source_message m;
		struct err e;
		int r = source_next(s, &m, &e);

		if (r == 0)
			break;
		if (r < 0) {
			tool_fail(f->run, &e);
			continue;
		}
		f->several = f->several || m.kind != SOURCE_FILE;
		pool_put(p, item_new(&m, keep));
	}
}

void
filter_run(struct filter *f)
{
	struct pool_plan plan = { .jobs = (size_t)f->run->common->jobs,
		.work = work,
		.done = done,
		.arg = f };
	struct source *s;
	struct pool *p;
	struct err e;

	if (!plan.jobs)
		plan.jobs = 1;
	f->several = f->run->rest.n > 1;
	source_open(&s, f->run->rest.v, f->run->rest.n);
	if (pool_new(&p, &plan, &e) < 0) {
		tool_fail(f->run, &e);
	} else {
		feed(f, p, s, plan.jobs > 1);
		pool_free(&p);
	}
	source_free(&s);
}

static int
output(void *to, struct slice s, struct err *e)
{
	struct filter *f = to;

	(void)e; /* it was said */
	return tool_output(f->run, s);
}

void
filter_put(struct filter *f, const struct filter_item *i, struct slice head,
    struct slice tail)
{
	struct mbox_writer w = { .to = { output, f } };
	char made[MBOX_FROM_LENGTH + 1];
	struct slice from = i->from_;

	if (!f->several) {
		tool_output(f->run, head);
		tool_output(f->run, tail);
		return;
	}
	if (from.n == 0) {
		mbox_from(0, made);
		from = slice_str(made);
	}
	if (mbox_begin(&w, from, NULL) == 0 &&
	    mbox_write(&w, head, NULL) == 0 && mbox_write(&w, tail, NULL) == 0)
		mbox_end(&w, NULL);
}
