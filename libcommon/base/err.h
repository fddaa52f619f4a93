/* What went wrong: one value on the caller's stack, filled in at the place of
 * the failure. Nothing is allocated on the error path.
 *
 *	return err_set(e, ERR_PROTO, "greeting is not 220: '%s'", line);
 *
 * Text starts small, has no full stop and says cause, subject in quotes, and
 * the way out where there is one. Text from outside may stand in it: who
 * prints it masks control bytes (tools/tool.h).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/def.h"

/* The value is the exit status (sysexits, see mailtoolkit(7)). */
enum err_kind {
	ERR_OK = 0,
	ERR_NO = 1,           /* the answer is no */
	ERR_USAGE = 64,       /* the command line */
	ERR_DATA = 65,        /* bad input data */
	ERR_NOINPUT = 66,     /* input cannot be opened or is not there */
	ERR_NOUSER = 67,      /* no such recipient */
	ERR_NOHOST = 68,      /* no such host or domain */
	ERR_UNAVAILABLE = 69, /* refused for good, or not built in */
	ERR_BUG = 70,         /* ours */
	ERR_OS = 71,          /* the system: fork, pipe, random numbers */
	ERR_CANTCREAT = 73,   /* output cannot be created */
	ERR_IO = 74,          /* read or write failed, full disk included */
	ERR_TEMP = 75,        /* worth trying again */
	ERR_PROTO = 76,       /* the peer broke the protocol, TLS included */
	ERR_NOPERM = 77,      /* not allowed: login refused */
	ERR_CONFIG = 78       /* configuration, accounts file */
};

#define ERR_TEXT_MAX     512
#define ERR_ENHANCED_MAX 12 /* "5.123.123" and NUL (RFC 3463) */

struct err {
	enum err_kind kind;
	int sys;                         /* errno, or 0 */
	int smtp;                        /* SMTP reply code, or 0 */
	char enhanced[ERR_ENHANCED_MAX]; /* enhanced status, or "" */
	char text[ERR_TEXT_MAX];         /* cut short when longer, as UTF-8 */
};

/* Fills in e, which is cleared first; always -1. e may be null everywhere
 * here: the caller does not care why. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* As err_set(), and adds ": " and the text of errno. The kind follows errno:
 * ENOMEM, EAGAIN, EMFILE, ENFILE, ETIMEDOUT, ECONNREFUSED, ECONNRESET,
 * EHOSTUNREACH, ENETUNREACH and the like are ERR_TEMP, everything else is
 * kind. */
int err_sys(struct err *e, enum err_kind kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Puts context in front: "RCPT TO <a@b>: " and what stood there; always -1. */
int err_in(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Which of two outcomes to report over many messages or recipients: the worse,
 * where temporary beats permanent (a caller who tries again loses none). */
enum err_kind err_worse(enum err_kind a, enum err_kind b);

#endif
