/* Watching mailboxes: fetches, waits for news, fetches again, until told to
 * stop (see fetch.h).
 *
 * One mailbox is waited for by IDLE (RFC 2177); many by NOTIFY (RFC 5465)
 * where the server has it, else they are looked at again and again. A session
 * that ends is opened again, after waits that grow, and not before the time
 * that a POP3 server wants between logins.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_FETCHWATCH_H
#define FLOW_FETCHWATCH_H

#include "flow/fetchplan.h"

#define FETCHWATCH_POLL_MS  300000  /* from look to look, unless told */
#define FETCHWATCH_IDLE_MS  1500000 /* of one IDLE: 25 of 29 minutes */
#define FETCHWATCH_SHORT_MS 240000  /* of one where servers hang up soon */
#define FETCHWATCH_WAIT_MS  1000    /* before the first new session; doubled */
#define FETCHWATCH_MOST_MS  600000  /* up to this */

struct fetchwatch_plan {
	const struct fetch_plan *fetch; /* its stop descriptor ends the watch */
	int64_t interval;               /* ms from look to look; 0: as above */
	uint64_t retries; /* sessions that may fail in a row; 0: any number */
	/* After a round that brought something. May be null. */
	void (*news)(void *arg, const struct fetch_totals *round);
	void *arg;
};

/* Runs until the stop descriptor is readable: 0. -1 for what would not get
 * better by waiting: a refused login, a mailbox that is not there, a target
 * that cannot be written. totals_r are those of all rounds. */
int fetch_watch(const struct fetchwatch_plan *plan,
    struct fetch_totals *totals_r, struct err *e);

/* One run, whose session is opened again up to plan->retries times when it is
 * lost or the server asks to come later. */
int fetch_retry(const struct fetchwatch_plan *plan,
    struct fetch_totals *totals_r, struct err *e);

#endif
