/* Messages as files of their own, in a Maildir or as NAME.eml: all written
 * under another name, one sync for the group, the journal, then into place
 * (see sink.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"

#include "store/maildir.h"
#include "store/sinkkind.h"

#define PLACE_ROOM (NEWFILE_PATH_MAX + SINK_FLAGS_MAX + 4)
#define SYNC_EACH  8 /* files; more are synced with the file system */

/* Folders that were changed and not synced. */
enum { TOP = 1, TMP = 2, NEW = 4, CUR = 8 };

static const struct {
	unsigned bit;
	const char *name;
} folders[] = { { TOP, "." }, { TMP, "tmp" }, { NEW, "new" }, { CUR, "cur" } };

/* Where files lie until they are whole. */
struct layout {
	const char *before, *after; /* of NAME */
	unsigned folder;
};

static const struct layout of_maildir = { "tmp/", "", TMP };
static const struct layout of_eml = { ".", ".tmp", TOP };

struct files {
	const struct layout *layout;
	int dir;
	struct newfile now; /* being written */
	const char *written[SINK_GROUP];
	const char *places[SINK_GROUP];
	unsigned changed;
};

static struct files *
own(const struct sink *s)
{
	return s->own;
}

static int
open_files(struct sink *s, const struct layout *layout, struct err *e)
{
	struct files *f = s->own = mem_new(sizeof(*f));

	f->layout = layout;
	f->dir = -1;
	newfile_init(&f->now);
	if (layout == &of_maildir ? maildir_make(s->path, e) < 0
				  : io_mkdir(s->path, 0700, e) < 0)
		return -1;
	f->dir = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dir < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot open '%s'", s->path);
	return 0;
}

static int
maildir_open(struct sink *s, struct err *e)
{
	return open_files(s, &of_maildir, e);
}

static int
eml_open(struct sink *s, struct err *e)
{
	return open_files(s, &of_eml, e);
}

/* Files of a group that was not committed go; those of one whose commit was
 * begun stay for the next run. */
static void
files_close(struct sink *s)
{
	struct files *f = own(s);

	for (size_t i = 0; i < s->messages; i++)
		unlinkat(f->dir, f->written[i], 0);
	newfile_free(&f->now);
	if (f->dir >= 0)
		close(f->dir);
	mem_free(f);
}

static int
files_begin(struct sink *s, struct err *e)
{
	struct files *f = own(s);

	if (newfile_begin(&f->now, f->dir, f->layout->before, f->layout->after,
		s->plan.given, e) < 0)
		return err_in(e, "'%s'", s->path);
	return 0;
}

static int
files_write(struct sink *s, struct slice lf, struct err *e)
{
	return newfile_write(&own(s)->now, lf, e);
}

static void
files_abort(struct sink *s)
{
	newfile_abort(&own(s)->now);
}

/* "new/NAME", "cur/NAME:2,FLAGS", "NAME.eml" */
static const char *
place_of(struct sink *s, const struct sink_note *note)
{
	const char *name = own(s)->now.name;

	if (own(s)->layout == &of_eml)
		return arena_fmt(&s->arena, "%s.eml", name);
	if (note->flags && note->flags[0])
		return arena_fmt(&s->arena, "cur/%s:2,%.*s", name,
		    SINK_FLAGS_MAX, note->flags);
	return arena_fmt(&s->arena, "new/%s", name);
}

static int
files_end(struct sink *s, const struct sink_note *note, const char **path_r,
    struct err *e)
{
	struct files *f = own(s);
	size_t i = s->messages;

	if (newfile_close(&f->now, note->date, false, e) < 0)
		return err_in(e, "'%s'", s->path);
	f->written[i] = arena_string(&s->arena, f->now.path);
	f->places[i] = place_of(s, note);
	*path_r = arena_fmt(&s->arena, "%s/%s", s->path, f->places[i]);
	return 1;
}

static int
sync_folders(struct sink *s, struct err *e)
{
	struct files *f = own(s);

	for (size_t i = 0; i < COUNT_OF(folders); i++)
		if ((f->changed & folders[i].bit) &&
		    maildir_sync(f->dir, folders[i].name, e) < 0)
			return err_in(e, "'%s'", s->path);
	f->changed = 0;
	return 0;
}

static int
sync_file(const struct files *f, const char *name, struct err *e)
{
	int fd = openat(f->dir, name, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return err_sys(e, ERR_IO, "cannot open '%s'", name);
	ret = io_sync(fd, name, e);
	close(fd);
	return ret;
}

/* All files of the group at once: the file system's own sync is one round for
 * any number of them, and waits for what else is being written there; so a
 * few files are synced one by one. */
static int
sync_group(struct sink *s, struct err *e)
{
	struct files *f = own(s);

	if (s->messages > SYNC_EACH) {
		if (syncfs(f->dir) < 0)
			return err_sys(e, ERR_IO, "cannot sync '%s'", s->path);
		return 0;
	}
	for (size_t i = 0; i < s->messages; i++)
		if (sync_file(f, f->written[i], e) < 0)
			return -1;
	f->changed |= f->layout->folder;
	return sync_folders(s, e);
}

static unsigned
folder_of(const char *place)
{
	if (strncmp(place, "new/", 4) == 0)
		return NEW;
	return strncmp(place, "cur/", 4) == 0 ? CUR : TOP;
}

static int
files_commit(struct sink *s, struct err *e)
{
	struct files *f = own(s);
	size_t n = s->messages;

	if (sync_group(s, e) < 0 || sink_next(s, f->places, e) < 0)
		return -1;
	s->messages = 0; /* from here on the next run would finish it */
	for (size_t i = 0; i < n; i++) {
		if (renameat(f->dir, f->written[i], f->dir, f->places[i]) < 0)
			return err_sys(e, ERR_IO, "cannot rename '%s/%s'",
			    s->path, f->written[i]);
		f->changed |= folder_of(f->places[i]);
	}
	return sync_folders(s, e);
}

/* NAME of a place; empty when it is none of ours. */
static struct slice
name_of(const struct files *f, const char *place)
{
	struct slice s = slice_str(place);

	if (f->layout == &of_eml) {
		if (!slice_ends_nocase(s, ".eml"))
			return slice_of("", 0);
		s.n -= 4;
	} else if (slice_take_prefix(&s, "new/") ||
		   slice_take_prefix(&s, "cur/")) {
		s = slice_take_until(&s, ':', NULL);
	} else {
		return slice_of("", 0);
	}
	if (slice_find(s, '/') != SIZE_MAX || slice_peek(s) == '.' ||
	    s.n >= NEWFILE_NAME_MAX)
		return slice_of("", 0);
	return s;
}

/* 1 when cur has the name, whatever flags it has got by now. */
static int
find_flagged(const struct files *f, struct slice name, struct err *e)
{
	int fd = openat(f->dir, "cur", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int found = 0;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return err_sys(e, ERR_IO, "cannot read 'cur' of the Maildir");
	}
	while (!found && (entry = readdir(d))) {
		struct slice s = slice_str(entry->d_name);

		found = slice_take(&s, name.n).n == name.n &&
		        memcmp(entry->d_name, name.p, name.n) == 0 &&
		        (s.n == 0 || slice_peek(s) == ':');
	}
	closedir(d);
	return found;
}

static int
files_in_place(struct sink *s, const char *place, struct err *e)
{
	struct files *f = own(s);
	struct slice name = name_of(f, place);
	char written[NEWFILE_PATH_MAX];

	if (name.n == 0 || strlen(place) >= PLACE_ROOM)
		return 0;
	snprintf(written, sizeof(written), "%s%.*s%s", f->layout->before,
	    SLICE_ARG(name), f->layout->after);
	f->changed |= folder_of(place);
	if (renameat(f->dir, written, f->dir, place) == 0)
		return 1;
	if (errno != ENOENT)
		return err_sys(e, ERR_IO, "cannot rename '%s'", written);
	if (faccessat(f->dir, place, F_OK, 0) == 0)
		return 1;
	if (f->layout == &of_eml)
		return 0;
	f->changed |= CUR;
	return find_flagged(f, name, e);
}

const struct sink_kind sink_maildir = {
	.prefix = "maildir:",
	.has_path = true,
	.group = SINK_GROUP,
	.open = maildir_open,
	.close = files_close,
	.begin = files_begin,
	.write = files_write,
	.abort = files_abort,
	.end = files_end,
	.commit = files_commit,
	.in_place = files_in_place,
	.mend_end = sync_folders,
};

const struct sink_kind sink_eml = {
	.prefix = "eml:",
	.has_path = true,
	.group = SINK_GROUP,
	.open = eml_open,
	.close = files_close,
	.begin = files_begin,
	.write = files_write,
	.abort = files_abort,
	.end = files_end,
	.commit = files_commit,
	.in_place = files_in_place,
	.mend_end = sync_folders,
};
