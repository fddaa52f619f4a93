/* What is to be sent, where, and what became of it: shared by flow/send and
 * the two ways behind it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_SENDPLAN_H
#define FLOW_SENDPLAN_H

#include "base/given.h"

#include "proto/smtp.h"

#include "flow/connect.h"

#define SEND_DOWN_MS   30000 /* how long one that did not is left alone */
#define SEND_TRIES_MAX 5     /* connections for one message and server */

struct route_plan;
struct send_job;

/* Borrowed until it is freed. */
struct send_plan {
	const struct account_server *servers; /* in the order to try */
	size_t n;                             /* at least 1 */
	struct connect_plan connect;          /* but for its deadline */
	int64_t timeout; /* ms for all of it; 0: no limit but those of
	                  * RFC 5321, 4.5.3.2 */
	/* Null: to the servers above; else to those of each recipient's domain,
	 * as this says (flow/route.h). */
	const struct route_plan *mx;
	size_t per_connection; /* messages of one; 0: no limit */
	/* Not null: nothing is sent, this fills in the results of the job. The
	 * plan is that of the servers it would go to. */
	void (*instead)(
	    void *arg, const struct send_plan *plan, struct send_job *job);
	void *instead_arg;
};

struct send_result {
	struct smtp_result smtp;
	const char *server;   /* host:port, or the path */
	const char *ip;       /* its address; null for a path, or without a
	                       * connection */
	const char *tls;      /* "TLSv1.3", null without */
	const char *cipher;   /* likewise */
	const char *verified; /* as connect_session's verified_by */
	const char *failure;  /* likewise its failure */
	const char *queue_id; /* what the server calls the message, or null */
	int64_t ms;           /* from its start to this result */
};

/* A message to be sent. All is the caller's and stays until settled() is
 * called, after which nothing here looks at it again. */
struct send_job {
	struct smtp_mail mail;
	struct send_result *results;           /* of each recipient */
	struct arena *a;                       /* for their texts */
	void (*settled)(struct send_job *job); /* may free the job */
	void *arg;
	uint64_t number; /* of the message, for the plan's instead */

	/* Private: what of it is at the server now. */
	struct sendrow *row;
	struct send_job *next;
	struct smtp_job job;
	struct smtp_mail part; /* recipients that are still open */
	size_t *index;         /* of each of part's among all */
	size_t server;         /* which one */
	unsigned tries;
	int64_t start;
};

#endif
