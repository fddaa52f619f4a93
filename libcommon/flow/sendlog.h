/* What a run of many messages has done so far, recipient by recipient, in a
 * journal: a run that was killed goes on without a message lost or sent twice.
 *
 * A message is known by its octets, its sender, and its place among its likes
 * in the run; with a recipient that is an entry. Before content leaves,
 * "begun" is made durable; the outcome follows when it is known. So what is
 * begun and has no outcome is uncertain: it may have arrived.
 *
 * For any thread. SPDX-License-Identifier: MIT */
#ifndef FLOW_SENDLOG_H
#define FLOW_SENDLOG_H

#include "base/arena.h"
#include "base/err.h"

#include "proto/smtp.h"

#define SENDLOG_KEY_SIZE    16       /* octets */
#define SENDLOG_ENTRIES_MAX 50000000 /* of one journal */

struct sendlog;

enum sendlog_state {
	SENDLOG_NEW,   /* nothing is known of it */
	SENDLOG_BEGUN, /* and no more: uncertain */
	SENDLOG_SENT,
	SENDLOG_TEMPORARY, /* may be sent */
	SENDLOG_PERMANENT,
	SENDLOG_UNCERTAIN
};

struct sendlog_key {
	uint8_t octets[SENDLOG_KEY_SIZE];
};

/* Opens the journal; without resume it must be new or empty: ERR_CANTCREAT
 * says so. Another run that has it open is ERR_TEMP. */
int sendlog_open(
    const char *path, bool resume, struct sendlog **l_r, struct err *e);

/* The keys of one message's recipients, in the arena. Called once for each
 * message of the run, in order. */
int sendlog_keys(struct sendlog *l, struct slice message, struct slice from,
    const struct slice *rcpt, size_t n, struct arena *a,
    struct sendlog_key **keys_r, struct err *e);

/* As the journal had it when it was opened, or as it was noted since. */
enum sendlog_state sendlog_state(
    struct sendlog *l, const struct sendlog_key *key);

/* Notes that these are about to be sent: durable when it returns 0. */
int sendlog_begin(
    struct sendlog *l, const struct sendlog_key *keys, size_t n, struct err *e);

/* Notes what became of one. It reaches the disk soon, the system at once. */
int sendlog_outcome(struct sendlog *l, const struct sendlog_key *key,
    enum smtp_outcome outcome, struct err *e);

/* Makes all durable, closes. */
int sendlog_close(struct sendlog **l, struct err *e);

#endif
