/* Lines of a descriptor that may pause: a maximum for each, and something else
 * to do while there is nothing to read.
 *
 *	struct lines l = { .fd = 0, .name = "'standard input'", .max = 1000 };
 *	while ((r = lines_next(&l, &line, e)) > 0)
 *		...
 *	lines_free(&l);
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/buf.h"
#include "base/err.h"

struct lines {
	int fd;           /* the caller's */
	const char *name; /* in errors, as it should stand there */
	size_t max;       /* octets of a line, its end not counted */
	/* Called before each read; false: it is enough. May be null. */
	bool (*wait)(int fd, void *arg);
	void *arg;
	uint64_t number; /* of the line last read */
	struct buf b;    /* private, as all below */
	size_t at;
	bool begun, ended;
};

/* 1 a line without its LF (a CR stays), valid until the next call; 0 the end,
 * or enough; -1 the line is too long (ERR_DATA), a directory or a closed
 * descriptor (ERR_NOINPUT), or reading failed. */
int lines_next(struct lines *l, struct slice *line_r, struct err *e);

void lines_free(struct lines *l);

#endif
