/* Messages that wait in an unlinked temporary file until their group is whole,
 * so that one cut short never gets out: for an mbox, standard output and
 * commands (see sink.h).
 *
 * An mbox group is appended after the journal's word; its place is
 * "OFFSET+LENGTH". A file that is shorter by the next run is cut back to the
 * offset, and the group comes again.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/command.h"
#include "base/io.h"
#include "base/mem.h"

#include "store/mbox.h"
#include "store/sinkkind.h"

#define BUFFERED (64u << 10)
#define TEMP     "temporary file"

struct spool {
	int tmp; /* unlinked */
	struct buf out;
	uint64_t size;  /* octets of the group, out included */
	uint64_t begun; /* where the message at hand starts */
	struct mbox_writer mbox;
	struct mbox_file file; /* mbox: while it is locked */
};

static struct spool *
own(const struct sink *s)
{
	return s->own;
}

static int
flush(struct spool *p, struct err *e)
{
	int ret = io_write(p->tmp, buf_str(&p->out), p->out.n, TEMP, e);

	buf_reset(&p->out);
	return ret;
}

static int
put(void *to, struct slice t, struct err *e)
{
	struct spool *p = to;

	p->size += t.n;
	if (p->out.n + t.n > BUFFERED && flush(p, e) < 0)
		return -1;
	if (t.n > BUFFERED)
		return io_write(p->tmp, t.p, t.n, TEMP, e);
	buf_slice(&p->out, t);
	return 0;
}

static int
spool_open(struct sink *s, struct err *e)
{
	struct spool *p = s->own = mem_new(sizeof(*p));

	buf_init(&p->out, BUFFERED);
	p->file.fd = -1;
	p->mbox.to = (struct writer){ put, p };
	p->tmp = io_temp(NULL, e);
	return p->tmp < 0 ? -1 : 0;
}

static void
spool_close(struct sink *s)
{
	struct spool *p = own(s);

	mbox_unlock(&p->file);
	if (p->tmp >= 0)
		close(p->tmp);
	buf_free(&p->out);
	mem_free(p);
}

/* Without a "From " line and quotes. */
static bool
is_raw(const struct sink *s)
{
	return s->plan.raw || s->kind == &sink_command ||
	       s->kind == &sink_forward;
}

/* As mboxrd, unless it is to stay raw. The date of arrival is known at the
 * end only, and then written over this one. */
static int
spool_begin(struct sink *s, struct err *e)
{
	struct spool *p = own(s);
	char line[MBOX_FROM_LENGTH + 1];

	p->begun = p->size;
	if (is_raw(s))
		return 0;
	mbox_from(given_now(s->plan.given), line);
	return mbox_begin(&p->mbox, slice_str(line), e);
}

static int
spool_write(struct sink *s, struct slice lf, struct err *e)
{
	struct spool *p = own(s);

	if (is_raw(s))
		return put(p, lf, e);
	return mbox_write(&p->mbox, lf, e);
}

/* Back to size octets. */
static int
cut(struct spool *p, uint64_t size, struct err *e)
{
	buf_reset(&p->out);
	p->size = size;
	if (ftruncate(p->tmp, (off_t)size) < 0 ||
	    lseek(p->tmp, (off_t)size, SEEK_SET) < 0)
		return err_sys(e, ERR_IO, "cannot empty a temporary file");
	return 0;
}

static void
spool_abort(struct sink *s)
{
	flush(own(s), NULL); /* what stood before it */
	cut(own(s), own(s)->begun, NULL);
}

/* The line of its arrival, which is as long as the one made before. */
static int
put_from(struct spool *p, const struct sink_note *note, struct err *e)
{
	char line[MBOX_FROM_LENGTH + 1];
	struct slice from = note->from_;

	if (from.n != MBOX_FROM_LENGTH) {
		if (note->date <= 0)
			return 0;
		mbox_from(note->date, line);
		from = slice_str(line);
	}
	if (pwrite(p->tmp, from.p, from.n, (off_t)p->begun) != (ssize_t)from.n)
		return err_sys(e, ERR_IO, "cannot write a temporary file");
	return 0;
}

static int
spool_end(struct sink *s, const struct sink_note *note, const char **path_r,
    struct err *e)
{
	struct spool *p = own(s);

	if (s->plan.raw)
		return 1;
	if (mbox_end(&p->mbox, e) < 0 || flush(p, e) < 0 ||
	    put_from(p, note, e) < 0)
		return -1;
	*path_r = s->kind == &sink_mbox ? s->path : NULL;
	return 1;
}

/* A pipe has no sync; a file has. */
static int
stdout_commit(struct sink *s, struct err *e)
{
	struct spool *p = own(s);

	if (flush(p, e) < 0 ||
	    io_copy(p->tmp, STDOUT_FILENO, "standard output", e) < 0)
		return -1;
	if (fsync(STDOUT_FILENO) < 0 && errno != EINVAL && errno != EROFS &&
	    errno != ENOTSUP)
		return err_sys(e, ERR_IO, "cannot sync standard output");
	return sink_gone(s, e) < 0 ? -1 : cut(p, 0, e);
}

static int
mbox_open(struct sink *s, struct err *e)
{
	struct spool *p;
	uint64_t size;
	int ret;

	if (spool_open(s, e) < 0)
		return -1;
	p = own(s);
	if (mbox_lock(
		&p->file, s->path, SINK_LOCK_MS, s->plan.given->trace, e) < 0)
		return -1;
	ret = mbox_size(&p->file, &size, e);
	mbox_unlock(&p->file);
	return ret;
}

static int
mbox_commit_locked(struct sink *s, struct err *e)
{
	struct spool *p = own(s);
	const char **places, *where;
	uint64_t at;

	if (mbox_check(&p->file, e) < 0 || mbox_size(&p->file, &at, e) < 0)
		return -1;
	places = arena_array(&s->arena, s->messages, sizeof(*places));
	where = arena_fmt(&s->arena, "%" PRIu64 "+%" PRIu64, at,
	    p->size + mbox_gap(&p->file, at));
	for (size_t i = 0; i < s->messages; i++)
		places[i] = where;
	if (sink_next(s, places, e) < 0 ||
	    mbox_append(&p->file, at, p->tmp, e) < 0)
		return -1;
	return cut(p, 0, e);
}

static int
mbox_commit(struct sink *s, struct err *e)
{
	struct spool *p = own(s);
	int ret;

	if (mbox_lock(
		&p->file, s->path, SINK_LOCK_MS, s->plan.given->trace, e) < 0)
		return -1;
	ret = mbox_commit_locked(s, e);
	mbox_unlock(&p->file);
	return ret;
}

static int
mbox_mend_begin(struct sink *s, struct err *e)
{
	return mbox_lock(
	    &own(s)->file, s->path, SINK_LOCK_MS, s->plan.given->trace, e);
}

static int
mbox_in_place(struct sink *s, const char *place, struct err *e)
{
	const struct mbox_file *f = &own(s)->file;
	struct slice t = slice_str(place);
	uint64_t at, length, size;

	if (!slice_take_number(&t, INT64_MAX, &at) ||
	    !slice_take_prefix(&t, "+") || !slice_number(t, INT64_MAX, &length))
		return 0;
	if (mbox_size(f, &size, e) < 0)
		return -1;
	if (size >= at + length)
		return 1;
	return size > at ? mbox_cut(f, at, e) : 0;
}

static int
mbox_mend_end(struct sink *s, struct err *e)
{
	struct spool *p = own(s);
	int ret = io_sync(p->file.fd, s->path, e);

	mbox_unlock(&p->file);
	return ret;
}

/* What the status of a command means (sysexits). */
static int
judge(const char *text, int status, struct err *e)
{
	if (status == COMMAND_DONE)
		return 1;
	if (status >= COMMAND_NOT_RUN)
		return err_set(e, ERR_CONFIG, "cannot run '%s'", text);
	if (status < 0)
		err_set(e, ERR_TEMP, "'%s' was killed", text);
	else if (status >= ERR_USAGE && status <= ERR_CONFIG)
		err_set(e, (enum err_kind)status,
		    "'%s' did not take the message: status %d", text, status);
	else
		err_set(e, ERR_UNAVAILABLE,
		    "'%s' did not take the message: status %d", text, status);
	return 0;
}

static int
command_end(struct sink *s, const struct sink_note *note, const char **path_r,
    struct err *e)
{
	struct spool *p = own(s);
	struct command c = { .text = s->path,
		.in = p->tmp,
		.out = s->plan.command_out,
		.environ = s->plan.environ,
		.limit = SINK_COMMAND_MS,
		.break_off = -1 };
	int status;

	(void)note;
	(void)path_r;
	if (flush(p, e) < 0)
		return -1;
	if (lseek(p->tmp, 0, SEEK_SET) < 0)
		return err_sys(e, ERR_IO, "cannot read a temporary file");
	if (command_run(&c, &status, e) < 0 || cut(p, 0, e) < 0)
		return -1;
	return judge(s->path, status, e);
}

const struct sink_kind sink_mbox = {
	.prefix = "mbox:",
	.has_path = true,
	.group = SINK_GROUP,
	.open = mbox_open,
	.close = spool_close,
	.begin = spool_begin,
	.write = spool_write,
	.abort = spool_abort,
	.end = spool_end,
	.commit = mbox_commit,
	.mend_begin = mbox_mend_begin,
	.in_place = mbox_in_place,
	.mend_end = mbox_mend_end,
};

const struct sink_kind sink_stdout = {
	.prefix = "-",
	.group = SINK_GROUP,
	.open = spool_open,
	.close = spool_close,
	.begin = spool_begin,
	.write = spool_write,
	.abort = spool_abort,
	.end = spool_end,
	.commit = stdout_commit,
};

/* One at a time: what it took cannot be asked back. */
static int
forward_end(struct sink *s, const struct sink_note *note, const char **path_r,
    struct err *e)
{
	struct spool *p = own(s);
	struct err why;
	int got;

	(void)note;
	(void)path_r;
	if (flush(p, e) < 0)
		return -1;
	got = s->plan.forward(s->plan.forward_arg, p->tmp, &why);
	if (got <= 0)
		*e = why;
	if (cut(p, 0, &why) < 0) {
		*e = why;
		return -1;
	}
	return got;
}

const struct sink_kind sink_forward = {
	.prefix = "",
	.group = 1,
	.open = spool_open,
	.close = spool_close,
	.begin = spool_begin,
	.write = spool_write,
	.abort = spool_abort,
	.end = forward_end,
	.commit = sink_gone,
};

const struct sink_kind sink_command = {
	.prefix = "exec:",
	.group = 1,
	.open = spool_open,
	.close = spool_close,
	.begin = spool_begin,
	.write = spool_write,
	.abort = spool_abort,
	.end = command_end,
	.commit = sink_gone,
};
