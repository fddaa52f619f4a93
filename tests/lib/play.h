/* The parts of the scripted peer (play.c): what it knows, and the steps of a
 * dialogue (play_wire.c).
 *
 * SPDX-License-Identifier: MIT */
#ifndef PLAY_H
#define PLAY_H

#include "base/arena.h"
#include "base/buf.h"

#include "net/stream.h"

#define PLAY_SECONDS    30
#define PLAY_FACTOR_MAX 1000 /* of MAILTOOLKIT_TIME_FACTOR */
#define PLAY_LINE_MAX   65536
#define PLAY_TEXT_MAX   (64u << 20)
#define PLAY_ARGS_MAX   100
#define PLAY_GRACE_MS   2000 /* from the last step to the command's end */
#define PLAY_LISTEN_MS  50

struct play {
	const char *file;
	unsigned line; /* of the step being played */
	struct arena arena;
	struct buf script, stdin_text;

	char *args[PLAY_ARGS_MAX + 1];
	size_t n_args;
	const char *ca; /* name of the file, null until needed */
	struct tls_cert *cert;
	pid_t child;
	int out, err; /* what the command writes */
	int status;   /* of waitpid(), once child is 0 */

	int listener;
	uint16_t port;
	int fd; /* of the connection, -1 */
	struct stream *stream;
	bool closed; /* by the script */
};

/* "FILE:LINE: ..." on stderr; always -1. */
int play_fail(const struct play *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* How long a dialogue may last: PLAY_SECONDS, more in slow surroundings
 * (valgrind), as tests/lib/bounded has it. */
unsigned play_seconds(void);

/* Text with \r \n \t \0 \\ \xHH as octets. */
struct slice play_unescape(struct play *p, struct slice s);

/* The steps, as play.c explains them; 0 or -1. */
int play_send(struct play *p, struct slice arg);
int play_send_raw(struct play *p, struct slice arg);
int play_send_many(struct play *p, struct slice arg);
int play_send_long(struct play *p, struct slice arg);
int play_expect(struct play *p, struct slice arg);
int play_expect_raw(struct play *p, struct slice arg);
int play_data(struct play *p, struct slice arg);
int play_tls(struct play *p, struct slice arg);
int play_tls_fails(struct play *p, struct slice arg);
int play_wait(struct play *p, struct slice arg);
int play_eof(struct play *p, struct slice arg);
int play_close(struct play *p, struct slice arg);
int play_reset(struct play *p, struct slice arg);
int play_accept(struct play *p, struct slice arg);

#endif
