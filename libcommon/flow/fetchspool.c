/* Fetching as mboxrd, into a file or onto standard output. Messages wait in
 * an unlinked temporary file until their group is whole, so that a message cut
 * short never gets out (see fetchbox.h).
 *
 * An mbox group is appended between two records of the journal; its place is
 * "OFFSET+LENGTH". A file that is shorter by the next run is cut back to the
 * offset, and the group is fetched again.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"

#include "text/date.h"

#include "flow/fetchboxkind.h"

#define BUFFERED    (64u << 10)
#define RETRY_MS    100
#define PATH_ROOM   4096
#define FROM_LENGTH 44 /* of a "From " line */

struct spool {
	int tmp; /* unlinked */
	struct buf out;
	uint64_t size;  /* octets of the group, out included */
	uint64_t begun; /* where the message at hand starts */
	const char *facts[FETCHBOX_GROUP + 1];

	/* At a line start: ">" and octets of "From " that wait. */
	bool at_start;
	uint64_t held_gt;
	size_t held_from;
	int last; /* octet written */

	int fd; /* mbox, locked; or standard output */
	bool dotlocked;
};

static struct spool *
own(const struct fetchbox *b)
{
	return b->own;
}

static int
open_spool(struct fetchbox *b, struct err *e)
{
	struct spool *s = b->own = mem_new(sizeof(*s));

	buf_init(&s->out, 2 * BUFFERED);
	s->fd = -1;
	s->tmp = io_temp(NULL, e);
	return s->tmp < 0 ? -1 : 0;
}

static void
close_spool(struct fetchbox *b)
{
	struct spool *s = own(b);

	if (s->tmp >= 0)
		close(s->tmp);
	buf_free(&s->out);
	mem_free(s);
}

static int
flush(struct spool *s, struct err *e)
{
	int ret =
	    io_write(s->tmp, buf_str(&s->out), s->out.n, "temporary file", e);

	buf_reset(&s->out);
	return ret;
}

static int
put(struct spool *s, struct slice t, struct err *e)
{
	if (t.n == 0)
		return 0;
	s->size += t.n;
	s->last = (unsigned char)t.p[t.n - 1];
	if (s->out.n + t.n > BUFFERED && flush(s, e) < 0)
		return -1;
	if (t.n > BUFFERED)
		return io_write(s->tmp, t.p, t.n, "temporary file", e);
	buf_slice(&s->out, t);
	return 0;
}

/* What waited at the line start goes out, quoted or not. */
static int
release(struct spool *s, bool quoted, struct err *e)
{
	struct slice from = slice_of("From ", s->held_from);

	s->at_start = false;
	if (quoted && put(s, slice_str(">"), e) < 0)
		return -1;
	for (; s->held_gt > 0; s->held_gt--)
		if (put(s, slice_str(">"), e) < 0)
			return -1;
	s->held_from = 0;
	return put(s, from, e);
}

/* mboxrd: a line of any number of ">" and "From " gets one more ">". */
static int
spool_write(struct fetchbox *b, struct slice lf, struct err *e)
{
	struct spool *s = own(b);

	while (lf.n > 0) {
		int c = slice_peek(lf);

		if (!s->at_start) {
			size_t end = slice_find(lf, '\n');
			size_t n = end == SIZE_MAX ? lf.n : end + 1;

			if (put(s, slice_take(&lf, n), e) < 0)
				return -1;
			s->at_start = end != SIZE_MAX;
		} else if (s->held_from == 0 && c == '>') {
			s->held_gt++;
			slice_get(&lf);
		} else if (c == "From "[s->held_from]) {
			slice_get(&lf);
			if (++s->held_from == 5 && release(s, true, e) < 0)
				return -1;
		} else if (release(s, false, e) < 0) {
			return -1;
		}
	}
	return 0;
}

/* "From " sender SP asctime(): always FROM_LENGTH octets. */
static void
make_from(int64_t date, char line[FROM_LENGTH + 1])
{
	char t[DATE_TEXT_MAX]; /* "Tue, 24 Nov 2026 00:09:32 +0000" */

	date_make(date, 0, t);
	snprintf(line, FROM_LENGTH + 1,
	    "From MAILER-DAEMON %.3s %.3s %c%c %.8s %.4s\n", t, t + 8,
	    t[5] == '0' ? ' ' : t[5], t[6], t + 17, t + 12);
}

static int
spool_begin(struct fetchbox *b, struct err *e)
{
	struct spool *s = own(b);
	char line[FROM_LENGTH + 1];

	s->begun = s->size;
	s->at_start = true;
	s->held_gt = s->held_from = 0;
	make_from(given_now(b->given), line);
	return put(s, slice_of(line, FROM_LENGTH), e);
}

/* The date of arrival is known at the end only: written over the other. */
static int
put_date(struct spool *s, int64_t date, struct err *e)
{
	char line[FROM_LENGTH + 1];

	make_from(date, line);
	if (pwrite(s->tmp, line, FROM_LENGTH, (off_t)s->begun) != FROM_LENGTH)
		return err_sys(e, ERR_IO, "cannot write a temporary file");
	return 0;
}

static void
spool_abort(struct fetchbox *b)
{
	struct spool *s = own(b);

	flush(s, NULL);
	s->size = s->begun;
	if (ftruncate(s->tmp, (off_t)s->size) == 0)
		lseek(s->tmp, (off_t)s->size, SEEK_SET);
}

static int
spool_end(struct fetchbox *b, const struct fetchbox_note *note,
    const char **path_r, struct err *e)
{
	struct spool *s = own(b);

	if (release(s, false, e) < 0 ||
	    (s->last != '\n' && put(s, slice_str("\n"), e) < 0) ||
	    put(s, slice_str("\n"), e) < 0 || flush(s, e) < 0)
		return -1;
	if (note->date > 0 && put_date(s, note->date, e) < 0)
		return -1;
	s->facts[b->messages] = arena_string(&b->arena, note->fact);
	*path_r = b->path[0] ? b->path : NULL;
	return 0;
}

/* The group, from the temporary file to fd. */
static int
copy_group(struct spool *s, int fd, const char *what, struct err *e)
{
	char *block = mem_new(BUFFERED);
	ssize_t got;
	int ret = 0;

	if (lseek(s->tmp, 0, SEEK_SET) < 0)
		ret = err_sys(e, ERR_IO, "cannot read a temporary file");
	while (ret == 0 && (got = io_read(s->tmp, block, BUFFERED,
				"temporary file", e)) != 0)
		ret = got < 0 ? -1 : io_write(fd, block, (size_t)got, what, e);
	mem_free(block);
	return ret;
}

static int
empty_group(struct spool *s, struct err *e)
{
	s->size = 0;
	if (ftruncate(s->tmp, 0) < 0 || lseek(s->tmp, 0, SEEK_SET) < 0)
		return err_sys(e, ERR_IO, "cannot empty a temporary file");
	return 0;
}

/* A pipe has no sync; a file has. */
static int
stdout_commit(struct fetchbox *b, struct err *e)
{
	struct spool *s = own(b);

	if (copy_group(s, s->fd, "standard output", e) < 0)
		return -1;
	if (fsync(s->fd) < 0 && errno != EINVAL && errno != EROFS &&
	    errno != ENOTSUP)
		return err_sys(e, ERR_IO, "cannot sync standard output");
	for (size_t i = 0; i < b->messages; i++)
		fetchstate_add(b->state, s->facts[i]);
	if (fetchstate_commit(b->state, e) < 0)
		return -1;
	return empty_group(s, e);
}

/* What was on its way to a reader cannot be asked for: it comes again. */
static int
nowhere(void *arg, const char *where, struct err *e)
{
	(void)arg;
	(void)where;
	(void)e;
	return 0;
}

static int
stdout_open(struct fetchbox *b, struct err *e)
{
	struct fetchstate_judge judge = { nowhere, NULL };

	if (open_spool(b, e) < 0)
		return -1;
	own(b)->fd = STDOUT_FILENO;
	return fetchstate_settle(b->state, &judge, e);
}

/* A lock file holds the number of its process, as liblockfile's does: one of a
 * process that is no more was left behind by a run that was cut. */
static bool
is_left_behind(const char *name)
{
	struct slice s;
	uint64_t pid;
	struct buf b;
	bool dead;

	buf_init(&b, 64);
	dead = io_read_file(name, &b, NULL) == 0;
	s = slice_trim(buf_view(&b));
	dead = dead && slice_number(s, INT32_MAX, &pid) && pid > 0 &&
	       kill((pid_t)pid, 0) < 0 && errno == ESRCH;
	buf_free(&b);
	return dead;
}

/* The lock that other programs see: the file beside it. A directory that
 * takes none goes without. 1, or 0 when another has it. */
static int
dotlock(const struct fetchbox *b, struct err *e)
{
	char name[PATH_ROOM], pid[16];
	int fd, n;

	if ((size_t)snprintf(name, sizeof(name), "%s.lock", b->path) >=
	    sizeof(name))
		return err_set(e, ERR_USAGE, "path is too long");
	if (is_left_behind(name))
		unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return errno == EEXIST ? 0 : 1;
	own(b)->dotlocked = true;
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (write(fd, pid, (size_t)n) < n)
		trace_say(b->given->trace, "'%s' stays empty", name);
	close(fd);
	return 1;
}

static void
unlock(struct fetchbox *b)
{
	struct spool *s = own(b);
	char name[PATH_ROOM];

	snprintf(name, sizeof(name), "%s.lock", b->path);
	if (s->dotlocked)
		unlink(name);
	s->dotlocked = false;
	if (s->fd >= 0)
		close(s->fd); /* what was written was synced */
	s->fd = -1;
}

static int
lock(struct fetchbox *b, struct err *e)
{
	struct spool *s = own(b);
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int64_t deadline = clock_deadline(FETCHBOX_LOCK_MS);
	int got = 0;

	s->fd = open(b->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot open '%s'", b->path);
	while (
	    fcntl(s->fd, F_SETLK, &whole) < 0 || (got = dotlock(b, e)) == 0) {
		if (clock_left(deadline) == 0) {
			unlock(b);
			return err_set(e, ERR_TEMP,
			    "'%s' stays locked: another program writes it, or "
			    "'%s.lock' was left behind",
			    b->path, b->path);
		}
		poll(NULL, 0, RETRY_MS);
	}
	return got < 0 ? -1 : 0;
}

static int
mbox_size(struct fetchbox *b, uint64_t *size_r, struct err *e)
{
	struct stat st;

	if (fstat(own(b)->fd, &st) < 0)
		return err_sys(e, ERR_IO, "cannot stat '%s'", b->path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_CANTCREAT, "'%s' is not a file", b->path);
	*size_r = (uint64_t)st.st_size;
	return 0;
}

static int
mbox_in_place(void *arg, const char *where, struct err *e)
{
	struct fetchbox *b = arg;
	struct slice s = slice_str(where);
	uint64_t at, length, size;

	if (!slice_take_number(&s, INT64_MAX, &at) ||
	    !slice_take_prefix(&s, "+") || !slice_number(s, INT64_MAX, &length))
		return 0;
	if (mbox_size(b, &size, e) < 0)
		return -1;
	if (size >= at + length)
		return 1;
	if (size > at && (ftruncate(own(b)->fd, (off_t)at) < 0 ||
			     io_sync(own(b)->fd, b->path, e) < 0))
		return err_sys(e, ERR_IO, "cannot mend '%s'", b->path);
	return 0;
}

static int
mbox_open(struct fetchbox *b, struct err *e)
{
	struct fetchstate_judge judge = { mbox_in_place, b };
	uint64_t size;
	int ret;

	if (open_spool(b, e) < 0 || lock(b, e) < 0)
		return -1;
	ret = mbox_size(b, &size, e);
	if (ret == 0)
		ret = fetchstate_settle(b->state, &judge, e);
	unlock(b);
	return ret;
}

/* A file whose last line was left open gets its end first. */
static bool
is_open_ended(int fd, uint64_t size)
{
	char last = '\n';

	return size > 0 && pread(fd, &last, 1, (off_t)size - 1) == 1 &&
	       last != '\n';
}

/* Should this fail too, the next run does it. */
static void
cut_back(int fd, uint64_t size)
{
	if (ftruncate(fd, (off_t)size) == 0)
		fsync(fd);
}

static int
append(struct fetchbox *b, uint64_t at, struct err *e)
{
	struct spool *s = own(b);
	bool mend = is_open_ended(s->fd, at);
	char where[64];

	snprintf(where, sizeof(where), "%" PRIu64 "+%" PRIu64, at,
	    s->size + (mend ? 1 : 0));
	fetchstate_done(b->state); /* of the group before */
	for (size_t i = 0; i < b->messages; i++)
		fetchstate_next(b->state, where, s->facts[i]);
	if (fetchstate_commit(b->state, e) < 0)
		return -1;
	if (lseek(s->fd, (off_t)at, SEEK_SET) < 0)
		return err_sys(e, ERR_IO, "cannot append to '%s'", b->path);
	if ((mend && io_write(s->fd, "\n", 1, b->path, e) < 0) ||
	    copy_group(s, s->fd, b->path, e) < 0 ||
	    io_sync(s->fd, b->path, e) < 0) {
		cut_back(s->fd, at);
		return -1;
	}
	return empty_group(s, e);
}

static int
mbox_commit(struct fetchbox *b, struct err *e)
{
	uint64_t at;
	int ret;

	if (lock(b, e) < 0)
		return -1;
	ret = mbox_size(b, &at, e);
	if (ret == 0)
		ret = append(b, at, e);
	unlock(b);
	return ret;
}

const struct fetchbox_kind fetchbox_mbox = {
	.prefix = "mbox:",
	.open = mbox_open,
	.close = close_spool,
	.begin = spool_begin,
	.write = spool_write,
	.abort = spool_abort,
	.end = spool_end,
	.commit = mbox_commit,
};

const struct fetchbox_kind fetchbox_stdout = {
	.prefix = "-",
	.open = stdout_open,
	.close = close_spool,
	.begin = spool_begin,
	.write = spool_write,
	.abort = spool_abort,
	.end = spool_end,
	.commit = stdout_commit,
};
