/* An IMAP session, from the socket to the login: over TCP, a unix socket, or
 * a command that speaks IMAP (a tunnel).
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHSESSION_H
#define FLOW_FETCHSESSION_H

#include <sys/types.h>

#include "proto/imap.h"

#include "flow/fetchplan.h"

struct fetchsession {
	struct imap *imap;
	pid_t tunnel; /* 0: none */
};

/* Connects and logs in: TLS, then login, then what makes mail cheaper. */
int fetchsession_open(
    const struct fetch_plan *plan, struct fetchsession *s, struct err *e);

/* Says goodbye, or just ends. One that is not open is fine. */
void fetchsession_close(struct fetchsession *s);
void fetchsession_drop(struct fetchsession *s);

#endif
