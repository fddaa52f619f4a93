/* The file of an mbox: its locks and its end (see mbox.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#include "store/mbox.h"

#define RETRY_MS 100

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

/* A file with the number of this process. Nobody else makes one of that name:
 * whoever does has the lock of the mbox itself. */
static int
make_lock(const char *name, const struct trace *t)
{
	char pid[16];
	int n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	int fd;

	unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return -1;
	if (write(fd, pid, (size_t)n) < n)
		trace_say(t, "'%s' stays empty", name);
	close(fd);
	return 0;
}

/* The lock that other programs see: the file beside it. 1, or 0 when another
 * has it. It is there with its content or not at all: an empty one would say
 * of no process that it is no more. */
static int
dotlock(struct mbox_file *f, const struct trace *t, struct err *e)
{
	char name[MBOX_PATH_MAX], new[MBOX_PATH_MAX];
	int ret;

	if ((size_t)snprintf(new, sizeof(new), "%s.lock.new", f->path) >=
	    sizeof(new))
		return err_set(e, ERR_USAGE, "path is too long: '%s'", f->path);
	snprintf(name, sizeof(name), "%s.lock", f->path);
	if (is_left_behind(name))
		unlink(name);
	if (make_lock(new, t) < 0)
		return access(name, F_OK) == 0 ? 0 : 1;
	ret = link(new, name);
	f->dotlocked = ret == 0;
	ret = ret < 0 && errno == EEXIST ? 0 : 1;
	unlink(new);
	return ret;
}

void
mbox_unlock(struct mbox_file *f)
{
	char name[MBOX_PATH_MAX];

	if (f->dotlocked) {
		snprintf(name, sizeof(name), "%s.lock", f->path);
		unlink(name);
	}
	f->dotlocked = false;
	if (f->fd >= 0)
		close(f->fd); /* what was written was synced */
	f->fd = -1;
}

int
mbox_lock(struct mbox_file *f, const char *path, int64_t wait,
    const struct trace *t, struct err *e)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int64_t deadline = clock_deadline(wait);
	int got = 0;

	*f = (struct mbox_file){ .path = path };
	f->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (f->fd < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot open '%s'", path);
	while (fcntl(f->fd, F_SETLK, &whole) < 0 ||
	       (got = dotlock(f, t, e)) == 0) {
		if (clock_left(deadline) == 0) {
			mbox_unlock(f);
			return err_set(e, ERR_TEMP,
			    "'%s' stays locked: another program writes it, or "
			    "'%s.lock' was left behind",
			    path, path);
		}
		poll(NULL, 0, RETRY_MS);
	}
	if (got < 0)
		mbox_unlock(f);
	return got < 0 ? -1 : 0;
}

int
mbox_size(const struct mbox_file *f, uint64_t *size_r, struct err *e)
{
	struct stat st;

	if (fstat(f->fd, &st) < 0)
		return err_sys(e, ERR_IO, "cannot stat '%s'", f->path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_CANTCREAT, "'%s' is not a file", f->path);
	*size_r = (uint64_t)st.st_size;
	return 0;
}

int
mbox_check(const struct mbox_file *f, struct err *e)
{
	static const char from[] = "From ";
	char start[sizeof(from) - 1];
	ssize_t n = pread(f->fd, start, sizeof(start), 0);

	if (n < 0)
		return err_sys(e, ERR_IO, "cannot read '%s'", f->path);
	if (memcmp(start, from, (size_t)n) == 0)
		return 0;
	return err_set(e, ERR_CANTCREAT,
	    "'%s' is there and is no mbox: nothing is added to it", f->path);
}

uint64_t
mbox_gap(const struct mbox_file *f, uint64_t size)
{
	char last = '\n';

	if (size == 0 || pread(f->fd, &last, 1, (off_t)size - 1) != 1)
		return 0;
	return last != '\n';
}

int
mbox_cut(const struct mbox_file *f, uint64_t size, struct err *e)
{
	if (ftruncate(f->fd, (off_t)size) < 0)
		return err_sys(e, ERR_IO, "cannot mend '%s'", f->path);
	return io_sync(f->fd, f->path, e);
}

int
mbox_append(const struct mbox_file *f, uint64_t size, int in, struct err *e)
{
	bool gap = mbox_gap(f, size) > 0;

	if (lseek(f->fd, (off_t)size, SEEK_SET) < 0)
		return err_sys(e, ERR_IO, "cannot append to '%s'", f->path);
	if ((gap && io_write(f->fd, "\n", 1, f->path, e) < 0) ||
	    io_copy(in, f->fd, f->path, e) < 0 ||
	    io_sync(f->fd, f->path, e) < 0) {
		mbox_cut(f, size, NULL);
		return -1;
	}
	return 0;
}
