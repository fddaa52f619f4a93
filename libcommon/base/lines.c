/* Lines of a descriptor (see lines.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "base/lines.h"

#define BLOCK 16384

static int
read_failed(const struct lines *l, struct err *e)
{
	if (errno == EISDIR)
		return err_set(e, ERR_NOINPUT, "%s is a directory", l->name);
	if (errno == EBADF)
		return err_set(
		    e, ERR_NOINPUT, "%s is closed: redirect it", l->name);
	return err_sys(e, ERR_IO, "cannot read %s", l->name);
}

/* One read behind what is there; 1, 0 at the end, -1. */
static int
fill(struct lines *l, struct err *e)
{
	ssize_t n;

	buf_drop(&l->b, l->at);
	l->at = 0;
	do {
		if (l->wait && !l->wait(l->fd, l->arg)) {
			buf_reset(&l->b);
			return 0;
		}
		n = read(l->fd, buf_room(&l->b, BLOCK), BLOCK);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return read_failed(l, e);
	buf_grown(&l->b, (size_t)n);
	return n > 0;
}

static struct slice
rest(const struct lines *l)
{
	struct slice all = buf_view(&l->b);

	return slice_sub(all, l->at, all.n);
}

int
lines_next(struct lines *l, struct slice *line_r, struct err *e)
{
	size_t end, seen = 0;
	int r;

	if (!l->begun)
		buf_init(&l->b, l->max + BLOCK);
	l->begun = true;
	for (;;) {
		struct slice more = rest(l);

		end = slice_find(slice_sub(more, seen, more.n), '\n');
		end = end == SIZE_MAX ? more.n : seen + end;
		if (end > l->max)
			return err_set(e, ERR_DATA,
			    "%s, line %llu: longer than %zu octets", l->name,
			    (unsigned long long)l->number + 1, l->max);
		if (end < more.n || l->ended)
			break;
		seen = more.n;
		r = fill(l, e);
		if (r < 0)
			return -1;
		l->ended = r == 0;
	}
	*line_r = slice_sub(rest(l), 0, end);
	if (rest(l).n == 0)
		return 0;
	l->at += end < rest(l).n ? end + 1 : end;
	l->number++;
	return 1;
}

void
lines_free(struct lines *l)
{
	buf_free(&l->b);
}
