/* Unit tests of base/lines.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/lines.h"

#include "tap.h"

/* What is written before each read, piece by piece; the end is the close. */
struct feed {
	const char *const *pieces;
	int to;
	unsigned asked;
};

static bool
feed(int fd UNUSED, void *arg)
{
	struct feed *f = arg;

	f->asked++;
	if (*f->pieces) {
		size_t n = strlen(*f->pieces);

		is_int(write(f->to, *f->pieces++, n), (int64_t)n, "fed");
	} else if (f->to >= 0) {
		close(f->to);
		f->to = -1;
	}
	return true;
}

static const struct {
	const char *name;
	const char *pieces[5];
	const char *lines[5];
	const char *error;
} rows[] = {
	{ "empty", { NULL }, { NULL }, NULL },
	{ "two at once", { "a\nb\n" }, { "a", "b" }, NULL },
	{ "in pieces", { "a", "b\nc", "\n" }, { "ab", "c" }, NULL },
	{ "no end of the last", { "a\nb" }, { "a", "b" }, NULL },
	{ "empty lines", { "\n\n" }, { "", "" }, NULL },
	{ "a CR stays", { "a\r\n" }, { "a\r" }, NULL },
	{ "as long as may be", { "12345678\n" }, { "12345678" }, NULL },
	{ "that long at the end", { "12345678" }, { "12345678" }, NULL },
	{ "too long", { "a\n123456789\n" }, { "a" },
	    "'x', line 2: longer than 8 octets" },
	{ "too long in pieces", { "12345", "6789" }, { NULL },
	    "'x', line 1: longer than 8 octets" },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int ends[2];
		struct slice line;
		struct err e = { 0 };
		size_t n = 0;
		int r;

		ok(pipe2(ends, O_CLOEXEC) == 0, "%s", rows[i].name);
		struct feed f = { rows[i].pieces, ends[1], 0 };
		struct lines l = { .fd = ends[0],
			.name = "'x'",
			.max = 8,
			.wait = feed,
			.arg = &f };

		while (
		    (r = lines_next(&l, &line, &e)) > 0 && rows[i].lines[n]) {
			ok(slice_is(line, rows[i].lines[n]), "line %zu", n);
			n++;
		}
		ok(!rows[i].lines[n], "%s: as many lines", rows[i].name);
		is_int(
		    r, rows[i].error ? -1 : 0, "the end of %s", rows[i].name);
		if (rows[i].error)
			is_str(e.text, rows[i].error, "told");
		is_int((int64_t)l.number, (int64_t)n, "counted");
		lines_free(&l);
		close(ends[0]);
		if (f.to >= 0)
			close(f.to);
	}
}

static bool
enough(int fd UNUSED, void *arg)
{
	unsigned *reads = arg;

	return (*reads)++ == 0;
}

static void
test_others(void)
{
	int ends[2];
	unsigned reads = 0;
	struct slice line;
	struct err e;

	ok(pipe2(ends, O_CLOEXEC) == 0, "a pipe that stays open");
	is_int(write(ends[1], "a\nb", 3), 3, "a line and a half");
	struct lines l = { .fd = ends[0],
		.name = "'x'",
		.max = 8,
		.wait = enough,
		.arg = &reads };

	is_int(lines_next(&l, &line, &e), 1, "the line");
	is_int(lines_next(&l, &line, &e), 0, "then it is enough");
	lines_free(&l);
	close(ends[0]);
	close(ends[1]);

	l = (struct lines){ .fd = open("/tmp", O_RDONLY | O_CLOEXEC),
		.name = "'x'",
		.max = 8 };
	is_int(lines_next(&l, &line, &e), -1, "a directory");
	is_str(e.text, "'x' is a directory", "told");
	is_int(e.kind, ERR_NOINPUT, "no input");
	close(l.fd);
	lines_free(&l);

	l = (struct lines){ .fd = open("/dev/null", O_WRONLY | O_CLOEXEC),
		.name = "'x'",
		.max = 8 };
	is_int(lines_next(&l, &line, &e), -1, "not to be read");
	is_str(e.text, "'x' is closed: redirect it", "told");
	close(l.fd);
	lines_free(&l);
}

int
main(void)
{
	test_rows();
	test_others();
	return tap_done();
}
