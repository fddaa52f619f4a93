/* Unit tests of flow/pace.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/slice.h"

#include "flow/pace.h"

#include "tap.h"

static void
test_read(void)
{
	static const struct {
		const char *in;
		int64_t step; /* -1: refused */
	} rows[] = {
		{ "5/s", 200000000 },
		{ "1/min", 60000000000 },
		{ "20/min", 3000000000 },
		{ "100/10s", 100000000 },
		{ "24/day", 3600000000000 },
		{ "3600/h", 1000000000 },
		{ "0/s", -1 },
		{ "5", -1 },
		{ "5/", -1 },
		{ "/s", -1 },
		{ "5/fortnight", -1 },
		{ "5/0s", -1 },
		{ "-1/s", -1 },
		{ "99999999999/s", -1 },
	};
	int64_t step;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		step = -1;
		is_int(pace_read(rows[i].in, &step, NULL),
		    rows[i].step < 0 ? -1 : 0, "rate '%s'", rows[i].in);
		is_int(step, rows[i].step, "its step");
	}
}

static void
test_take(void)
{
	char path[] = "/tmp/test-pace-XXXXXX";
	const int64_t step = INT64_C(1000000000000);
	struct pace a, b;
	int64_t w;

	close(mkstemp(path));
	is_int(pace_open(path, step, &a, NULL), 0, "opens");
	is_int(pace_open(path, step, &b, NULL), 0, "twice");
	pace_take(&a, &w, NULL);
	is_int(w, 0, "the first goes at once");
	pace_take(&b, &w, NULL);
	ok(w > step - step / 100 && w <= step, "the second a step later");
	pace_take(&a, &w, NULL);
	ok(w > 2 * step - step / 100 && w <= 2 * step, "and so on");
	is_int(pwrite(a.fd, "9223372036854775807\n", 20, 0), 20, "nonsense");
	pace_take(&b, &w, NULL);
	is_int(w, 0, "begins anew");
	is_int(ftruncate(a.fd, 0), 0, "an empty file");
	pace_take(&b, &w, NULL);
	is_int(w, 0, "too");
	pace_close(&a);
	pace_close(&b);
	unlink(path);
}

/* When the file lets the next message go. */
static int64_t
next_of(const char *path)
{
	struct buf b;
	struct slice s;
	uint64_t next = 0;

	buf_init(&b, 64);
	io_read_file(path, &b, NULL);
	s = slice_trim(buf_view(&b));
	slice_number(s, INT64_MAX, &next);
	buf_free(&b);
	return (int64_t)next;
}

/* Ten processes at once: no place is given away twice, which would be too
 * fast, and none is left out, which would be too slow. */
static void
test_share(void)
{
	enum { PROCESSES = 10, EACH = 200 };
	char path[] = "/tmp/test-pace-XXXXXX";
	const int64_t step = INT64_C(1000000000000);
	int64_t begin = clock_ns(), w, first;
	struct pace p;
	int status, good = 0;

	close(mkstemp(path));
	pace_open(path, step, &p, NULL);
	pace_take(&p, &w, NULL);
	first = next_of(path) - step;
	ok(first >= begin && first <= clock_ns(), "the first goes now");
	fflush(stdout); /* valgrind writes a child's copy as well */
	for (size_t i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			struct pace own;

			pace_open(path, step, &own, NULL);
			for (size_t k = 0; k < EACH; k++)
				if (pace_take(&own, &w, NULL) < 0)
					_exit(1);
			_exit(0);
		}
	while (wait(&status) > 0)
		good += status == 0;
	is_int(good, PROCESSES, "ten processes take %d places each", EACH);
	is_int(next_of(path) - first, (PROCESSES * EACH + 1) * step,
	    "and as many are gone, one behind the other");
	pace_close(&p);
	unlink(path);
}

int
main(void)
{
	test_read();
	test_take();
	test_share();
	return tap_done();
}
