/* Messages in a row over one connection, to the first of the plan's servers
 * that takes them. Behind flow/send.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_SENDROW_H
#define FLOW_SENDROW_H

#include "flow/sendplan.h"

struct sendrow;

struct sendrow *sendrow_new(const struct send_plan *plan);
void sendrow_free(struct sendrow **s);

/* As send_put(), send_finish(). */
void sendrow_put(struct sendrow *s, struct send_job *job);
void sendrow_finish(struct sendrow *s);

/* May a message go to a server that was verified so (null: not at all)?
 * REQUIRETLS is for one that is known to be the one meant (RFC 8689, 4.2.1). */
int sendrow_trust(
    const struct smtp_mail *mail, const char *verified_by, struct err *e);

#endif
