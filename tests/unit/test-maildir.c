/* Unit tests of store/maildir.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#include "store/maildir.h"

#include "tap.h"

static int64_t
now(const struct given *g)
{
	(void)g;
	return 1795478400;
}

/* A different octet each time. */
static void
count_up(void *p, size_t n)
{
	static unsigned char next;

	memset(p, next++, n);
}

static const struct given given = {
	.now = now, .random = count_up, .hostname = "a/b:c"
};

static int
files_in(const char *dir, const char *part)
{
	char path[500];
	struct dirent *d;
	DIR *open;
	int n = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, part);
	open = opendir(path);
	if (!open)
		return -1;
	while ((d = readdir(open)))
		n += d->d_name[0] != '.';
	closedir(open);
	return n;
}

static void
remove_all(const char *dir)
{
	char cmd[600];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		abort();
}

int
main(void)
{
	char top[] = "/tmp/test-maildir-XXXXXX", dir[100];
	char path[MAILDIR_PATH_MAX];
	struct maildir_file a, b;
	struct stat st;
	struct buf text;
	struct err e;

	if (!mkdtemp(top))
		abort();
	snprintf(dir, sizeof(dir), "%s/m", top);
	is_int(maildir_begin(&a, dir, &given, &e), -1, "no Maildir");
	is_int(e.kind, ERR_CANTCREAT, "cannot create");
	maildir_abort(&a);
	is_int(maildir_make(dir, &e), 0, "made");
	is_int(maildir_make(dir, &e), 0, "being there is fine");

	is_int(maildir_begin(&a, dir, &given, &e), 0, "one message");
	is_int(maildir_begin(&b, dir, &given, &e), 0, "another meanwhile");
	is_int(maildir_write(&a, slice_str("first\n"), &e), 0, "written");
	for (int i = 0; i < 20000; i++)
		if (maildir_write(&b, slice_str("0123456789"), &e) < 0)
			abort();
	is_int(files_in(dir, "new"), 0, "nothing in new yet");
	is_int(files_in(dir, "tmp"), 2, "but in tmp");
	is_int(maildir_commit(&a, &e), 0, "committed");
	maildir_path(&a, path);
	ok(strstr(path, "/m/new/1795478400.R") != NULL, "%s", path);
	ok(strstr(path, ".a\\057b\\072c") != NULL,
	    "the host's name is made safe");
	buf_init(&text, 100);
	is_int(io_read_file(path, &text, &e), 0, "is there");
	is_str(buf_str(&text), "first\n", "whole");
	buf_free(&text);
	is_int(stat(path, &st), 0, "its mode");
	is_int(st.st_mode & 0777, 0600, "is for the owner alone");
	maildir_abort(&a);
	is_int(files_in(dir, "new"), 1, "aborting after committing is nothing");
	is_int(maildir_commit(&b, &e), 0, "the large one");
	maildir_path(&b, path);
	is_int(stat(path, &st), 0, "is there");
	is_int(st.st_size, 200000, "whole");

	is_int(maildir_begin(&a, dir, &given, &e), 0, "a third");
	maildir_abort(&a);
	is_int(files_in(dir, "tmp"), 0, "leaves nothing when aborted");
	is_int(files_in(dir, "new"), 2, "two were delivered");
	remove_all(top);
	return tap_done();
}
