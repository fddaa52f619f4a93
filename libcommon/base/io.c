/* Files (see io.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

#define IO_BLOCK     65536        /* octets asked for by one read */
#define PASSED_BLOCK (256u << 10) /* octets given back together */

int
io_write(int fd, const void *p, size_t n, const char *what, struct err *e)
{
	const char *at = p;

	while (n) {
		ssize_t w = write(fd, at, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			err_sys(e, ERR_IO, "cannot write to '%s'", what);
			if (e)
				e->kind = ERR_IO;
			return -1;
		}
		at += w;
		n -= (size_t)w;
	}
	return 0;
}

/* A closed input is none at all; one that breaks off is a failure to read. */
static int
read_failed(const char *what, struct err *e)
{
	if (errno == EBADF)
		return err_set(e, ERR_NOINPUT,
		    "'%s' is closed: redirect it, or name a file", what);
	return err_sys(e, ERR_IO, "cannot read '%s'", what);
}

ssize_t
io_read(int fd, void *p, size_t n, const char *what, struct err *e)
{
	ssize_t r;

	do {
		r = read(fd, p, n);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		read_failed(what, e);
	return r;
}

int
io_slurp(int fd, struct buf *b, const char *what, struct err *e)
{
	for (;;) {
		size_t left = b->max - b->n;
		size_t ask = left < IO_BLOCK ? left : IO_BLOCK;
		char probe;
		ssize_t r;

		if (!ask) {
			r = io_read(fd, &probe, 1, what, e);
			if (r <= 0)
				return (int)r;
			return err_set(e, ERR_DATA,
			    "'%s' is larger than %zu octets", what, b->max);
		}
		r = io_read(fd, buf_room(b, ask), ask, what, e);
		if (r <= 0)
			return (int)r;
		buf_grown(b, (size_t)r);
	}
}

int
io_copy(int in, int out, const char *what, struct err *e)
{
	char *block = mem_new(IO_BLOCK);
	ssize_t got;
	int ret = 0;

	if (lseek(in, 0, SEEK_SET) < 0)
		ret = err_sys(e, ERR_IO, "cannot read a temporary file");
	while (ret == 0 &&
	       (got = io_read(in, block, IO_BLOCK, "temporary file", e)) != 0)
		ret = got < 0 ? -1 : io_write(out, block, (size_t)got, what, e);
	mem_free(block);
	return ret;
}

static int
open_input(const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_sys(e, ERR_NOINPUT, "cannot open '%s'", path);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		return err_set(e, ERR_NOINPUT, "'%s' is a directory", path);
	}
	return fd;
}

int
io_read_file(const char *path, struct buf *b, struct err *e)
{
	int fd = open_input(path, e);
	int r;

	if (fd < 0)
		return -1;
	r = io_slurp(fd, b, path, e);
	close(fd);
	return r;
}

int
io_temp(const char *dir, struct err *e)
{
	char path[PATH_MAX];
	int fd;

	snprintf(
	    path, sizeof(path), "%s/mailtoolkit.XXXXXX", dir ? dir : "/tmp");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot create '%s'", path);
	unlink(path);
	return fd;
}

static int
map_range(int fd, off_t from, off_t to, size_t max, const char *what,
    struct io_map *m, struct err *e)
{
	off_t page = sysconf(_SC_PAGESIZE);
	off_t start = from - from % page;

	memset(m, 0, sizeof(*m));
	if (to <= from)
		return 0;
	if ((uintmax_t)(to - from) > max)
		return err_set(
		    e, ERR_DATA, "'%s' is larger than %zu octets", what, max);
	m->len = (size_t)(to - start);
	m->base = mmap(NULL, m->len, PROT_READ, MAP_PRIVATE, fd, start);
	if (m->base == MAP_FAILED) {
		m->base = NULL;
		return err_sys(e, ERR_IO, "cannot map '%s'", what);
	}
	m->bytes =
	    slice_of((char *)m->base + (from - start), (size_t)(to - from));
	return 0;
}

/* Copies what is left of fd into the temporary file; its size, or -1. */
static off_t
spool(int fd, int temp, size_t max, const char *what, struct err *e)
{
	char *block = mem_new(IO_BLOCK);
	off_t size = 0;
	ssize_t r;

	while ((r = io_read(fd, block, IO_BLOCK, what, e)) > 0) {
		size += r;
		if ((uintmax_t)size > max) {
			r = err_set(e, ERR_DATA,
			    "'%s' is larger than %zu octets", what, max);
			break;
		}
		if (io_write(temp, block, (size_t)r, "temporary file", e) < 0) {
			r = -1;
			break;
		}
	}
	mem_free(block);
	return r < 0 ? -1 : size;
}

int
io_map_fd(
    int fd, size_t max, const char *what, struct io_map *m_r, struct err *e)
{
	struct stat st;
	off_t at, size;
	int temp, r;

	if (fstat(fd, &st) < 0)
		return read_failed(what, e);
	if (S_ISDIR(st.st_mode))
		return err_set(e, ERR_NOINPUT, "'%s' is a directory", what);
	at = lseek(fd, 0, SEEK_CUR);
	if (S_ISREG(st.st_mode) && at >= 0)
		return map_range(fd, at, st.st_size, max, what, m_r, e);
	temp = io_temp(NULL, e);
	if (temp < 0)
		return -1;
	size = spool(fd, temp, max, what, e);
	r = size < 0 ? -1 : map_range(temp, 0, size, max, what, m_r, e);
	close(temp);
	return r;
}

int
io_map_file(const char *path, size_t max, struct io_map *m_r, struct err *e)
{
	int fd = open_input(path, e);
	int r;

	if (fd < 0)
		return -1;
	r = io_map_fd(fd, max, path, m_r, e);
	close(fd);
	return r;
}

void
io_unmap(struct io_map *m)
{
	if (m->base)
		munmap(m->base, m->len);
	memset(m, 0, sizeof(*m));
}

void
io_map_passed(struct io_map *m, const char *p)
{
	size_t n = (size_t)(p - (const char *)m->base);

	n -= n % PASSED_BLOCK;
	if (!m->base || n <= m->passed)
		return;
	madvise((char *)m->base + m->passed, n - m->passed, MADV_DONTNEED);
	m->passed = n;
}

void
io_map_done(const struct io_map *m, struct slice s)
{
	uintptr_t from, to, base, page = (uintptr_t)sysconf(_SC_PAGESIZE);

	if (!m || !m->base || !s.n)
		return;
	base = (uintptr_t)m->base;
	from = (uintptr_t)s.p;
	to = from + s.n;
	from = from < base ? base : from;
	to = to > base + m->len ? base + m->len : to;
	from -= from % page;
	to -= to % page;
	if (from < to)
		madvise(
		    (char *)m->base + (from - base), to - from, MADV_DONTNEED);
}

int
io_sync(int fd, const char *what, struct err *e)
{
	if (fsync(fd) == 0 || errno == EINVAL || errno == EROFS)
		return 0;
	return err_sys(e, ERR_IO, "cannot sync '%s'", what);
}

int
io_sync_dir(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_sys(e, ERR_IO, "cannot open '%s'", path);
	r = io_sync(fd, path, e);
	close(fd);
	return r;
}

int
io_mkdir(const char *path, mode_t mode, struct err *e)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno == EEXIST && stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		errno = ENOTDIR;
	}
	return err_sys(e, ERR_CANTCREAT, "cannot create '%s'", path);
}

static int
sync_parent(const char *path, struct err *e)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (!slash)
		return io_sync_dir(".", e);
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path + 1), path);
	return io_sync_dir(dir, e);
}

int
io_replace(
    const char *path, const void *p, size_t n, mode_t mode, struct err *e)
{
	char temp[PATH_MAX];
	struct stat st;
	int fd;

	if ((size_t)snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >=
	    sizeof(temp))
		return err_set(
		    e, ERR_CANTCREAT, "path is too long: '%s'", path);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, ERR_CANTCREAT, "'%s' is no file", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot create '%s'", path);
	if (io_write(fd, p, n, path, e) < 0)
		goto fail;
	if (fchmod(fd, mode) < 0) {
		err_sys(e, ERR_CANTCREAT, "cannot set mode of '%s'", path);
		goto fail;
	}
	if (io_sync(fd, path, e) < 0 || io_close(&fd, path, e) < 0)
		goto fail;
	if (rename(temp, path) < 0) {
		err_sys(e, ERR_CANTCREAT, "cannot create '%s'", path);
		goto fail;
	}
	return sync_parent(path, e);
fail:
	io_close(&fd, path, NULL);
	unlink(temp);
	return -1;
}

int
io_close(int *fd, const char *what, struct err *e)
{
	int was = *fd;

	*fd = -1;
	if (was < 0 || close(was) == 0)
		return 0;
	return err_sys(e, ERR_IO, "cannot write to '%s'", what);
}
