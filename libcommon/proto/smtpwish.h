/* What a sender may want of the servers on the way beyond delivery: delivery
 * status notifications (RFC 3461), a time limit (2852), a later release (4865),
 * a priority (6710), TLS all the way (8689).
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SMTPWISH_H
#define PROTO_SMTPWISH_H

#include "base/slice.h"

#define SMTPWISH_NEVER   1u /* NOTIFY; 0: nothing is said */
#define SMTPWISH_SUCCESS 2u
#define SMTPWISH_FAILURE 4u
#define SMTPWISH_DELAY   8u

#define SMTPWISH_ENVID_MAX 100 /* octets as xtext (RFC 3461, 4.4) */

/* "SUCCESS,DELAY" for such a set; "" for none. */
#define SMTPWISH_NOTIFY_MAX 32
void smtpwish_notify(unsigned notify, char text_r[SMTPWISH_NOTIFY_MAX]);

/* Zero wants nothing. */
struct smtp_wish {
	unsigned notify;
	const char *ret;        /* "FULL", "HDRS", or null */
	struct slice envid;     /* printable ASCII */
	bool dsn_must;          /* refuse where DSN is not offered */
	bool deliver_by;        /* within by_seconds, else by_mode: */
	int64_t by_seconds;     /* +-999999999 */
	char by_mode;           /* 'R' return it, 'N' tell me */
	uint64_t hold_for;      /* seconds; 0: not */
	const char *hold_until; /* RFC 3339 time in UTC, or null */
	bool has_priority;
	int priority; /* -9 to 9 */
	bool require_tls;
};

#endif
