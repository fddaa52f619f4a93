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
#define COPY_MAX ((size_t)4 << 20) /* octets of a message that is copied */

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

/* The copy outlives the source's view of the message. */
static struct filter_item *
item_new(const struct source_message *m, bool copy)
{
	struct filter_item *i = mem_new(sizeof(*i));

	i->bytes = m->bytes;
	i->map = copy ? NULL : m->map;
	i->from_ = m->from_;
	i->path = m->path;
	i->n = m->in_path;
	buf_init(&i->made, MADE_MAX);
	if (copy) {
		i->bytes.p = arena_copy(&i->arena, m->bytes);
		i->from_.p = arena_copy(&i->arena, m->from_);
		i->path = arena_string(&i->arena, m->path);
	}
	return i;
}

/* While several workers are busy the source goes on, so that messages are
 * copied; for a large one it waits. */
static void
feed(struct filter *f, struct pool *p, struct source *s, bool busy)
{
	while (!tool_stopping()) {
		struct source_message m;
		bool copy;
		struct err e;
		int r = source_next(s, &m, &e);

		if (r == 0)
			break;
		if (r < 0) {
			tool_fail(f->run, &e);
			continue;
		}
		f->several = f->several || m.kind != SOURCE_FILE;
		copy = busy && m.bytes.n <= COPY_MAX;
		pool_put(p, item_new(&m, copy));
		if (busy && !copy)
			pool_finish(p);
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

/* Written in pieces, and given back to the file they come from. */
static int
put(void *to, int (*write)(void *to, struct slice s), struct slice s,
    const struct io_map *map)
{
	while (s.n) {
		struct slice piece = slice_take(&s, IO_STRIDE);

		if (write(to, piece) < 0)
			return -1;
		io_map_done(map, piece);
	}
	return 0;
}

static int
put_raw(void *to, struct slice s)
{
	return tool_output(to, s);
}

static int
put_mbox(void *to, struct slice s)
{
	return mbox_write(to, s, NULL);
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
		put(f->run, put_raw, tail, i->map);
		return;
	}
	if (from.n == 0) {
		mbox_from(0, made);
		from = slice_str(made);
	}
	if (mbox_begin(&w, from, NULL) == 0 &&
	    mbox_write(&w, head, NULL) == 0 &&
	    put(&w, put_mbox, tail, i->map) == 0)
		mbox_end(&w, NULL);
}
