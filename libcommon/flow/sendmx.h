/* Sends straight to the servers of each recipient's domain: a message is split
 * by domain, each domain has its route (flow/route) and its connection. Behind
 * flow/send, which comes here when its plan says so.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_SENDMX_H
#define FLOW_SENDMX_H

#include "flow/sendplan.h"

#define SENDMX_DOMAINS_MAX 64 /* whose connections are kept at one time */

struct sendmx;

struct sendmx *sendmx_new(const struct send_plan *plan);
void sendmx_free(struct sendmx **m);

/* As send_put(), send_finish(). */
void sendmx_put(struct sendmx *m, struct send_job *job);
void sendmx_finish(struct sendmx *m);

#endif
