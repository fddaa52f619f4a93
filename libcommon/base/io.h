/* Files: whole reads, writes that do not stop half way, temporary files,
 * atomic replacement and durability. A name in an error text is quoted.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* write() until all n octets are out or one fails; restarts on EINTR. what
 * names the place in the error. A full disk is ERR_IO. */
int io_write(int fd, const void *p, size_t n, const char *what, struct err *e);

/* read() restarted on EINTR: octets got, 0 at the end, -1 failed. */
ssize_t io_read(int fd, void *p, size_t n, const char *what, struct err *e);

/* Appends all of fd to b; more than b's maximum is ERR_DATA. */
int io_slurp(int fd, struct buf *b, const char *what, struct err *e);

/* All of in, from its start, to out; what names the place in the error. */
int io_copy(int in, int out, const char *what, struct err *e);

/* The whole file into b; a directory or a missing file is ERR_NOINPUT. */
int io_read_file(const char *path, struct buf *b, struct err *e);

/* Bytes as a view: a regular file is mapped, anything else is copied into an
 * unlinked temporary file (memory stays flat) which is then mapped. */
struct io_map {
	struct slice bytes;
	void *base;    /* private */
	size_t len;    /* private */
	size_t passed; /* private */
};

/* Maps what fd has from its current position; at most max octets, ERR_DATA
 * beyond. fd stays the caller's. what names it in errors. */
int io_map_fd(
    int fd, size_t max, const char *what, struct io_map *m_r, struct err *e);
int io_map_file(
    const char *path, size_t max, struct io_map *m_r, struct err *e);
void io_unmap(struct io_map *m);

/* Takes what stands before p out of memory, since nobody will look at it
 * again; whoever does reads it from the file once more. */
void io_map_passed(struct io_map *m, const char *p);

/* Takes the pages that s lies in out of memory likewise, but for the last one
 * where what follows is still to be read. What of s is not in the map is left
 * alone, whatever it is; a null map has nothing. */
void io_map_done(const struct io_map *m, struct slice s);

#define IO_STRIDE (256u << 10) /* octets to look at before io_map_done() */

/* An unlinked, open temporary file in dir, /tmp when it is null. Returns the
 * descriptor or -1. */
int io_temp(const char *dir, struct err *e);

/* fsync(), and of the directory at path. */
int io_sync(int fd, const char *what, struct err *e);
int io_sync_dir(const char *path, struct err *e);

/* mkdir; one that is there already is fine. */
int io_mkdir(const char *path, mode_t mode, struct err *e);

/* Puts n octets into path: a temporary beside it, synced, renamed over it, the
 * directory synced. Readers see the old or the new content, never a mixture.
 * What is there and no file (/dev/null) is refused. */
int io_replace(
    const char *path, const void *p, size_t n, mode_t mode, struct err *e);

/* close(); a failure is an error, since it may be a failed write. *fd is -1
 * afterwards; closing -1 is done already. */
int io_close(int *fd, const char *what, struct err *e);

#endif
