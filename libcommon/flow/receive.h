/* A server that receives: many sessions at once, each accepted message durable
 * before its 250. It never sends anything on.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_RECEIVE_H
#define FLOW_RECEIVE_H

#include "base/err.h"
#include "base/given.h"

#include "net/dial.h"

#include "proto/smtpd.h"

#include "flow/receivekeep.h"
#include "flow/receivepolicy.h"

#define RECEIVE_SESSIONS_MAX 200   /* where the plan says 0 */
#define RECEIVE_GRACE_MS     10000 /* for messages under way when stopped */

/* A message that is kept. */
struct receive_message {
	const struct smtpd_envelope *env;
	const char *peer; /* address of the client */
	const char *with; /* "ESMTPSA" */
	uint64_t size;    /* octets as received */
	const char *path; /* in a Maildir, or null */
};

struct receive_plan {
	struct smtpd_plan session; /* calls, arg and descriptors are set here */
	struct receivekeep_plan keep;
	const struct receivepolicy *policy;
	size_t sessions_max;
	uint64_t messages; /* stop after so many; 0: never */
	/* Asked whenever a signal came, or something was received. */
	bool (*stopping)(void);
	/* Told of each kept message before its 250, and of a session or a
	 * message that failed; one at a time. Each may be null. */
	void (*kept)(void *arg, const struct receive_message *m);
	void (*failed)(void *arg, const char *peer, const struct err *e);
	void *arg;
};

/* Serves until stopping() or the number of messages is reached: no more
 * connections, idle sessions end with 421, messages under way come to their
 * end within RECEIVE_GRACE_MS. SIGINT and SIGTERM are blocked but while
 * waiting. */
int receive_listen(const struct receive_plan *plan, int fd, struct err *e);

/* One session over two descriptors, which it takes (inetd). */
int receive_session(
    const struct receive_plan *plan, int rfd, int wfd, struct err *e);

#endif
