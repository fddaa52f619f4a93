/* Unit tests of store/journal.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/io.h"

#include "store/journal.h"

#include "tap.h"

static char dir[] = "/tmp/test-journal-XXXXXX";
static char path[64];

static int
collect(void *arg, struct slice record, struct err *e)
{
	struct buf *b = arg;

	if (slice_is(record, "stop"))
		return err_set(e, ERR_DATA, "stopped");
	buf_slice(b, record);
	buf_char(b, ';');
	return 0;
}

/* All records of the file, "!" and the kind of the error where it fails. */
static const char *
read_all(struct buf *b, size_t *damaged)
{
	struct journal_reader reader = { collect, b };
	struct journal *j;
	struct err e;

	buf_reset(b);
	if (journal_open(path, "test", &reader, &j, &e) < 0) {
		buf_fmt(b, "!%d", (int)e.kind);
		return buf_str(b);
	}
	*damaged = journal_damaged(j);
	journal_free(&j);
	return buf_str(b);
}

static void
write_file(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ok(fd >= 0 && io_write(fd, text, strlen(text), path, NULL) == 0,
	    "fixture");
	close(fd);
}

static void
test_round(void)
{
	struct buf b;
	struct journal_reader reader = { collect, &b };
	struct journal *j;
	struct err e;
	size_t damaged = 9;

	buf_init(&b, 4096);
	is_int(journal_open(path, "test", &reader, &j, &e), 0, "made new");
	journal_fmt(j, "uid %d", 1);
	journal_add(j, slice_str("uid 2"));
	is_int(journal_commit(j, &e), 0, "two in one group");
	is_int(journal_commit(j, &e), 0, "nothing to do");
	journal_fmt(j, "uid %d", 3);
	journal_free(&j);
	is_str(read_all(&b, &damaged), "uid 1;uid 2;", "the committed ones");
	is_int((int64_t)damaged, 0, "nothing damaged");

	is_int(journal_open(path, "test", &reader, &j, &e), 0, "again");
	journal_fmt(j, "a\nb");
	is_int(journal_commit(j, &e), -1, "a line feed in a record");
	is_int(e.kind, ERR_BUG, "is a bug");
	journal_fmt(j, "uid 4");
	is_int(journal_commit(j, &e), 0, "goes on");
	is_int(
	    journal_open(path, "test", &reader, &(struct journal *){ 0 }, &e),
	    -1, "a second opener is refused");
	is_int(e.kind, ERR_TEMP, "as temporary");
	buf_reset(&b);
	is_int(journal_reread(j, &reader, &e), 0, "read again while open");
	is_str(buf_str(&b), "uid 1;uid 2;uid 4;", "gives the same");
	journal_fmt(j, "uid 5");
	is_int(journal_commit(j, &e), 0, "and one more goes to the end");
	journal_free(&j);
	is_str(
	    read_all(&b, &damaged), "uid 1;uid 2;uid 4;uid 5;", "all of them");
	buf_free(&b);
}

/* CRC-32 of "123456789" is cbf43926, of "a" e8b7be43, of "b" 71beeff9, of ""
 * 00000000. */
static void
test_damage(void)
{
#define HEAD "mailtoolkit-journal 1 test\n"
	static const struct {
		const char *name, *file, *want;
		int damaged;
	} rows[] = {
		{ "empty file", "", "", 0 },
		{ "half a heading", "mailtool", "", 0 },
		{ "heading only", HEAD, "", 0 },
		{ "known sum", HEAD "cbf43926 123456789\n", "123456789;", 0 },
		{ "empty record", HEAD "00000000 \n", ";", 0 },
		{ "another kind", "mailtoolkit-journal 1 best\n", "!78", 0 },
		{ "another file", "From: me\n\nhello, this is long enough\n",
		    "!78", 0 },
		{ "torn end", HEAD "e8b7be43 a\n71beeff9", "a;", 0 },
		{ "damage in the middle",
		    HEAD "e8b7be43 x\n71beeff9 b\n\n12 a\nzzzzzzzz b\n", "b;",
		    4 },
		{ "reader stops", HEAD "e8b7be43 a\nb95616b6 stop\n", "a;!65",
		    0 },
	};
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t damaged = 0;
		const char *got;

		write_file(rows[i].file);
		got = read_all(&b, &damaged);
		is_str(got, rows[i].want, "%s", rows[i].name);
		is_int((int64_t)damaged, rows[i].damaged, "damaged lines");
	}
	buf_free(&b);
}

/* Many records read in blocks, and what is longer than any. */
static void
test_large(void)
{
	struct buf b, line;
	struct journal_reader reader = { collect, &b };
	struct journal *j;
	struct err e;
	size_t damaged = 0;
	int fd;

	unlink(path);
	buf_init(&b, 16u << 20);
	buf_init(&line, 1u << 20);
	is_int(journal_open(path, "test", &reader, &j, &e), 0, "made new");
	for (int i = 0; i < 100000; i++)
		journal_fmt(j, "uid %d", i);
	is_int(journal_commit(j, &e), 0, "100,000 records");
	journal_free(&j);
	read_all(&b, &damaged);
	ok(slice_ends_nocase(buf_view(&b), ";uid 99999;"), "to the last");
	is_int((int64_t)damaged, 0, "none damaged");

	while (line.n < 700000)
		buf_text(&line, "no record ");
	buf_text(&line, "\ne8b7be43 a\n");
	fd = open(path, O_WRONLY | O_APPEND);
	ok(io_write(fd, line.p, line.n, path, &e) == 0, "a line of 700 kB");
	close(fd);
	read_all(&b, &damaged);
	ok(slice_ends_nocase(buf_view(&b), ";uid 99999;a;"), "is passed over");
	ok(damaged > 0, "and counted");
	buf_free(&b);
	buf_free(&line);
}

/* A group that does not fit on the disk leaves nothing behind. */
static void
test_full(void)
{
	struct rlimit was, small = { 4000, RLIM_INFINITY };
	struct buf b;
	struct journal_reader reader = { collect, &b };
	struct journal *j;
	struct err e;
	size_t damaged;

	unlink(path);
	buf_init(&b, 1u << 20);
	is_int(journal_open(path, "test", &reader, &j, &e), 0, "made new");
	journal_fmt(j, "first");
	is_int(journal_commit(j, &e), 0, "fits");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small.rlim_max = was.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < 20000; i++)
		journal_fmt(j, "uid %d", i);
	is_int(journal_commit(j, &e), -1, "does not fit");
	is_int(e.kind, ERR_IO, "said as I/O");
	setrlimit(RLIMIT_FSIZE, &was);
	journal_fmt(j, "second");
	is_int(journal_commit(j, &e), 0, "room again");
	journal_free(&j);
	is_str(read_all(&b, &damaged), "first;second;", "whole groups only");
	buf_free(&b);
}

static void
test_rotate(void)
{
	struct journal_reader reader;
	struct journal *j, *other;
	char old[80];
	struct buf b;
	size_t damaged;
	struct err e;

	snprintf(old, sizeof(old), "%s.old", path);
	unlink(path);
	buf_init(&b, 1000);
	reader = (struct journal_reader){ collect, &b };
	for (int i = 1; i <= 2; i++) {
		is_int(journal_open(path, "test", &reader, &j, &e), 0, "open");
		journal_fmt(j, "one%d", i);
		journal_fmt(j, "two%d", i);
		journal_commit(j, &e);
		is_int(journal_anew(j, &e), 0, "anew");
		journal_fmt(j, "sum%d", i);
		is_int(journal_rotate(j, old, &e), 0, "rotate %d", i);
		is_int(journal_open(path, "test", &reader, &other, &e), -1,
		    "the new file is locked");
		is_int(e.kind, ERR_TEMP, "as the old one was");
		journal_fmt(j, "later%d", i);
		journal_commit(j, &e);
		journal_free(&j);
	}
	buf_reset(&b);
	is_str(read_all(&b, &damaged), "sum2;later2;", "small again");
	buf_reset(&b);
	is_int(journal_read_old(old, &reader, &e), 0, "the old ones");
	is_str(
	    buf_str(&b), "one1;two1;sum1;later1;one2;two2;", "are all there");
	unlink(old);
	buf_reset(&b);
	is_int(journal_read_old(old, &reader, &e), 0, "or were never");
	is_str(buf_str(&b), "", "there");
	buf_free(&b);
}

/* "two" goes, "one" stays as another, what is damaged goes. */
static int
sift(void *arg, struct slice record, struct journal *out, struct err *e)
{
	int *stop = arg;

	if (*stop)
		return err_set(e, ERR_DATA, "stopped");
	if (slice_starts(record, "one"))
		journal_fmt(out, "still %.*s", SLICE_ARG(record));
	return 0;
}

static void
test_sift(void)
{
	struct buf b, big;
	int stop = 1;
	struct journal_reader reader = { collect, &b };
	struct journal_sifter sifter = { sift, &stop };
	struct journal *j;
	struct err e;
	char old[80];

	snprintf(old, sizeof(old), "%s.old", path);
	unlink(path);
	buf_init(&b, 1 << 24);
	buf_init(&big, JOURNAL_RECORD_MAX);
	is_int(journal_sift(old, &sifter, &e), -1, "nothing to sift");
	is_int(journal_open(path, "test", &reader, &j, &e), 0, "open");
	journal_fmt(j, "one1");
	journal_fmt(j, "two1");
	buf_text(&big, "one");
	while (big.n < 4000)
		buf_char(&big, 'x');
	for (int i = 0; i < 1000; i++) /* more than a block */
		journal_add(j, buf_view(&big));
	journal_fmt(j, "one2");
	journal_commit(j, &e);
	journal_anew(j, &e);
	is_int(journal_rotate(j, old, &e), 0, "rotate");
	is_int(journal_sift(old, &sifter, &e), -1, "stopped");
	is_int(e.kind, ERR_DATA, "for the sifter's own reason");
	journal_read_old(old, &reader, &e);
	ok(slice_starts(buf_view(&b), "one1;two1;onex"), "all is as it was");
	buf_reset(&b);
	stop = 0;
	is_int(journal_sift(old, &sifter, &e), 0, "sifted");
	journal_read_old(old, &reader, &e);
	ok(slice_starts(buf_view(&b), "still one1;still onex"), "what stays");
	ok(slice_ends_nocase(buf_view(&b), "x;still one2;"), "to its end");
	is_int((int64_t)b.n, 2 * 11 + 1000 * 4007, "all of it");
	journal_free(&j);
	buf_reset(&b);
	snprintf(old, sizeof(old), "%s.old.new", path);
	is_int(access(old, F_OK), -1, "nothing is left beside it");
	snprintf(old, sizeof(old), "%s.old", path);
	unlink(old);
	buf_free(&b);
	buf_free(&big);
}

int
main(void)
{
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/state", dir);
	test_round();
	test_damage();
	test_large();
	test_full();
	test_rotate();
	test_sift();
	unlink(path);
	rmdir(dir);
	return tap_done();
}
