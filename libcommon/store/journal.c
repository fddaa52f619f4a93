/* Append-only records with checksums (see journal.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

#include "store/journal.h"

#define READ_BLOCK  (256u << 10)
#define SUM_DIGITS  8
#define HEADING_MAX 80
#define LOCK_TRIES  10
#define ANEW_BLOCK  (1u << 20) /* octets of a new file that wait */

struct journal {
	int fd;
	char *path;
	int anew;         /* of the file that will take its place; -1: none */
	off_t start, end; /* of the records: behind the heading, and behind
	                   * the last whole line */
	struct buf group;
	bool misused;
	bool unsynced; /* written, not synced */
	size_t damaged;
};

/* A file of old records, while it is rewritten. */
struct sifting {
	const struct journal_sifter *sifter;
	struct journal *j;
};

/* CRC-32 (ISO-HDLC), four bits a step. */
static uint32_t
checksum(struct slice s)
{
	static const uint32_t table[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8,
		0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0,
		0x86d3d2d4, 0xa00ae278, 0xbdbdf21c };
	uint32_t sum = UINT32_MAX;

	for (size_t i = 0; i < s.n; i++) {
		sum ^= (unsigned char)s.p[i];
		sum = sum >> 4 ^ table[sum & 15];
		sum = sum >> 4 ^ table[sum & 15];
	}
	return ~sum;
}

/* line = sum SP record LF ; sum is 8 hexadecimal digits */
static bool
read_line(struct slice line, struct slice *record_r)
{
	struct slice digits = slice_take(&line, SUM_DIGITS);
	uint32_t sum = 0;

	if (digits.n < SUM_DIGITS || !slice_take_prefix(&line, " "))
		return false;
	for (size_t i = 0; i < digits.n; i++) {
		int v = ascii_hex(slice_at(digits, i));

		if (v < 0)
			return false;
		sum = sum << 4 | (uint32_t)v;
	}
	*record_r = line;
	return sum == checksum(line);
}

ptrdiff_t
journal_scan(struct slice text, const struct journal_reader *reader,
    size_t *damaged, struct err *e)
{
	struct slice rest = text, record;
	size_t at;

	while ((at = slice_find(rest, '\n')) != SIZE_MAX) {
		if (!read_line(slice_sub(rest, 0, at), &record))
			++*damaged;
		else if (reader->take(reader->arg, record, e) < 0)
			return -1;
		slice_take(&rest, at + 1);
	}
	return (ptrdiff_t)(text.n - rest.n);
}

/* Reads on from where the descriptor stands, whole lines of which start at
 * *end_r, which is moved behind them; a block of one line without an end is
 * damage. */
static int
read_records(struct journal *j, const struct journal_reader *reader,
    off_t *end_r, size_t *damaged, struct err *e)
{
	struct buf b;
	ptrdiff_t used = 0;
	ssize_t got;

	buf_init(&b, READ_BLOCK);
	for (;;) {
		char *room = buf_room(&b, READ_BLOCK - b.n);

		got = io_read(j->fd, room, READ_BLOCK - b.n, j->path, e);
		if (got <= 0)
			break;
		buf_grown(&b, (size_t)got);
		used = journal_scan(buf_view(&b), reader, damaged, e);
		if (used < 0)
			break;
		if (used == 0 && b.n == READ_BLOCK) {
			used = READ_BLOCK;
			++*damaged;
		}
		*end_r += used;
		buf_drop(&b, (size_t)used);
	}
	buf_free(&b);
	return used < 0 || got < 0 ? -1 : 0;
}

static int
sync_parent(const struct journal *j, struct err *e)
{
	const char *slash = strrchr(j->path, '/');
	size_t n = slash ? (size_t)(slash - j->path) : 1;
	char *dir = mem_string(slash ? j->path : ".");
	int ret;

	dir[n > 0 ? n : 1] = '\0';
	ret = io_sync_dir(dir, e);
	mem_free(dir);
	return ret;
}

static int
write_heading(struct journal *j, const char *heading, struct err *e)
{
	if (ftruncate(j->fd, 0) < 0 || lseek(j->fd, 0, SEEK_SET) < 0)
		return err_sys(e, ERR_IO, "cannot write '%s'", j->path);
	if (io_write(j->fd, heading, strlen(heading), j->path, e) < 0 ||
	    io_sync(j->fd, j->path, e) < 0)
		return -1;
	return sync_parent(j, e);
}

/* An empty file, or one that a cut run left with half a heading, gets one. */
static int
check_heading(struct journal *j, const char *what, struct err *e)
{
	char want[HEADING_MAX], got[HEADING_MAX];
	int n =
	    snprintf(want, sizeof(want), "mailtoolkit-journal 1 %s\n", what);
	ssize_t have = io_read(j->fd, got, (size_t)n, j->path, e);

	if (have < 0)
		return -1;
	j->start = j->end = n;
	if (memcmp(got, want, (size_t)have) != 0)
		return err_set(e, ERR_CONFIG,
		    "'%s' is not a state file of this kind and version",
		    j->path);
	return have == n ? 0 : write_heading(j, want, e);
}

/* The file of that name is still the one that we locked: a run that rotates
 * puts another in its place. */
static bool
is_the_file(const struct journal *j)
{
	struct stat ours, there;

	return fstat(j->fd, &ours) == 0 && stat(j->path, &there) == 0 &&
	       ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

static int
open_locked(struct journal *j, struct err *e)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		j->fd = open(j->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (j->fd < 0)
			return err_sys(
			    e, ERR_CANTCREAT, "cannot open '%s'", j->path);
		if (flock(j->fd, LOCK_EX | LOCK_NB) < 0)
			break;
		if (is_the_file(j))
			return 0;
		close(j->fd);
		j->fd = -1;
	}
	if (j->fd < 0 || errno == EWOULDBLOCK)
		return err_set(e, ERR_TEMP,
		    "another run is using '%s': wait for its end", j->path);
	return err_sys(e, ERR_IO, "cannot lock '%s'", j->path);
}

int
journal_open(const char *path, const char *what,
    const struct journal_reader *reader, struct journal **j_r, struct err *e)
{
	struct journal *j = mem_new(sizeof(*j));

	j->path = mem_string(path);
	j->anew = -1;
	buf_init(&j->group, JOURNAL_GROUP_MAX);
	if (open_locked(j, e) < 0 || check_heading(j, what, e) < 0 ||
	    read_records(j, reader, &j->end, &j->damaged, e) < 0)
		goto fail;
	if (ftruncate(j->fd, j->end) < 0 ||
	    lseek(j->fd, j->end, SEEK_SET) < 0) {
		err_sys(e, ERR_IO, "cannot write '%s'", path);
		goto fail;
	}
	*j_r = j;
	return 0;
fail:
	journal_free(&j);
	return -1;
}

int
journal_reread(
    struct journal *j, const struct journal_reader *reader, struct err *e)
{
	off_t end = j->start;
	size_t damaged = 0;

	if (lseek(j->fd, j->start, SEEK_SET) < 0 ||
	    read_records(j, reader, &end, &damaged, e) < 0 ||
	    lseek(j->fd, j->end, SEEK_SET) < 0)
		return err_in(e, "reading '%s' again", j->path);
	return 0;
}

size_t
journal_damaged(const struct journal *j)
{
	return j->damaged;
}

static int
write_anew(struct journal *j, struct err *e)
{
	return io_write(j->anew, j->group.p, j->group.n, j->path, e);
}

void
journal_add(struct journal *j, struct slice record)
{
	if (record.n > JOURNAL_RECORD_MAX ||
	    slice_find(record, '\n') != SIZE_MAX)
		j->misused = true;
	buf_fmt(&j->group, "%08lx ", (unsigned long)checksum(record));
	buf_slice(&j->group, record);
	buf_char(&j->group, '\n');
	if (j->anew >= 0 && j->group.n >= ANEW_BLOCK) {
		j->misused |= write_anew(j, NULL) < 0;
		buf_reset(&j->group);
	}
}

void
journal_fmt(struct journal *j, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, JOURNAL_RECORD_MAX + 1);
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	j->misused |= buf_over(&b);
	journal_add(j, buf_view(&b));
	buf_free(&b);
}

/* Back to the last whole group, as far as the file system lets us. */
static int
undo(struct journal *j)
{
	if (ftruncate(j->fd, j->end) == 0)
		lseek(j->fd, j->end, SEEK_SET);
	return -1;
}

static int
write_group(struct journal *j, bool sync, struct err *e)
{
	size_t n = j->group.n;
	int ret;

	if (j->misused || buf_over(&j->group))
		ret = err_set(e, ERR_BUG, "bad record for '%s'", j->path);
	else if (io_write(j->fd, j->group.p, n, j->path, e) < 0 ||
		 (sync && io_sync(j->fd, j->path, e) < 0))
		ret = undo(j);
	else
		ret = 0;
	if (ret == 0)
		j->end += (off_t)n;
	j->misused = false;
	j->unsynced = ret == 0 && !sync;
	buf_reset(&j->group);
	return ret;
}

int
journal_commit(struct journal *j, struct err *e)
{
	if (j->group.n > 0 || j->unsynced)
		return write_group(j, true, e);
	return 0;
}

int
journal_write(struct journal *j, struct err *e)
{
	return j->group.n > 0 ? write_group(j, false, e) : 0;
}

/* The octets from..end of our file, at the end of fd. */
static int
copy_records(
    struct journal *j, int fd, off_t from, const char *what, struct err *e)
{
	char *block = mem_new(READ_BLOCK);
	ssize_t got = 0;
	int ret = 0;

	if (lseek(j->fd, from, SEEK_SET) < 0)
		ret = err_sys(e, ERR_IO, "cannot read '%s'", j->path);
	while (ret == 0 && from < j->end) {
		got = io_read(j->fd, block,
		    size_min(READ_BLOCK, (size_t)(j->end - from)), j->path, e);
		if (got <= 0)
			break;
		from += got;
		ret = io_write(fd, block, (size_t)got, what, e);
	}
	mem_free(block);
	return got < 0 ? -1 : ret;
}

/* Behind a line that a cut run left open stands a line end: it is one damaged
 * record, whose like stands in our file. */
static int
append_old(struct journal *j, const char *old, struct err *e)
{
	int fd = open(old, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct stat st;
	int ret = -1;

	if (fd < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot open '%s'", old);
	if (fstat(fd, &st) < 0)
		err_sys(e, ERR_IO, "cannot stat '%s'", old);
	else if ((st.st_size == 0 || io_write(fd, "\n", 1, old, e) == 0) &&
		 copy_records(j, fd, j->start, old, e) == 0)
		ret = io_sync(fd, old, e);
	if (io_close(&fd, old, e) < 0)
		return -1;
	return ret;
}

/* Its name is always the same: what a cut run left is made anew. */
static void
name_anew(const struct journal *j, char name[PATH_MAX])
{
	snprintf(name, PATH_MAX, "%s.new", j->path);
}

static int
open_anew(struct journal *j, struct err *e)
{
	char name[PATH_MAX];

	if (strlen(j->path) + sizeof(".new") > sizeof(name))
		return err_set(
		    e, ERR_CANTCREAT, "path is too long: '%s'", j->path);
	name_anew(j, name);
	j->anew = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (j->anew < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot open '%s'", name);
	return 0;
}

int
journal_anew(struct journal *j, struct err *e)
{
	char heading[HEADING_MAX];

	if (pread(j->fd, heading, (size_t)j->start, 0) != j->start)
		return err_sys(e, ERR_IO, "cannot read '%s'", j->path);
	if (open_anew(j, e) < 0)
		return -1;
	return io_write(j->anew, heading, (size_t)j->start, j->path, e);
}

/* The new file in the old one's place, locked before that. */
static int
take_place(struct journal *j, struct err *e)
{
	char name[PATH_MAX];
	off_t end;

	name_anew(j, name);
	if (j->misused || buf_over(&j->group))
		return err_set(e, ERR_IO, "cannot write '%s'", name);
	if (write_anew(j, e) < 0 || io_sync(j->anew, name, e) < 0)
		return -1;
	end = lseek(j->anew, 0, SEEK_END);
	if (end < 0 || flock(j->anew, LOCK_EX | LOCK_NB) < 0)
		return err_sys(e, ERR_IO, "cannot lock '%s'", name);
	if (rename(name, j->path) < 0)
		return err_sys(e, ERR_IO, "cannot replace '%s'", j->path);
	close(j->fd);
	j->fd = j->anew;
	j->end = end;
	j->anew = -1;
	return sync_parent(j, e);
}

/* Nothing comes of it. */
static void
drop_anew(struct journal *j)
{
	char name[PATH_MAX];

	if (j->anew < 0)
		return;
	name_anew(j, name);
	unlink(name);
	close(j->anew);
	j->anew = -1;
	lseek(j->fd, j->end, SEEK_SET);
}

int
journal_rotate(struct journal *j, const char *old, struct err *e)
{
	int ret = append_old(j, old, e);

	if (ret == 0)
		ret = take_place(j, e);
	drop_anew(j);
	j->misused = false;
	buf_reset(&j->group);
	return ret;
}

int
journal_read_old(
    const char *old, const struct journal_reader *reader, struct err *e)
{
	struct journal j = { .fd = open(old, O_RDONLY | O_CLOEXEC) };
	size_t damaged = 0;
	off_t end = 0;
	int ret;

	if (j.fd < 0 && errno == ENOENT)
		return 0;
	if (j.fd < 0)
		return err_sys(e, ERR_IO, "cannot open '%s'", old);
	j.path = mem_string(old);
	ret = read_records(&j, reader, &end, &damaged, e);
	close(j.fd);
	mem_free(j.path);
	return ret;
}

static int
sift_record(void *arg, struct slice record, struct err *e)
{
	struct sifting *s = arg;

	return s->sifter->take(s->sifter->arg, record, s->j, e);
}

int
journal_sift(
    const char *old, const struct journal_sifter *sifter, struct err *e)
{
	struct journal *j = mem_new(sizeof(*j));
	struct sifting s = { sifter, j };
	struct journal_reader reader = { sift_record, &s };
	size_t damaged = 0;
	int ret = -1;

	j->path = mem_string(old);
	j->anew = -1;
	buf_init(&j->group, JOURNAL_GROUP_MAX);
	j->fd = open(old, O_RDONLY | O_CLOEXEC);
	if (j->fd < 0)
		err_sys(e, ERR_IO, "cannot open '%s'", old);
	else if (open_anew(j, e) == 0 &&
		 read_records(j, &reader, &j->end, &damaged, e) == 0)
		ret = take_place(j, e);
	journal_free(&j);
	return ret;
}

void
journal_free(struct journal **j)
{
	if (!*j)
		return;
	drop_anew(*j);
	if ((*j)->fd >= 0)
		close((*j)->fd); /* every commit was synced */
	buf_free(&(*j)->group);
	mem_free((*j)->path);
	mem_free(*j);
	*j = NULL;
}
