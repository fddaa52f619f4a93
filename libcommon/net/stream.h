/* Lines and blocks over a socket, a pair of pipes or TLS, buffered on both
 * sides, every wait bounded by the stream's deadline.
 *
 * Readers give 1 got it, 0 the peer's end, -1 failed. Slices they give point
 * into the buffer and hold until the next call that reads, writes or flushes.
 * Writing never deadlocks on a peer that answers before it reads on
 * (RFC 2920, 3.1): what arrives meanwhile is read ahead.
 *
 * Errors start with the peer's name. A deadline that passed or a lost
 * connection is ERR_TEMP.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/err.h"
#include "base/slice.h"

#include "net/tls.h"

#define STREAM_BLOCK     16384      /* octets collected before writing */
#define STREAM_AHEAD_MAX (1u << 20) /* octets read ahead while writing */
#define STREAM_PEER_MAX  300

struct stream;

/* Over one socket (rfd == wfd) or two descriptors, which it takes. peer names
 * the other side in errors. No deadline yet. */
struct stream *stream_new(int rfd, int wfd, const char *peer);

/* Closes at once; what was not flushed is lost. Null is fine. */
void stream_free(struct stream **s);

/* All that follows is to be done by then (base/clock.h). */
void stream_deadline(struct stream *s, int64_t deadline);

/* While reading waits, fd becoming readable ends it: -1 with ERR_NO. -1 takes
 * it off. How a server stops its idle sessions. */
void stream_stop(struct stream *s, int fd);

enum stream_eol {
	STREAM_MORE, /* longer than max: the line goes on in the next read */
	STREAM_LF,
	STREAM_CRLF
};

/* One line of at most max octets, without its end. With eol_r null CRLF and
 * LF both end a line and a longer one is ERR_PROTO; otherwise *eol_r tells. A
 * CR elsewhere stays in the line. An end of the connection in the middle of
 * a line is ERR_TEMP. */
int stream_line(struct stream *s, size_t max, struct slice *line_r,
    enum stream_eol *eol_r, struct err *e);

/* What there is, at least one and at most max octets. */
int stream_some(
    struct stream *s, size_t max, struct slice *some_r, struct err *e);

/* Exactly n octets into p; an end before that is ERR_TEMP. 0 or -1. */
int stream_exact(struct stream *s, void *p, size_t n, struct err *e);

/* Waits until something can be read: 1, 0 at the end, -1. */
int stream_await(struct stream *s, struct err *e);

/* What was read ahead and not taken yet; takes n octets of it. After the
 * reply to STARTTLS this must be empty (RFC 3207, 6). */
struct slice stream_pending(const struct stream *s);
void stream_take(struct stream *s, size_t n);

/* Writes: small pieces are collected until stream_flush() or a full block;
 * large ones go out as they are, together with what was collected. */
int stream_put(struct stream *s, struct slice bytes, struct err *e);
int stream_text(struct stream *s, const char *text, struct err *e);
int stream_fmt(struct stream *s, struct err *e, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
int stream_flush(struct stream *s, struct err *e);

/* Starts TLS: flushes, refuses (ERR_PROTO) if the peer already sent octets
 * that it could not have known to be read encrypted, shakes hands. */
int stream_tls_client(
    struct stream *s, const struct tls_want *want, struct err *e);
int stream_tls_server(
    struct stream *s, const struct tls_cert *cert, struct err *e);

/* From here on everything is compressed both ways (RFC 4978); ERR_PROTO when
 * the peer already sent octets that were not. */
int stream_deflate(struct stream *s, struct err *e);

/* The session, null without TLS. */
const struct tls *stream_tls(const struct stream *s);

const char *stream_peer(const struct stream *s);

/* Flushes, ends TLS, tells the peer that nothing more comes, and frees. */
int stream_close(struct stream **s, struct err *e);

#endif
