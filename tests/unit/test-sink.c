/* Unit tests of store/sink: what stands where after begin, write, end, commit,
 * and after a run that was cut.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/io.h"

#include "store/sink.h"

#include "tap.h"

#define ARRIVED 1795482123

static int64_t
now(const struct given *g)
{
	(void)g;
	return 1795478400;
}

/* A different number each time. */
static void
count_up(void *p, size_t n)
{
	static uint64_t next;

	next++;
	memset(p, 0, n);
	memcpy(p, &next, n < sizeof(next) ? n : sizeof(next));
}

static const struct given given = {
	.now = now, .random = count_up, .hostname = "host"
};

/* The journal: what it was told. */
struct told {
	char next[300]; /* the last place */
	size_t n, gone;
	bool fail;
};

static int
on_next(void *arg, const char *const *places, size_t n, struct err *e)
{
	struct told *t = arg;

	t->n += n;
	snprintf(t->next, sizeof(t->next), "%s", places[n - 1]);
	return t->fail ? err_set(e, ERR_IO, "journal") : 0;
}

static int
on_gone(void *arg, size_t n, struct err *e)
{
	struct told *t = arg;

	(void)e;
	t->gone += n;
	return 0;
}

static char top[] = "/tmp/test-sink-XXXXXX";
static struct arena arena;

static const char *
in_top(const char *before, const char *name)
{
	return arena_fmt(&arena, "%s%s/%s", before, top, name);
}

static struct sink *
open_sink(const char *target, struct told *told)
{
	struct sink_plan plan = { .target = target,
		.given = &given,
		.log = { on_next, on_gone, told },
		.command_out = STDERR_FILENO };
	struct sink *s = NULL;
	struct err e;

	if (!is_int(sink_open(&plan, &s, &e), 0, "open %s", target))
		abort();
	return s;
}

/* One message in two pieces, cut within its CRLF. */
static int
add(struct sink *s, const char *flags, const char **path_r, struct err *e)
{
	struct sink_note note = { .flags = flags, .date = ARRIVED };

	if (sink_begin(s, e) < 0 ||
	    sink_write(s, slice_str("Subject: x\r\n\r\nFrom me\r"), e) < 0 ||
	    sink_write(s, slice_str("\nbye\r\n"), e) < 0)
		return -1;
	return sink_end(s, &note, path_r, e);
}

static const char *
content(const char *path)
{
	struct buf b;
	const char *text;

	buf_init(&b, 10000);
	text = io_read_file(path, &b, NULL) < 0
	           ? NULL
	           : arena_string(&arena, buf_str(&b));
	buf_free(&b);
	return text;
}

static int
files_in(const char *dir)
{
	struct dirent *d;
	DIR *open = opendir(dir);
	int n = 0;

	if (!open)
		return -1;
	while ((d = readdir(open)))
		n +=
		    strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
	closedir(open);
	return n;
}

#define LETTER "Subject: x\n\nFrom me\nbye\n"

static void
test_maildir(void)
{
	struct told t = { .n = 0 };
	struct sink *s = open_sink(in_top("maildir:", "m"), &t);
	const char *new, *cur;
	struct stat st;
	struct err e;

	is_int(add(s, NULL, &new, &e), 1, "a new one");
	new = arena_string(&arena, new);
	is_int(add(s, "FS", &cur, &e), 1, "one with flags");
	cur = arena_string(&arena, cur);
	is_int(files_in(in_top("", "m/tmp")), 2, "lie in tmp");
	is_int(access(new, F_OK), -1, "and nowhere else");
	is_int(sink_commit(s, &e), 0, "commit");
	is_int((int64_t)t.n, 2, "the journal was told of both");
	is_str(content(new), LETTER, "the first, with LF");
	is_str(content(cur), LETTER, "the second");
	ok(strstr(cur, "/m/cur/1795478400.R") && strstr(cur, ".host:2,FS"),
	    "its flags");
	is_int(stat(new, &st), 0, "its file");
	is_int(st.st_mtime, ARRIVED, "has the time of arrival");
	is_int(sink_begin(s, &e), 0, "another");
	sink_abort(s);
	is_int(add(s, NULL, &new, &e), 1, "and one not committed");
	sink_free(&s);
	is_int(files_in(in_top("", "m/tmp")), 0, "leave nothing");
	is_int(files_in(in_top("", "m/new")), 1, "anywhere");
}

static void
test_eml(void)
{
	struct told t = { .n = 0 };
	struct sink *s = open_sink(in_top("eml:", "e"), &t);
	const char *path;
	struct err e;

	is_int(add(s, "S", &path, &e), 1, "a file");
	path = arena_string(&arena, path);
	is_int(sink_commit(s, &e), 0, "commit");
	is_str(content(path), LETTER, "is there");
	ok(slice_ends_nocase(slice_str(path), ".host.eml"), "%s", path);
	is_int(add(s, "S", &path, &e), 1, "one not committed");
	sink_free(&s);
	is_int(files_in(in_top("", "e")), 1, "is gone");
}

#define ARRIVAL "From MAILER-DAEMON Tue Nov 24 01:02:03 2026\n"

static void
test_mbox(void)
{
	struct told t = { .n = 0 };
	struct sink *s = open_sink(in_top("mbox:", "box"), &t);
	const char *path, *box = in_top("", "box");
	struct err e;

	is_int(add(s, NULL, &path, &e), 1, "one");
	is_str(path, box, "its path");
	is_int(sink_begin(s, &e), 0, "one that is");
	sink_write(s, slice_str("cut short"), &e);
	sink_abort(s);
	is_int(add(s, NULL, &path, &e), 1, "two");
	is_str(content(box), "", "nothing yet");
	is_int(sink_commit(s, &e), 0, "commit");
	is_str(content(box),
	    ARRIVAL "Subject: x\n\n>From me\nbye\n\n" ARRIVAL
		    "Subject: x\n\n>From me\nbye\n\n",
	    "both");
	is_str(t.next, "0+140", "the journal knows where");
	sink_free(&s);
}

/* The journal knows of them, the run ends before they are moved. */
static void
test_mended(const char *target, const char *folder)
{
	struct told t = { .n = 0 };
	struct sink *s = open_sink(target, &t);
	const char *path;
	struct err e;
	int before;

	add(s, "S", &path, &e);
	path = arena_string(&arena, path);
	t.fail = true;
	is_int(sink_commit(s, &e), -1, "cut");
	before = files_in(folder);
	t.fail = false;
	is_int(sink_mend_begin(s, &e), 0, "mend");
	is_int(sink_in_place(s, t.next, &e), 1, "moved now");
	is_int(sink_in_place(s, t.next, &e), 1, "there");
	is_int(sink_in_place(s, "../../etc/passwd", &e), 0, "not ours");
	is_int(sink_in_place(s, "new/../../x", &e), 0, "nor this");
	is_int(sink_in_place(s, "", &e), 0, "nor nothing");
	is_int(sink_mend_end(s, &e), 0, "durable");
	is_str(content(path), LETTER, "whole");
	ok(files_in(folder) >= before, "nothing lost");
	if (strncmp(target, "maildir", 7) == 0) {
		rename(path, arena_fmt(&arena, "%sT", path));
		is_int(
		    sink_in_place(s, t.next, &e), 1, "with other flags by now");
	}
	sink_free(&s);
}

static void
test_mended_mbox(void)
{
	struct told t = { .n = 0 };
	const char *box = in_top("", "box");
	struct sink *s = open_sink(in_top("mbox:", "box"), &t);
	struct err e;

	is_int(truncate(box, 200), 0, "cut in the second group");
	is_int(sink_mend_begin(s, &e), 0, "mend");
	is_int(sink_in_place(s, "0+140", &e), 1, "the first is whole");
	is_int(sink_in_place(s, "140+70", &e), 0, "the second is not");
	is_int(sink_in_place(s, "x", &e), 0, "no place");
	is_int(sink_mend_end(s, &e), 0, "done");
	is_int((int64_t)strlen(content(box)), 140, "cut back");
	sink_free(&s);
}

static void
test_command(void)
{
	struct told t = { .n = 0 };
	const char *out = in_top("", "out"), *path;
	struct sink *s = open_sink(
	    arena_fmt(&arena, "exec:cat >'%s'; exit $((i=75*$(wc -l <'%s')/4))",
		out, out),
	    &t);
	struct err e;

	is_int(add(s, NULL, &path, &e), 0, "a command that says no");
	is_int(e.kind, ERR_TEMP, "for now");
	is_str(content(out), LETTER, "had it whole");
	sink_free(&s);
	s = open_sink(arena_fmt(&arena, "exec:cat >'%s'", out), &t);
	is_int(add(s, NULL, &path, &e), 1, "one that takes it");
	ok(sink_full(s), "each is a group of its own");
	is_int(sink_commit(s, &e), 0, "commit");
	is_int((int64_t)t.gone, 1, "the journal was told");
	is_str(content(out), LETTER, "whole");
	sink_free(&s);
	s = open_sink("exec:exit 3", &t);
	is_int(add(s, NULL, &path, &e), 0, "another status");
	is_int(e.kind, ERR_UNAVAILABLE, "is for good");
	sink_free(&s);
	s = open_sink("exec:/nowhere/to/be/found", &t);
	is_int(add(s, NULL, &path, &e), -1, "a command that is not there");
	is_int(e.kind, ERR_CONFIG, "ends it");
	sink_free(&s);
}

static void
test_targets(void)
{
	static const char *const bad[] = { "", "maildir:", "mbox:", "x", "-x",
		"exec:", "Maildir:x" };
	struct sink *s = NULL;
	struct slice path;
	struct err e;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct sink_plan plan = { .target = bad[i], .given = &given };

		is_int(sink_open(&plan, &s, &e), -1, "'%s'", bad[i]);
		is_int(e.kind, ERR_USAGE, "is no target");
	}
	ok(sink_path("eml:x/y", &path) && slice_is(path, "x/y"), "a path");
	ok(!sink_path("exec:x/y", &path), "a command has none");
	ok(!sink_path("-", &path), "output has none");
}

int
main(void)
{
	if (!mkdtemp(top))
		abort();
	test_targets();
	test_maildir();
	test_eml();
	test_mbox();
	test_mended(in_top("maildir:", "m2"), in_top("", "m2/cur"));
	test_mended(in_top("eml:", "e2"), in_top("", "e2"));
	test_mended_mbox();
	test_command();
	if (system(arena_fmt(&arena, "rm -rf '%s'", top)) != 0)
		abort();
	arena_free(&arena);
	return tap_done();
}
