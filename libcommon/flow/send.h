/* Sends messages to one server, or to the first of several that takes them:
 * connects, keeps the session for the next message, and tells what became of
 * each recipient.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_SEND_H
#define FLOW_SEND_H

#include "base/given.h"

#include "proto/smtp.h"

#include "flow/account.h"

#define SEND_CONNECT_MS 60000 /* for one server to answer */

/* Borrowed until send_free(). */
struct send_plan {
	const struct account_server *servers; /* in the order to try */
	size_t n;                             /* at least 1 */
	struct account_login login;
	const char *tls_ca; /* PEM file; null: the system's roots */
	const char *helo;   /* null: given's host name where it is one */
	int64_t timeout;    /* ms for all of it; 0: no limit but those of
	                     * RFC 5321, 4.5.3.2 */
	bool no_pipelining;
	const struct given *given;
};

struct send_result {
	struct smtp_result smtp;
	const char *server; /* host:port, or the path */
	const char *tls;    /* "TLSv1.3", null without */
	const char *cipher; /* likewise */
	bool verified;      /* the certificate was */
};

struct send;

struct send *send_new(const struct send_plan *plan);

/* Fills results[0..mail->rcpts-1], texts in the arena. What one server refuses
 * for a while, and everything when it cannot be reached or used, goes on to
 * the next one; what is sent, refused for good or uncertain does not. */
void send_message(struct send *s, const struct smtp_mail *mail,
    struct send_result *results, struct arena *a);

void send_free(struct send **s);

#endif
