/* Rates that processes share (see pace.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/slice.h"

#include "flow/pace.h"

#define SECOND   INT64_C(1000000000)
#define RATE_MAX 1000000 /* messages in one unit, units in one rate */
#define AHEAD    1000000 /* places that are taken and not used, at most */

static const struct {
	const char *name;
	int64_t ns;
} units[] = {
	{ "s", SECOND },
	{ "sec", SECOND },
	{ "m", 60 * SECOND },
	{ "min", 60 * SECOND },
	{ "h", 3600 * SECOND },
	{ "hour", 3600 * SECOND },
	{ "d", 86400 * SECOND },
	{ "day", 86400 * SECOND },
};

/* [1*DIGIT] unit */
static bool
read_unit(struct slice s, int64_t *ns_r)
{
	struct slice digits = s;
	uint64_t n = 1;

	while (ascii_is_digit(slice_peek(s)))
		(void)slice_get(&s);
	digits.n -= s.n;
	if (digits.n > 0 && (!slice_number(digits, RATE_MAX, &n) || n == 0))
		return false;
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (slice_is(s, units[i].name)) {
			*ns_r = units[i].ns * (int64_t)n;
			return true;
		}
	return false;
}

int
pace_read(const char *text, int64_t *step_r, struct err *e)
{
	struct slice s = slice_str(text);
	struct slice count = slice_take_until(&s, '/', NULL);
	int64_t unit;
	uint64_t n;

	if (!slice_number(count, RATE_MAX, &n) || n == 0 ||
	    !read_unit(s, &unit))
		return err_set(e, ERR_USAGE,
		    "no rate: '%s'; like 20/min, 5/s, 500/day", text);
	*step_r = unit / (int64_t)n;
	return 0;
}

int
pace_open(const char *path, int64_t step, struct pace *p_r, struct err *e)
{
	p_r->step = step;
	p_r->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (p_r->fd < 0)
		return err_sys(e, ERR_CANTCREAT, "cannot open '%s'", path);
	return 0;
}

/* When the next message may go: what the file says, unless it is empty, of an
 * earlier start of the machine, or no number. */
static int64_t
read_next(const struct pace *p, int64_t now)
{
	char text[32];
	ssize_t n = pread(p->fd, text, sizeof(text), 0);
	struct slice s = slice_of(text, n > 0 ? (size_t)n : 0);
	uint64_t next;

	s = slice_take_until(&s, '\n', NULL);
	if (!slice_number(s, INT64_MAX, &next) || (int64_t)next < now ||
	    ((int64_t)next - now) / p->step > AHEAD)
		return now;
	return (int64_t)next;
}

/* All places have the same width, so a crash in the middle of a write leaves
 * a whole number. */
static int
write_next(const struct pace *p, int64_t next, struct err *e)
{
	struct buf b;
	int r = 0;

	buf_init(&b, 64);
	buf_fmt(&b, "%019lld\n", (long long)next);
	if (pwrite(p->fd, b.p, b.n, 0) != (ssize_t)b.n)
		r = err_sys(e, ERR_IO, "cannot write the file of the rate");
	buf_free(&b);
	return r;
}

int
pace_take(struct pace *p, int64_t *wait_r, struct err *e)
{
	int64_t now, next;
	int r;

	while (flock(p->fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_sys(
			    e, ERR_IO, "cannot lock the file of the rate");
	now = clock_ns();
	next = read_next(p, now);
	*wait_r = next - now;
	r = write_next(p, next + p->step, e);
	(void)flock(p->fd, LOCK_UN);
	return r;
}

void
pace_close(struct pace *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}
