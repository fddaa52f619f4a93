/* What the files of proto/pop3 share: the session, its lines and replies.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_POP3WIRE_H
#define PROTO_POP3WIRE_H

#include "base/buf.h"

#include "proto/pop3.h"

#define POP3WIRE_STAMP_MAX   512  /* octets of the greeting's timestamp */
#define POP3WIRE_OFFERED_MAX 4096 /* of the mechanisms' names */

struct pop3 {
	struct stream *stream; /* owned */
	int64_t timeout;
	const struct trace *trace;
	struct buf stamp;   /* "<...@...>" of the greeting, or empty */
	struct buf offered; /* mechanisms of SASL */
	bool has_capa, has_stls, has_pipelining, has_user, has_utf8, has_top;
	uint32_t login_delay; /* seconds */
	bool deletes;         /* something is marked */
};

/* One line of at most max octets; -1 at the end of the connection too. */
int pop3wire_line(
    struct pop3 *p, size_t max, struct slice *line_r, struct err *e);

/* One line of a listing, dot undone: 1, 0 at ".", -1. */
int pop3wire_listing(struct pop3 *p, struct slice *line_r, struct err *e);

/* A status line and its text: 1 "+OK", 0 "-ERR", -1. */
int pop3wire_status(struct pop3 *p, struct slice *text_r, struct err *e);

/* The same in a login, where 2 is "+ " and a challenge (RFC 5034, 4). */
int pop3wire_answer(struct pop3 *p, struct slice *text_r, struct err *e);

/* Puts a command into the stream's buffer; shown (null: the command) goes
 * into the trace. */
int pop3wire_put(
    struct pop3 *p, struct slice command, const char *shown, struct err *e);

/* A command and its status line. */
int pop3wire_ask(
    struct pop3 *p, const char *command, struct slice *text_r, struct err *e);

/* The error of a -ERR: of this kind, unless its code says another
 * (RFC 2449, 8; RFC 3206). */
int pop3wire_refused(const struct pop3 *p, struct slice text,
    enum err_kind kind, const char *command, struct err *e);

#endif
