/* The POP3 half of flow/fetch; only its parts include it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHPOP3_H
#define FLOW_FETCHPOP3_H

#include "proto/pop3.h"

#include "flow/fetchrun.h"

/* Connects and logs in: TLS, then login. *delay_r, which may be null, becomes
 * what the server says of LOGIN-DELAY, seconds, whatever becomes of the
 * login. */
int fetchpop3_open(const struct fetch_plan *plan, struct pop3 **p_r,
    uint32_t *delay_r, struct err *e);

/* What is new, over a session of its own; r has state and target open. */
int fetchpop3_box(struct fetchrun *r, struct err *e);

/* As fetch_peek(). */
int fetchpop3_peek(const struct fetch_plan *plan,
    void (*look)(void *arg, const struct fetch_look *look), struct err *e);

#endif
