/* Unit tests of base/io.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#include "tap.h"

#define PATH_LEN 200

static char dir[] = "/tmp/test-io.XXXXXX";

static const char *
in_dir(const char *name, char path[PATH_LEN])
{
	snprintf(path, PATH_LEN, "%s/%s", dir, name);
	return path;
}

static void
test_replace(void)
{
	char path[PATH_LEN];
	struct stat st;
	struct buf b;
	struct err e;

	buf_init(&b, 100);
	in_dir("file", path);
	is_int(io_replace(path, "one", 3, 0600, &e), 0, "made");
	is_int(io_read_file(path, &b, &e), 0, "read");
	is_str(buf_str(&b), "one", "content");
	ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600, "mode");
	is_int(io_replace(path, "two", 3, 0644, &e), 0, "replaced");
	buf_reset(&b);
	io_read_file(path, &b, &e);
	is_str(buf_str(&b), "two", "new content");
	ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0644, "new mode");
	is_int(io_replace(in_dir("no/file", path), "x", 1, 0600, &e), -1,
	    "no such directory");
	is_int(e.kind, ERR_CANTCREAT, "cannot be created");
	ok(strstr(e.text, path), "names it: %s", e.text);
	ok(symlink("/dev/null", in_dir("device", path)) == 0, "a device");
	is_int(io_replace(path, "x", 1, 0600, &e), -1, "is not replaced");
	is_int(e.kind, ERR_CANTCREAT, "but refused: %s", e.text);
	ok(lstat(path, &st) == 0 && S_ISLNK(st.st_mode), "and still there");
	unlink(path);
	buf_free(&b);
}

static void
test_read(void)
{
	char path[PATH_LEN];
	struct buf b;
	struct err e;

	buf_init(&b, 3);
	in_dir("three", path);
	io_replace(path, "abc", 3, 0600, &e);
	is_int(io_read_file(path, &b, &e), 0, "as much as may be");
	buf_reset(&b);
	io_replace(path, "abcd", 4, 0600, &e);
	is_int(io_read_file(path, &b, &e), -1, "more");
	is_int(e.kind, ERR_DATA, "is bad data");
	is_int(io_read_file(in_dir("none", path), &b, &e), -1, "none");
	is_int(e.kind, ERR_NOINPUT, "is no input");
	is_int(io_read_file(dir, &b, &e), -1, "a directory");
	is_int(e.kind, ERR_NOINPUT, "is no input");
	ok(strstr(e.text, "is a directory"), "says so");
	is_int(io_read_file("/dev/null", &b, &e), 0, "an empty device");
	buf_free(&b);
}

static void
test_write(void)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct err e;

	is_int(io_write(fd, "x", 1, "it", &e), -1, "a full disk");
	is_int(e.kind, ERR_IO, "is an I/O error");
	is_str(e.text, "cannot write to 'it': No space left on device", "said");
	is_int(io_write(fd, "x", 0, "it", &e), 0, "nothing always fits");
	is_int(io_close(&fd, "it", &e), 0, "close");
	is_int(fd, -1, "forgets");
	is_int(io_close(&fd, "it", &e), 0, "closed already");
	fd = 1000;
	is_int(io_close(&fd, "it", &e), -1, "a bad one");
	is_int(e.kind, ERR_IO, "is an I/O error");
}

/* The same bytes whether mapped from a file or spooled from a pipe. */
static void
test_map(void)
{
	char path[PATH_LEN];
	struct io_map m;
	struct err e;
	int ends[2], fd;

	in_dir("map", path);
	io_replace(path, "abcdef", 6, 0600, &e);
	is_int(io_map_file(path, 6, &m, &e), 0, "a file");
	is_slice(m.bytes, "abcdef", "its bytes");
	io_unmap(&m);
	is_slice(m.bytes, "", "unmapped");
	is_int(io_map_file(path, 5, &m, &e), -1, "too large");
	is_int(e.kind, ERR_DATA, "is bad data");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	lseek(fd, 2, SEEK_SET);
	is_int(io_map_fd(fd, 4, "it", &m, &e), 0, "from where it stands");
	is_slice(m.bytes, "cdef", "the rest");
	io_unmap(&m);
	lseek(fd, 100, SEEK_SET);
	is_int(io_map_fd(fd, 4, "it", &m, &e), 0, "behind its end");
	is_slice(m.bytes, "", "is empty");
	io_unmap(&m);
	close(fd);
	is_int(io_map_fd(-1, 4, "it", &m, &e), -1, "a closed input");
	is_int(e.kind, ERR_NOINPUT, "is none");
	if (pipe(ends) < 0)
		return;
	is_int(io_write(ends[1], "piped", 5, "it", &e), 0, "into a pipe");
	close(ends[1]);
	is_int(io_map_fd(ends[0], 5, "it", &m, &e), 0, "a pipe");
	is_slice(m.bytes, "piped", "its bytes");
	io_unmap(&m);
	close(ends[0]);
	is_int(io_map_file(dir, 5, &m, &e), -1, "a directory");
	is_int(e.kind, ERR_NOINPUT, "is no input");
}

static void
test_dirs(void)
{
	char path[PATH_LEN];
	struct stat st;
	struct err e;
	int fd;

	is_int(io_mkdir(in_dir("sub", path), 0700, &e), 0, "made");
	is_int(io_mkdir(path, 0700, &e), 0, "is there");
	is_int(io_sync_dir(path, &e), 0, "synced");
	is_int(io_mkdir(in_dir("file", path), 0700, &e), -1, "a file there");
	is_int(e.kind, ERR_CANTCREAT, "cannot be created");
	is_int(io_sync_dir(in_dir("none", path), &e), -1, "none to sync");
	fd = io_temp(dir, &e);
	ok(fd >= 0 && fstat(fd, &st) == 0 && st.st_nlink == 0,
	    "a temporary file has no name");
	io_close(&fd, "it", &e);
	is_int(io_temp(in_dir("none", path), &e), -1, "nowhere");
	is_int(e.kind, ERR_CANTCREAT, "cannot be created");
}

int
main(void)
{
	static const char *const made[] = { "file", "three", "map", "sub" };
	char path[PATH_LEN];

	if (!ok(mkdtemp(dir) != NULL, "a directory"))
		return tap_done();
	test_replace();
	test_read();
	test_write();
	test_map();
	test_dirs();
	for (size_t i = 0; i < COUNT_OF(made); i++)
		remove(in_dir(made[i], path));
	ok(rmdir(dir) == 0, "nothing else was left");
	return tap_done();
}
