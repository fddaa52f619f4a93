/* Unit tests of store/mboxread and store/source.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"

#include "store/mboxread.h"
#include "store/source.h"

#include "tap.h"

#define FROM "From a@b Thu Jan  1 00:00:00 1970\n"

static const struct {
	const char *name, *in;
	size_t n;
	const char *message[3];
} rows[] = {
	{ "one", FROM "A: 1\n\nx\n", 1, { "A: 1\n\nx\n" } },
	{ "two", FROM "A: 1\n\nx\n\n" FROM "B: 2\n\ny\n\n", 2,
	    { "A: 1\n\nx\n", "B: 2\n\ny\n" } },
	{ "CRLF",
	    "From a@b 00:00:00 1970\r\nA: 1\r\n\r\nx\r\n\r\n"
	    "From a@b 00:00:00 1970\r\nB: 2\r\n",
	    2, { "A: 1\r\n\r\nx\r\n", "B: 2\r\n" } },
	{ "From in the text", FROM "A: 1\n\nx\n\nFrom here on\ny\n", 1,
	    { "A: 1\n\nx\n\nFrom here on\ny\n" } },
	{ "no empty line before", FROM "A: 1\n\nx\n" FROM "y\n", 1,
	    { "A: 1\n\nx\n" FROM "y\n" } },
	{ "quoted", FROM "A: 1\n\n>From x\n>>From y\n> From z\n", 1,
	    { "A: 1\n\nFrom x\n>From y\n> From z\n" } },
};

static void
write_file(const char *path, const char *text)
{
	struct err e;

	if (io_replace(path, text, strlen(text), 0600, &e) < 0)
		ok(false, "%s", e.text);
}

static void
test_mbox(const char *dir)
{
	char path[256];
	const char *paths[] = { path };

	snprintf(path, sizeof(path), "%s/mbox", dir);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct source_message m;
		struct source *s;
		struct err e;

		write_file(path, rows[i].in);
		source_open(&s, paths, 1);
		for (size_t k = 0; k < rows[i].n; k++) {
			is_int(source_next(s, &m, &e), 1, "%s: %zu",
			    rows[i].name, k);
			is_slice(m.bytes, rows[i].message[k], "its octets");
			is_int((int64_t)m.n, (int64_t)k + 1, "its number");
		}
		is_int(source_next(s, &m, &e), 0, "then the end");
		source_free(&s);
	}
}

static void
test_counted(void)
{
	struct slice in = slice_str(
	    FROM "Content-Length: 45\n\nx\n\n" FROM ">From y\n" FROM "B: 2\n");
	struct mboxread_message m;

	ok(mboxread_take(&in, NULL, &m) && m.counted,
	    "Content-Length is believed");
	is_slice(m.bytes, "Content-Length: 45\n\nx\n\n" FROM ">From y\n",
	    "where it leads to a From_ line");
	ok(mboxread_take(&in, NULL, &m) && !m.counted, "the next one");
	is_slice(m.bytes, "B: 2\n", "its octets");
	ok(!mboxread_take(&in, NULL, &m), "then the end");
	in = slice_str(FROM "Content-Length: 9\n\nx\n\n" FROM "B: 2\n");
	ok(mboxread_take(&in, NULL, &m) && !m.counted,
	    "Content-Length that leads elsewhere is not");
	is_slice(m.bytes, "Content-Length: 9\n\nx\n", "the From_ line decides");
}

/* A Maildir as others made it: flags and order. */
static void
test_maildir(const char *dir)
{
	char path[256], file[300];
	const char *paths[] = { path };
	struct source_message got;
	struct source *s;
	struct err e;

	snprintf(path, sizeof(path), "%s/md", dir);
	for (size_t i = 0; i < 4; i++) {
		static const char *const folders[] = { "", "/tmp", "/new",
			"/cur" };

		snprintf(file, sizeof(file), "%s%s", path, folders[i]);
		is_int(io_mkdir(file, 0700, &e), 0, "folder '%s'", folders[i]);
	}
	snprintf(file, sizeof(file), "%s/cur/1000000001.a.host:2,FS", path);
	write_file(file, "B: 2\n");
	snprintf(file, sizeof(file), "%s/new/999999999.b.host", path);
	write_file(file, "A: 1\n");
	snprintf(file, sizeof(file), "%s/tmp/9.c.host", path);
	write_file(file, "C: 3\n");
	source_open(&s, paths, 1);
	is_int(source_next(s, &got, &e), 1, "one");
	is_slice(got.bytes, "A: 1\n", "the older first");
	is_str(got.flags, "", "no flags");
	is_int(source_next(s, &got, &e), 1, "two");
	is_slice(got.bytes, "B: 2\n", "the newer");
	is_str(got.flags, "FS", "its flags");
	is_int(source_next(s, &got, &e), 0, "what is in tmp is not there yet");
	source_free(&s);
}

static void
test_bad(const char *dir)
{
	static const char *const paths[] = { "/no/such/file", "empty", ".",
		"one.eml" };
	struct source_message m;
	struct source *s;
	struct err e;

	if (chdir(dir) < 0)
		ok(false, "chdir");
	write_file("empty", "");
	source_open(&s, paths, 3);
	for (int i = 0; i < 3; i++) {
		is_int(source_next(s, &m, &e), -1, "'%s'", paths[i]);
		is_int(e.kind, ERR_NOINPUT, "is no input");
		ok(strstr(e.text, paths[i]), "names it: %s", e.text);
	}
	is_int(source_next(s, &m, &e), 0, "then the end");
	source_free(&s);
	write_file("one.eml", "A: 1\n");
	write_file("10", "J: 10\n");
	write_file("2", "B: 2\n");
	source_open(&s, paths + 2, 2);
	for (int i = 0; i < 4; i++) {
		static const char *const want[] = { "B: 2\n", "J: 10\n",
			"A: 1\n", "A: 1\n" };

		is_int(source_next(s, &m, &e), 1, "MH and .eml");
		is_slice(m.bytes, want[i], "in order");
	}
	source_free(&s);
}

/* Every message counts itself up to the same long line: looked at from its
 * start each time, that would take minutes. */
static void
test_counted_far(void)
{
	enum { MESSAGES = 20000, TAIL = 8000000, HEAD = 38 };
	struct mboxread_message m;
	struct slice rest;
	struct buf b;
	clock_t start;
	size_t n = 0;

	buf_init(&b, SIZE_MAX);
	for (int i = 1; i <= MESSAGES; i++)
		buf_fmt(&b, "From a 00:00\nContent-Length: %06d\n\n\n",
		    (MESSAGES - i) * HEAD + 1);
	memset(buf_room(&b, TAIL), 'F', TAIL);
	buf_grown(&b, TAIL);
	rest = buf_view(&b);
	start = clock();
	while (mboxread_take(&rest, NULL, &m))
		n++;
	is_int((int64_t)n, MESSAGES, "messages that count too far");
	ok(clock() - start < 3 * CLOCKS_PER_SEC, "in less than 3 s");
	buf_free(&b);
}

int
main(void)
{
	char dir[] = "/tmp/test-source.XXXXXX";
	char command[64];

	if (!mkdtemp(dir))
		return 1;
	test_mbox(dir);
	test_counted();
	test_counted_far();
	test_maildir(dir);
	test_bad(dir);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ok(chdir("/") == 0 && system(command) == 0, "tidied up");
	return tap_done();
}
