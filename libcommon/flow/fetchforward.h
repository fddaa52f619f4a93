/* Handing fetched messages on to a server by LMTP or SMTP, one at a time: the
 * forward function of store/sink.
 *
 * The envelope's sender is that of Return-Path, else the null sender, so that
 * nobody gets bounces who did not send.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHFORWARD_H
#define FLOW_FETCHFORWARD_H

#include "base/given.h"

#include "flow/account.h"

struct fetchforward_plan {
	const char *server; /* URL, see flow/account.h */
	const char *tls;    /* --tls of it, or null */
	const char *ca_file;
	const char *const *rcpts; /* at least one */
	size_t n;
	int64_t timeout; /* ms for a message; 0: none of ours */
	const struct given *given;
};

struct fetchforward;

/* "lmtp:", "smtp:", "smtp+tls:" or "smtps:" in front. */
bool fetchforward_is(const char *target);

/* Borrows the plan. ERR_USAGE for a URL or address that is none. */
int fetchforward_new(const struct fetchforward_plan *plan,
    struct fetchforward **f_r, struct err *e);
void fetchforward_free(struct fetchforward **f);

/* Sends the message in fd, whose lines end in LF; arg is a struct
 * fetchforward. 1: every recipient has it, or may have (then it must not come
 * again); 0: it was refused, e says why; -1: no message can be sent now. */
int fetchforward_send(void *arg, int fd, struct err *e);

#endif
