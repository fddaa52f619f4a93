/* Unit tests of store/mbox: quoting, whatever the pieces, and the locks.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"

#include "store/mbox.h"

#include "tap.h"

static const struct {
	const char *name, *in, *want;
} rows[] = {
	{ "plain", "a\nb\n", "F\na\nb\n\n" },
	{ "an open last line is ended", "a", "F\na\n\n" },
	{ "nothing", "", "F\n\n" },
	{ "From at the start", "From x\n", "F\n>From x\n\n" },
	{ "From at a line start", "a\nFrom x\n", "F\na\n>From x\n\n" },
	{ "quoted ones get one more", ">From\n>From \n>>From x\n",
	    "F\n>From\n>>From \n>>>From x\n\n" },
	{ "only the whole word", "From\nFromage\n Fr\nFrom",
	    "F\nFrom\nFromage\n Fr\nFrom\n\n" },
	{ "cut at the end", ">>Fro", "F\n>>Fro\n\n" },
	{ "> after F", "F>\n>F\n>\n>", "F\nF>\n>F\n>\n>\n\n" },
	{ "empty lines", "\n\n\nFrom \n", "F\n\n\n\n>From \n\n" },
};

static void
test_quoting(void)
{
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t piece = 1; piece < 12; piece += 5) {
			struct mbox_writer w = { .to = writer_to_buf(&b) };
			struct slice in = slice_str(rows[i].in);

			buf_reset(&b);
			mbox_begin(&w, slice_str("F"), NULL);
			while (in.n > 0)
				mbox_write(&w, slice_take(&in, piece), NULL);
			mbox_end(&w, NULL);
			is_str(buf_str(&b), rows[i].want, "%s, pieces of %zu",
			    rows[i].name, piece);
		}
	buf_free(&b);
}

static void
test_from(void)
{
	char line[MBOX_FROM_LENGTH + 1];

	mbox_from(1795482123, line);
	is_str(line, "From MAILER-DAEMON Tue Nov 24 01:02:03 2026", "a date");
	mbox_from(1796169723, line);
	is_str(
	    line, "From MAILER-DAEMON Wed Dec  2 00:02:03 2026", "one digit");
	mbox_from(0, line);
	is_str(line, "From MAILER-DAEMON Thu Jan  1 00:00:00 1970", "day 1");
}

/* fcntl() locks are a process's: another one tries. */
static int
try_lock(const char *path)
{
	struct mbox_file f;
	struct err e;
	int status;
	pid_t pid;

	fflush(stdout); /* valgrind writes it out at the child's end */
	pid = fork();
	if (pid == 0) {
		int got = mbox_lock(&f, path, 0, NULL, &e);

		if (got == 0)
			mbox_unlock(&f);
		_exit(got == 0 ? 0 : (int)e.kind);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void
put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

static void
test_locks(const char *dir)
{
	char path[100], lock[110], fresh[120];
	struct mbox_file f;
	struct err e;

	snprintf(path, sizeof(path), "%s/mbox", dir);
	snprintf(lock, sizeof(lock), "%s.lock", path);
	snprintf(fresh, sizeof(fresh), "%s.new", lock);
	is_int(mbox_lock(&f, path, 0, NULL, &e), 0, "locked");
	is_int(access(lock, F_OK), 0, "others see it");
	is_int(try_lock(path), ERR_TEMP, "another comes later");
	mbox_unlock(&f);
	is_int(access(lock, F_OK), -1, "free again");
	is_int(try_lock(path), 0, "another may");
	put_file(fresh, "7\n"); /* of one that was cut before its lock was */
	is_int(try_lock(path), 0, "half a lock stops nobody");
	put_file(lock, "2147483646\n");
	is_int(try_lock(path), 0, "a lock of a dead process is taken away");
	put_file(lock, "1\n");
	is_int(try_lock(path), ERR_TEMP, "one of a living process is not");
	put_file(lock, "");
	is_int(try_lock(path), ERR_TEMP, "nor one of nobody knows whom");
	unlink(lock);
	is_int(mbox_lock(&f, dir, 0, NULL, &e), -1, "a directory");
	is_int(e.kind, ERR_CANTCREAT, "is none");
	unlink(path);
}

static void
test_append(const char *dir)
{
	char path[100];
	struct mbox_file f;
	uint64_t size;
	struct buf b;
	int in = io_temp(dir, NULL);

	snprintf(path, sizeof(path), "%s/mbox", dir);
	put_file(path, "From a\n\nopen");
	io_write(in, "From b\n\nx\n\n", 11, "", NULL);
	buf_init(&b, 1000);
	is_int(mbox_lock(&f, path, 0, NULL, NULL), 0, "locked");
	is_int(mbox_size(&f, &size, NULL), 0, "its size");
	is_int((int64_t)size, 12, "is known");
	is_int((int64_t)mbox_gap(&f, size), 1, "the last line is open");
	is_int(mbox_append(&f, size, in, NULL), 0, "appended");
	io_read_file(path, &b, NULL);
	is_str(buf_str(&b), "From a\n\nopen\nFrom b\n\nx\n\n", "on its own");
	is_int(mbox_cut(&f, size, NULL), 0, "cut back");
	buf_reset(&b);
	io_read_file(path, &b, NULL);
	is_str(buf_str(&b), "From a\n\nopen", "as it was");
	mbox_unlock(&f);
	buf_free(&b);
	close(in);
	unlink(path);
}

static void
test_check(const char *dir)
{
	static const struct {
		const char *in;
		int want;
	} t[] = { { "", 0 }, { "From a\n\nx\n", 0 }, { "From: a\n", -1 },
		{ "Fro", 0 }, { "x", -1 }, { "\nFrom a\n", -1 } };
	char path[100];

	snprintf(path, sizeof(path), "%s/mbox", dir);
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		struct mbox_file f;
		struct err e;

		put_file(path, t[i].in);
		mbox_lock(&f, path, 0, NULL, NULL);
		is_int(mbox_check(&f, &e), t[i].want, "'%s'", t[i].in);
		mbox_unlock(&f);
	}
	unlink(path);
}

int
main(void)
{
	char dir[] = "/tmp/test-mbox-XXXXXX";

	if (!mkdtemp(dir))
		abort();
	test_quoting();
	test_from();
	test_locks(dir);
	test_append(dir);
	test_check(dir);
	rmdir(dir);
	return tap_done();
}
