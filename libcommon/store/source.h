/* Messages in: standard input, files, mbox, Maildir and MH folders,
 * directories of .eml files. What a path is, is told by looking at it:
 *
 *	starts with a "From " line     mbox (mboxrd, mboxo, mboxcl2)
 *	any other file                 one message
 *	directory with cur/ and new/   Maildir, in the order of its names
 *	any other directory            MH (1, 2, 10, ...) or *.eml, in order
 *
 * Files are mapped and messages are views: memory stays flat where what was
 * read is given back with io_map_done(). Only a message of an mbox that has
 * quoted ">From " lines is copied, to take the quotes off; a large one into a
 * temporary file.
 *
 * SPDX-License-Identifier: MIT */
#ifndef STORE_SOURCE_H
#define STORE_SOURCE_H

#include "base/io.h"

#define SOURCE_MAX       ((size_t)16 << 30) /* octets of one file */
#define SOURCE_LINE_MAX  ((size_t)16 << 20) /* octets of a message's line */
#define SOURCE_COPY_MAX  ((size_t)1 << 20)  /* octets copied in memory */
#define SOURCE_FILES_MAX 10000000           /* files of one directory */

enum source_kind {
	SOURCE_FILE, /* one message in a file or on standard input */
	SOURCE_MBOX,
	SOURCE_MAILDIR,
	SOURCE_DIR /* MH or .eml */
};

/* Valid until the next source_next(). */
struct source_message {
	struct slice bytes;
	const struct io_map *map; /* that bytes lie in, or null */
	const char *path;         /* of the file; "-" for standard input */
	struct slice from_;       /* the mbox line before it, without its end */
	const char *flags;        /* Maildir: letters after ":2,", else "" */
	uint64_t n;               /* 1, 2, ... over all paths */
	uint64_t in_path;         /* 1, 2, ... within this path */
	enum source_kind kind;
};

struct source;

/* Paths as given on the command line; "-" is standard input, and so is no path
 * at all. Borrows the array. Opens nothing yet. */
void source_open(struct source **s_r, const char *const *paths, size_t n);
void source_free(struct source **s);

/* 1 got one, 0 the end, -1 this path cannot be read (ERR_NOINPUT, ERR_IO;
 * ERR_NOINPUT too when a file or standard input is empty), or this message has
 * a line over the maximum (ERR_DATA): the next call goes on behind it. */
int source_next(struct source *s, struct source_message *m_r, struct err *e);

/* ERR_DATA, naming the line, when one has more than SOURCE_LINE_MAX octets. */
int source_check(const struct io_map *map, struct slice bytes, struct err *e);

#endif
