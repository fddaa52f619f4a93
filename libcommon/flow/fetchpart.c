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

/* "mailtoolkit-part VALIDITY UID SIZE OCTETS DIGEST LF", of fixed width. */
#define LINE_FMT                                                               \
	"mailtoolkit-part %010" PRIu32 " %010" PRIu32 " %020" PRIu64           \
	" %020" PRIu64 " %s\n"
#define LINE_LENGTH 146

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
	p->at = p->marked = 0;
}

void
fetchpart_free(struct fetchpart *p)
{
	close_part(p);
	mem_free(p->path);
	p->path = NULL;
}

/* All that is there is sure. */
static void
mark(struct fetchpart *p, const struct digest *sum)
{
	const struct fetchpart_name *name = &p->name;
	unsigned char raw[DIGEST_MAX];
	char hex[DIGEST_HEX_MAX], line[LINE_LENGTH + 1];
	int n;

	if (!digest_peek(sum, raw))
		return;
	digest_hex(raw, DIGEST_SHA256_SIZE, hex);
	n = snprintf(line, sizeof(line), LINE_FMT, name->validity, name->uid,
	    name->size, p->at, hex);
	if (n != LINE_LENGTH || pwrite(p->fd, line, LINE_LENGTH, 0) != n)
		fetchpart_drop(p);
	else
		p->marked = p->at;
}

void
fetchpart_begin(struct fetchpart *p, const struct fetchpart_name *name)
{
	char blank[LINE_LENGTH] = "";

	close_part(p);
	p->name = *name;
	p->fd = open(p->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (p->fd >= 0 &&
	    io_write(p->fd, blank, LINE_LENGTH, p->path, NULL) < 0)
		fetchpart_drop(p);
}

void
fetchpart_write(
    struct fetchpart *p, struct slice octets, const struct digest *sum)
{
	if (p->fd < 0)
		return;
	if (io_write(p->fd, octets.p, octets.n, p->path, NULL) < 0) {
		fetchpart_drop(p);
		return;
	}
	p->at += octets.n;
	if (p->at - p->marked >= FETCHPART_STEP)
		mark(p, sum);
}

void
fetchpart_drop(struct fetchpart *p)
{
	if (p->fd >= 0)
		unlink(p->path);
	close_part(p);
}

void
fetchpart_keep(struct fetchpart *p, const struct digest *sum, uint64_t octets)
{
	if (p->fd >= 0 && p->at == octets && p->at > p->marked)
		mark(p, sum);
	if (p->fd >= 0 && p->marked < FETCHPART_MIN / 2)
		fetchpart_drop(p);
	close_part(p);
}

static bool
read_line(struct slice line, struct fetchpart *p)
{
	uint64_t validity, uid;

	if (!slice_take_prefix(&line, "mailtoolkit-part ") ||
	    !slice_take_number(&line, UINT32_MAX, &validity) ||
	    !slice_take_prefix(&line, " ") ||
	    !slice_take_number(&line, UINT32_MAX, &uid) ||
	    !slice_take_prefix(&line, " ") ||
	    !slice_take_number(&line, INT64_MAX, &p->name.size) ||
	    !slice_take_prefix(&line, " ") ||
	    !slice_take_number(&line, INT64_MAX, &p->marked) ||
	    !slice_take_prefix(&line, " ") ||
	    !slice_unhex(slice_take_until(&line, '\n', NULL), p->digest,
		DIGEST_SHA256_SIZE))
		return false;
	p->name.validity = (uint32_t)validity;
	p->name.uid = (uint32_t)uid;
	return uid > 0 && p->marked > 0 && p->marked < p->name.size;
}

int
fetchpart_open(struct fetchpart *p, struct fetchpart_name *name_r)
{
	char line[LINE_LENGTH];
	struct stat st;

	close_part(p);
	p->fd = open(p->path, O_RDWR | O_CLOEXEC);
	if (p->fd < 0)
		return 0;
	if (fstat(p->fd, &st) < 0 ||
	    pread(p->fd, line, LINE_LENGTH, 0) != LINE_LENGTH ||
	    !read_line(slice_of(line, LINE_LENGTH), p) ||
	    st.st_size - LINE_LENGTH < (off_t)p->marked ||
	    ftruncate(p->fd, LINE_LENGTH + (off_t)p->marked) < 0) {
		fetchpart_drop(p);
		return 0;
	}
	p->at = p->marked;
	*name_r = p->name;
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

	if (lseek(p->fd, LINE_LENGTH, SEEK_SET) < 0)
		ret = err_sys(e, ERR_IO, "cannot read '%s'", p->path);
	while (ret == 0 && (got = io_read(p->fd, block, BLOCK, p->path, e)) > 0)
		ret = write(arg, slice_of(block, (size_t)got), e);
	mem_free(block);
	return got < 0 ? -1 : ret;
}

bool
fetchpart_is(const struct fetchpart *p, const struct digest *sum)
{
	unsigned char raw[DIGEST_MAX];

	return digest_peek(sum, raw) &&
	       memcmp(raw, p->digest, DIGEST_SHA256_SIZE) == 0;
}
