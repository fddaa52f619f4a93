/* Delivery status notifications: RFC 3464, with the address types and escapes
 * of RFC 3461 (xtext) and RFC 6533 (utf-8).
 *
 * The report is the part of type message/delivery-status or
 * message/global-delivery-status, wherever it stands but inside an attached
 * message: a bounce that a person forwards is no bounce. In a multipart/report
 * another part is taken as well when its fields are those of a report. Groups
 * of fields are told apart by what they hold, not by their place.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_DSN_H
#define REPORT_DSN_H

#include "base/arena.h"
#include "base/err.h"

#include "report/reason.h"

#define DSN_RECIPIENTS_MAX 100000  /* beyond: left out, and cut is set */
#define DSN_FIELDS_MAX     2000000 /* fields of a report; beyond as well */

struct dsn_recipient {
	struct slice final, final_type;       /* "a@b", "rfc822" */
	struct slice original, original_type; /* Original-Recipient */
	enum reason_action action;
	bool action_inferred; /* no Action was there: by the status */
	struct slice status;  /* "5.1.1": Status, or as the text has it */
	bool status_inferred; /* not from the field Status */
	struct slice diag, diag_type; /* Diagnostic-Code: text, "smtp" */
	unsigned reply;               /* code in the text, 0: none */
	struct slice remote_mta, last_attempt, will_retry_until;
};

enum dsn_format { DSN_RFC3464, DSN_RFC6533, DSN_MISLABELLED };

struct dsn {
	enum dsn_format format;
	struct dsn_recipient *v; /* in the arena, in order */
	size_t n;
	struct slice reporting_mta, envid, arrival; /* per message */
	struct slice orig_msgid; /* of the message that came back, "<a@b>" */
	bool cut;                /* a limit was met */
	const char *why;         /* when it is no DSN: what it is instead */
};

/* 1 a DSN, 0 none (why says what was seen), -1 a message over the limits of
 * msg/header. All views are of the message or in the arena. */
int dsn_read(
    struct slice message, struct arena *a, struct dsn *d_r, struct err *e);

/* An address of a field "type; address": brackets, comments and escapes
 * undone. xtext (RFC 3461 section 4): "+" 2HEXDIG, undone where the octet had
 * to be escaped, since many write addresses as they are. utf-8-addr-xtext (RFC
 * 6533 section 3): "\x{" HEX "}". */
void dsn_address(struct slice value, struct arena *a, struct slice *address_r,
    struct slice *type_r);

#endif
