/* Files on their way into a folder (see newfile.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#include "store/newfile.h"

#define TRY_NAMES 100
#define HOST_ROOM 100

/* What cannot stand in such a name, as \057 and \072 (maildir(5)). */
static void
add_host(struct buf *b, const char *host)
{
	size_t end = b->n + HOST_ROOM;

	for (; *host && b->n + 4 <= end; host++) {
		int c = (unsigned char)*host;

		if (c == '/' || c == ':' || c == ' ' || c == '\\' ||
		    ascii_is_control(c))
			buf_fmt(b, "\\%03o", (unsigned)c);
		else
			buf_char(b, c);
	}
}

static void
make_name(struct newfile *f, const struct given *given)
{
	uint64_t noise;
	struct buf b;

	given->random(&noise, sizeof(noise));
	buf_init(&b, NEWFILE_NAME_MAX - 1);
	buf_fmt(&b, "%" PRId64 ".R%016" PRIx64 "P%ld.", given_now(given), noise,
	    (long)getpid());
	add_host(&b, given->hostname ? given->hostname : "localhost");
	snprintf(f->name, sizeof(f->name), "%s", buf_str(&b));
	buf_free(&b);
}

void
newfile_init(struct newfile *f)
{
	*f = (struct newfile){ .dir = -1, .fd = -1 };
	buf_init(&f->out, NEWFILE_BLOCK);
}

void
newfile_free(struct newfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	buf_free(&f->out);
	newfile_init(f);
}

int
newfile_begin(struct newfile *f, int dir, const char *before, const char *after,
    const struct given *given, struct err *e)
{
	f->dir = dir;
	buf_reset(&f->out);
	for (int i = 0; i < TRY_NAMES; i++) {
		make_name(f, given);
		snprintf(
		    f->path, sizeof(f->path), "%s%s%s", before, f->name, after);
		f->fd = openat(dir, f->path,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (f->fd >= 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	err_sys(e, ERR_CANTCREAT, "cannot create '%s'", f->path);
	f->path[0] = '\0';
	return -1;
}

static int
flush(struct newfile *f, struct err *e)
{
	int ret = io_write(f->fd, buf_str(&f->out), f->out.n, f->path, e);

	buf_reset(&f->out);
	return ret;
}

int
newfile_write(struct newfile *f, struct slice octets, struct err *e)
{
	while (octets.n > 0) {
		if (f->out.n == NEWFILE_BLOCK && flush(f, e) < 0)
			return -1;
		buf_slice(
		    &f->out, slice_take(&octets, NEWFILE_BLOCK - f->out.n));
	}
	return 0;
}

int
newfile_close(struct newfile *f, int64_t date, bool sync, struct err *e)
{
	struct timespec when[2] = { { 0, UTIME_OMIT }, { date, 0 } };

	if (flush(f, e) < 0)
		return -1;
	if (date > 0)
		futimens(f->fd, when); /* only for people who look */
	if (sync && io_sync(f->fd, f->path, e) < 0)
		return -1;
	return io_close(&f->fd, f->path, e);
}

void
newfile_abort(struct newfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	if (f->path[0])
		unlinkat(f->dir, f->path, 0);
	f->path[0] = '\0';
}
