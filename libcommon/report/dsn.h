/* Delivery status notifications: RFC 3464, with the address types and escapes
 * of RFC 3461 (xtext) and RFC 6533 (utf-8). Groups of fields are told apart by
 * what they hold, not by their place.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_DSN_H
#define REPORT_DSN_H

#include "base/arena.h"
#include "base/err.h"

#include "report/reason.h"

#define DSN_RECIPIENTS_MAX 100000  /* beyond: left out, and cut is set */
#define DSN_AT_ONCE        500     /* that are in memory together */
#define DSN_FIELDS_MAX     2000000 /* fields of a report; beyond as well */

struct dsn_recipient {
	struct slice final, final_type;       /* "a@b", "rfc822" */
	struct slice original, original_type; /* Original-Recipient */
	enum reason_action action;
	struct slice status; /* "5.1.1": Status, or as the text has it */
	struct slice diag, diag_type; /* Diagnostic-Code: text, "smtp" */
	unsigned reply;               /* code in the text, 0: none */
	struct slice remote_mta, last_attempt, will_retry_until;
	struct slice remote_ip;
	const char *blocklist; /* that the words name, or null */
	unsigned retry_after;  /* seconds they ask for, 0: none */
	struct slice command;  /* "RCPT": what the server refused, or empty */

	unsigned derived; /* bits of dsn_derived */
	const struct reason *reason;
	const char *rule; /* that chose it */
	struct slice words;
	enum reason_confidence confidence;
	size_t row; /* of the rules, SIZE_MAX: none */
	bool own_rule;
};

/* What was not in a field of its own. */
enum dsn_derived {
	DSN_RCPT = 1,
	DSN_ACTION = 2,
	DSN_STATUS = 4,
	DSN_DIAG = 8,
	DSN_RMTA = 16,
	DSN_STATUS_BY_REASON = 32 /* nobody gave one */
};

struct dsn {
	struct dsn_recipient *v; /* in the arena, in order */
	size_t n;                /* of them; more may follow: dsn_more() */
	size_t first;            /* recipients before them */
	size_t all;              /* of the whole report */
	struct slice rest;       /* private: where more are read from */
	struct slice reporting_mta, envid, arrival; /* per message */
	struct slice orig_msgid; /* of the message that came back, "<a@b>" */
	struct slice orig_from;  /* and its From */
	struct slice list_id;    /* and the name in its List-Id */
	struct slice returned_header; /* and all its fields */
	bool cut;                     /* a limit was met */
};

/* Reads the fields of a report and the first DSN_AT_ONCE of the recipients they
 * name; the others are counted. All views are of the text or in the arena. */
void dsn_fields(struct slice text, struct arena *a, struct dsn *d);

/* The next ones of that text, in place of those at hand: false when there are
 * none. */
bool dsn_more(struct arena *a, struct dsn *d);

/* "failed", "delayed", ...: REASON_ACTION_NONE when it is none of them. */
enum reason_action dsn_action(struct slice word);

/* An address of a field "type; address": brackets, comments and escapes
 * undone. xtext (RFC 3461 section 4): "+" 2HEXDIG, undone where the octet had
 * to be escaped, since many write addresses as they are. utf-8-addr-xtext (RFC
 * 6533 section 3): "\x{" HEX "}". */
void dsn_address(struct slice value, struct arena *a, struct slice *address_r,
    struct slice *type_r);

#endif
