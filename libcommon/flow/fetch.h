/* Brings a mailbox here over IMAP or POP3, once each message (store/sink.h
 * says where to, flow/fetchstate.h how it is remembered).
 *
 * One pipeline: all that is new is asked for at once, and written while the
 * server sends. The security order is TLS, login, mail; what is not encrypted
 * carries no password but where the plan says so.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCH_H
#define FLOW_FETCH_H

#include "flow/fetchplan.h"

/* The whole run. What came before a failure stays and counts. ERR_TEMP when
 * the server asks to come later, when another run has the state, and when the
 * run was told to stop; ERR_DATA when messages were passed over. */
int fetch_run(const struct fetch_plan *plan, struct fetch_totals *totals_r,
    struct err *e);

/* The folders of an IMAP account, or those the plan names, with counts. */
int fetch_folders(const struct fetch_plan *plan,
    void (*folder)(void *arg, const struct fetch_folder *f), struct err *e);

/* Headers of messages, of all the plan searches, and fetches none; nothing is
 * remembered. */
int fetch_peek(const struct fetch_plan *plan,
    void (*look)(void *arg, const struct fetch_look *look), struct err *e);

#endif
