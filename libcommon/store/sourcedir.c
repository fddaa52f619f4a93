/* The message files of a directory (see sourcedir.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/source.h"
#include "store/sourcedir.h"

static bool
is_number(struct slice name)
{
	slice_take_while(&name, ascii_is_digit);
	return !name.n;
}

/* Any file of a Maildir; elsewhere 123 and name.eml. */
static bool
is_message(struct slice name, bool maildir)
{
	if (!name.n || name.p[0] == '.')
		return false;
	return maildir || is_number(name) || slice_ends_nocase(name, ".eml");
}

static int
add_files(struct sourcedir *d, const char *dir, bool maildir, struct err *e)
{
	struct dirent *entry;
	DIR *open = opendir(dir);

	if (!open)
		return err_sys(e, ERR_NOINPUT, "cannot open '%s'", dir);
	while ((entry = readdir(open))) {
		struct sourcedir_file *f;

		if (!is_message(slice_str(entry->d_name), maildir))
			continue;
		if (d->count == SOURCE_FILES_MAX) {
			closedir(open);
			return err_set(e, ERR_DATA, "'%s' has over %d files",
			    dir, SOURCE_FILES_MAX);
		}
		d->files = arena_grow(&d->arena, d->files, d->count,
		    d->count + 1, sizeof(*f), &d->cap);
		f = &d->files[d->count++];
		f->path = arena_fmt(&d->arena, "%s/%s", dir, entry->d_name);
		f->name = f->path + strlen(dir) + 1;
	}
	closedir(open);
	return 0;
}

/* By number where both start with one, then by name: 2 before 10, and a
 * Maildir by its seconds. */
static int
by_name(const void *va, const void *vb)
{
	const struct sourcedir_file *a = va, *b = vb;
	struct slice sa = slice_str(a->name), sb = slice_str(b->name);
	uint64_t na, nb;

	if (slice_take_number(&sa, UINT64_MAX, &na) &&
	    slice_take_number(&sb, UINT64_MAX, &nb) && na != nb)
		return na < nb ? -1 : 1;
	return strcmp(a->name, b->name);
}

static bool
has_folder(const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	return (size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) <
	           sizeof(path) &&
	       stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
sourcedir_is_maildir(const char *dir)
{
	return has_folder(dir, "cur") && has_folder(dir, "new");
}

int
sourcedir_open(
    struct sourcedir *d, const char *dir, bool maildir, struct err *e)
{
	*d = (struct sourcedir){ 0 };
	if (maildir) {
		const char *new = arena_fmt(&d->arena, "%s/new", dir);
		const char *cur = arena_fmt(&d->arena, "%s/cur", dir);

		if (add_files(d, new, true, e) < 0 ||
		    add_files(d, cur, true, e) < 0)
			return -1;
	} else if (add_files(d, dir, false, e) < 0) {
		return -1;
	} else if (!d->count) {
		return err_set(e, ERR_NOINPUT,
		    "'%s' is no Maildir, and has no .eml or MH files", dir);
	}
	if (d->count)
		qsort(d->files, d->count, sizeof(*d->files), by_name);
	return 0;
}

const char *
sourcedir_next(struct sourcedir *d, const char **flags_r)
{
	const struct sourcedir_file *f;
	const char *info;

	if (d->at == d->count)
		return NULL;
	f = &d->files[d->at++];
	info = strstr(f->name, ":2,");
	*flags_r = info ? info + 3 : "";
	return f->path;
}

void
sourcedir_free(struct sourcedir *d)
{
	arena_free(&d->arena);
	*d = (struct sourcedir){ 0 };
}
