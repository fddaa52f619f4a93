/* Where an accepted message goes: into a Maildir, or to a command's standard
 * input. Either way it is whole before anybody sees it, lines in LF (those of a
 * BINARYMIME message in CRLF, as they came), with Return-Path and Received on
 * top (RFC 5321, 4.4).
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_RECEIVEKEEP_H
#define FLOW_RECEIVEKEEP_H

#include "base/given.h"

#include "store/maildir.h"

#include "proto/smtpd.h"

#define RECEIVEKEEP_COMMAND_MS 300000 /* longest run of a command */

struct receivekeep_plan {
	const char *maildir;  /* its directory, or */
	const char *command;  /* for sh -c */
	char *const *environ; /* of the command; SENDER and RECIPIENTS (one a
	                       * line) are added */
	bool dsn;             /* likewise DSN_ENVID, DSN_RET, and, one a line,
	                       * DSN_NOTIFY and DSN_ORCPT */
	const char *hostname;
	const struct given *given;
	int break_off; /* readable: give a running command up */
};

/* One message. Starts as zero. */
struct receivekeep {
	bool open;
	bool binary;   /* octets stay as they are */
	uint64_t size; /* octets as received, without the fields on top */
	struct maildir_file file;
	int temp;          /* for a command */
	struct err failed; /* the first thing that went wrong */
};

void receivekeep_begin(struct receivekeep *k, const struct receivekeep_plan *p,
    const struct smtpd_envelope *env, const char *peer, struct smtpd_answer *a);
void receivekeep_write(struct receivekeep *k, const struct receivekeep_plan *p,
    struct slice octets);

/* Sets *a to a refusal when it could not be kept: 452 for a full disk, 451
 * for what may pass, 554 for what the command refuses. true: it is kept. */
bool receivekeep_commit(struct receivekeep *k, const struct receivekeep_plan *p,
    const struct smtpd_envelope *env, struct smtpd_answer *a);
void receivekeep_abort(struct receivekeep *k, const struct receivekeep_plan *p);

/* The word behind "with" in Received (RFC 3848, RFC 6531): "ESMTPSA". */
void receivekeep_with(const struct smtpd_envelope *env, char word_r[16]);

#endif
