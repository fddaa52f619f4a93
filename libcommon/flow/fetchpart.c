/* The beginning of a large message (see fetchpart.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

#include "flow/fetchpart.h"

#define BLOCK 65536

/* "mailtoolkit-part VALIDITY UID SIZE OCTETS LF", numbers of fixed width. */
#define LINE_FMT                                                               \
	"mailtoolkit-part %010" PRIu32 " %010" PRIu32 " %020" PRIu64           \
	" %020" PRIu64 "\n"
#define LINE_LENGTH 81

void
fetchpart_init(struct fetchpart *p, const char *state_file)
{
	size_t n = strlen(state_file);

	*p = (struct fetchpart){ .fd = -1 };
	p->path = mem_new(n + sizeof(".part"));
	memcpy(p->path, state_file, n);
	memcpy(p->path + n, ".part", sizeof(".part"));
}

static void
close_part(struct fetchpart *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->at = 0;
}

void
fetchpart_free(struct fetchpart *p)
{
	close_part(p);
	mem_free(p->path);
	p->path = NULL;
}

void
fetchpart_begin(struct fetchpart *p)
{
	close_part(p);
	p->fd = open(p->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

void
fetchpart_write(struct fetchpart *p, struct slice octets)
{
	if (p->fd < 0)
		return;
	if (io_write(p->fd, octets.p, octets.n, p->path, NULL) < 0)
		fetchpart_drop(p);
	else
		p->at += octets.n;
}

void
fetchpart_drop(struct fetchpart *p)
{
	if (p->fd >= 0)
		unlink(p->path);
	close_part(p);
}

void
fetchpart_keep(struct fetchpart *p, const struct fetchpart_name *name)
{
	char line[LINE_LENGTH + 1];
	int n = snprintf(line, sizeof(line), LINE_FMT, name->validity,
	    name->uid, name->size, p->at);

	if (p->fd < 0)
		return;
	if (p->at < FETCHPART_MIN / 2 || n != LINE_LENGTH ||
	    io_sync(p->fd, p->path, NULL) < 0 ||
	    io_write(p->fd, line, LINE_LENGTH, p->path, NULL) < 0 ||
	    io_sync(p->fd, p->path, NULL) < 0)
		fetchpart_drop(p);
	close_part(p);
}

static bool
read_line(struct slice line, struct fetchpart_name *name, uint64_t *octets)
{
	uint64_t validity, uid;

	if (!slice_take_prefix(&line, "mailtoolkit-part ") ||
	    !slice_take_number(&line, UINT32_MAX, &validity) ||
	    !slice_take_prefix(&line, " ") ||
	    !slice_take_number(&line, UINT32_MAX, &uid) ||
	    !slice_take_prefix(&line, " ") ||
	    !slice_take_number(&line, INT64_MAX, &name->size) ||
	    !slice_take_prefix(&line, " ") ||
	    !slice_take_number(&line, INT64_MAX, octets) ||
	    !slice_is(line, "\n"))
		return false;
	name->validity = (uint32_t)validity;
	name->uid = (uint32_t)uid;
	return uid > 0;
}

int
fetchpart_open(struct fetchpart *p, struct fetchpart_name *name_r)
{
	char line[LINE_LENGTH];
	struct stat st;
	uint64_t octets;
	off_t at;

	close_part(p);
	p->fd = open(p->path, O_RDWR | O_CLOEXEC);
	if (p->fd < 0)
		return 0;
	at = fstat(p->fd, &st) == 0 ? st.st_size - LINE_LENGTH : -1;
	/* the line goes: should this run be cut, the file counts no more */
	if (at <= 0 || pread(p->fd, line, LINE_LENGTH, at) != LINE_LENGTH ||
	    !read_line(slice_of(line, LINE_LENGTH), name_r, &octets) ||
	    octets != (uint64_t)at || name_r->size <= octets ||
	    ftruncate(p->fd, at) < 0) {
		fetchpart_drop(p);
		return 0;
	}
	p->at = octets;
	return 1;
}

int
fetchpart_read(struct fetchpart *p,
    int (*write)(void *arg, struct slice octets, struct err *e), void *arg,
    struct err *e)
{
	char *block = mem_new(BLOCK);
	ssize_t got = 0;
	int ret = 0;

	if (lseek(p->fd, 0, SEEK_SET) < 0)
		ret = err_sys(e, ERR_IO, "cannot read '%s'", p->path);
	while (ret == 0 && (got = io_read(p->fd, block, BLOCK, p->path, e)) > 0)
		ret = write(arg, slice_of(block, (size_t)got), e);
	mem_free(block);
	return got < 0 ? -1 : ret;
}
