/* Delivery into a Maildir (see maildir.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"

#include "store/maildir.h"

void
maildir_path(const struct maildir_file *f, char path_r[MAILDIR_PATH_MAX])
{
	snprintf(path_r, MAILDIR_PATH_MAX, "%s/new/%s", f->dir_name, f->name);
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

int
maildir_sync(int dir, const char *folder, struct err *e)
{
	int fd = openat(dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return err_sys(e, ERR_IO, "cannot open '%s'", folder);
	ret = io_sync(fd, folder, e);
	close(fd);
	return ret;
}

int
maildir_begin(struct maildir_file *f, const char *dir,
    const struct given *given, struct err *e)
{
	f->open = false;
	newfile_init(&f->file);
	if ((size_t)snprintf(f->dir_name, sizeof(f->dir_name), "%s", dir) >=
	    sizeof(f->dir_name))
		return err_set(e, ERR_CANTCREAT, "path too long: '%s'", dir);
	f->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dir < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot open '%s'", dir);
	f->open = true;
	if (newfile_begin(&f->file, f->dir, "tmp/", "", given, e) < 0) {
		maildir_abort(f);
		return err_in(e, "'%s'", dir);
	}
	memcpy(f->name, f->file.name, sizeof(f->name));
	return 0;
}

int
maildir_write(struct maildir_file *f, struct slice octets, struct err *e)
{
	return newfile_write(&f->file, octets, e);
}

static void
end(struct maildir_file *f)
{
	newfile_free(&f->file);
	close(f->dir);
	f->open = false;
}

void
maildir_abort(struct maildir_file *f)
{
	if (!f->open)
		return;
	newfile_abort(&f->file);
	end(f);
}

static int
publish(struct maildir_file *f, struct err *e)
{
	char to[NEWFILE_PATH_MAX];

	snprintf(to, sizeof(to), "new/%s", f->name);
	if (newfile_close(&f->file, 0, true, e) < 0)
		return -1;
	if (renameat(f->dir, f->file.path, f->dir, to) < 0)
		return err_sys(e, ERR_IO, "cannot rename '%s'", f->file.path);
	if (maildir_sync(f->dir, "new", e) == 0)
		return 0;
	/* The caller will say it failed, so it must not be there. */
	unlinkat(f->dir, to, 0);
	return -1;
}

int
maildir_commit(struct maildir_file *f, struct err *e)
{
	if (publish(f, e) < 0) {
		maildir_abort(f);
		return err_in(e, "'%s'", f->dir_name);
	}
	end(f);
	return 0;
}
