/* Sends messages to one server, or to the first of several that takes them:
 * connects, keeps the session for the next message, and tells what became of
 * each recipient. A struct send belongs to one thread at a time and has one
 * connection.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_SEND_H
#define FLOW_SEND_H

#include "flow/sendplan.h"

struct send;

struct send *send_new(const struct send_plan *plan);

/* Puts a message on its way; jobs are settled here, or in send_finish() at
 * the latest. What one server refuses for a while, and everything when it
 * cannot be reached or used, goes on to the next one; what is sent, refused
 * for good or uncertain does not. Recipients that were too many for one
 * transaction get another one; a message that a server closed the connection
 * upon without a look at it gets another connection. */
void send_put(struct send *s, struct send_job *job);

/* All that was put is settled. */
void send_finish(struct send *s);

/* One message: fills results[0..mail->rcpts-1], texts in the arena. */
void send_message(struct send *s, const struct smtp_mail *mail,
    struct send_result *results, struct arena *a);

void send_free(struct send **s);

#endif
