/* Delivery into a Maildir (see maildir.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

#include "store/maildir.h"

static int
path_of(const struct maildir_file *f, const char *part,
    char path_r[MAILDIR_PATH_MAX])
{
	return snprintf(
	    path_r, MAILDIR_PATH_MAX, "%s/%s/%s", f->dir, part, f->name);
}

void
maildir_path(const struct maildir_file *f, char path_r[MAILDIR_PATH_MAX])
{
	path_of(f, "new", path_r);
}

int
maildir_make(const char *dir, struct err *e)
{
	static const char *const parts[] = { "", "/tmp", "/new", "/cur" };
	char path[MAILDIR_PATH_MAX];

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s%s", dir,
			parts[i]) >= sizeof(path))
			return err_set(
			    e, ERR_CANTCREAT, "path too long: '%s'", dir);
		if (io_mkdir(path, 0700, e) < 0)
			return -1;
	}
	return 0;
}

/* Seconds, process and 64 random bits, so that no two deliveries meet; then
 * the host without what means something in such a name. */
static void
make_name(struct maildir_file *f, const struct given *given)
{
	unsigned char r[8];
	size_t n;

	given->random(r, sizeof(r));
	snprintf(f->name, sizeof(f->name),
	    "%lld.R%02x%02x%02x%02x%02x%02x%02x%02xP%ld.%.100s",
	    (long long)given_now(given), r[0], r[1], r[2], r[3], r[4], r[5],
	    r[6], r[7], (long)getpid(),
	    given->hostname ? given->hostname : "localhost");
	n = strlen(f->name);
	for (size_t i = 0; i < n; i++)
		if (f->name[i] == '/' || f->name[i] == ':' ||
		    ascii_is_control((unsigned char)f->name[i]))
			f->name[i] = '_';
}

int
maildir_begin(struct maildir_file *f, const char *dir,
    const struct given *given, struct err *e)
{
	char path[MAILDIR_PATH_MAX];

	*f = (struct maildir_file){ .fd = -1 };
	if ((size_t)snprintf(f->dir, sizeof(f->dir), "%s", dir) >=
	    sizeof(f->dir))
		return err_set(e, ERR_CANTCREAT, "path too long: '%s'", dir);
	make_name(f, given);
	path_of(f, "tmp", path);
	f->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (f->fd < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot create '%s'", path);
	f->block = mem_new(MAILDIR_BLOCK);
	return 0;
}

static int
flush(struct maildir_file *f, struct err *e)
{
	size_t n = f->n;

	f->n = 0;
	return io_write(f->fd, f->block, n, f->dir, e);
}

int
maildir_write(struct maildir_file *f, struct slice octets, struct err *e)
{
	struct slice part;

	while (octets.n > 0) {
		part = slice_take(&octets, MAILDIR_BLOCK - f->n);
		memcpy(f->block + f->n, part.p, part.n);
		f->n += part.n;
		if (f->n == MAILDIR_BLOCK && flush(f, e) < 0)
			return -1;
	}
	return 0;
}

void
maildir_abort(struct maildir_file *f)
{
	char path[MAILDIR_PATH_MAX];

	if (!f->block)
		return;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	path_of(f, "tmp", path);
	unlink(path);
	mem_free(f->block);
	f->block = NULL;
}

static int
publish(struct maildir_file *f, struct err *e)
{
	char from[MAILDIR_PATH_MAX], to[MAILDIR_PATH_MAX];
	char new_dir[MAILDIR_PATH_MAX];

	path_of(f, "tmp", from);
	path_of(f, "new", to);
	snprintf(new_dir, sizeof(new_dir), "%s/new", f->dir);
	if (flush(f, e) < 0 || io_sync(f->fd, from, e) < 0 ||
	    io_close(&f->fd, from, e) < 0)
		return -1;
	if (rename(from, to) < 0)
		return err_sys(e, ERR_IO, "cannot rename '%s'", from);
	if (io_sync_dir(new_dir, e) == 0)
		return 0;
	/* The caller will say it failed, so it must not be there. */
	unlink(to);
	return -1;
}

int
maildir_commit(struct maildir_file *f, struct err *e)
{
	int r = publish(f, e);

	if (r == 0) {
		mem_free(f->block);
		f->block = NULL;
	} else {
		maildir_abort(f);
	}
	return r;
}
