/* Why a message was not delivered, in one taxonomy: a reason, how final it is
 * (class), what it is about (scope), what a sender should do (act). One static
 * table of reasons, one of rules that choose among them from the words of the
 * reply, the enhanced status (RFC 3463, 5248 and the IANA registry) and the
 * reply code (RFC 5321).
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_REASON_H
#define REPORT_REASON_H

#include "base/slice.h"

#define REASON_DIAG_MAX 4096 /* octets of a text that rules look at */

enum reason_class {
	REASON_HARD,    /* this address will not work again */
	REASON_SOFT,    /* it may work later */
	REASON_BLOCK,   /* they do not want it from us */
	REASON_MESSAGE, /* it is about this message */
	REASON_INFO,    /* nothing failed */
	REASON_UNKNOWN
};

enum reason_scope {
	REASON_OF_RECIPIENT,
	REASON_OF_DOMAIN,
	REASON_OF_SENDER_IP,
	REASON_OF_SENDER_DOMAIN,
	REASON_OF_MESSAGE,
	REASON_OF_SYSTEM, /* theirs */
	REASON_OF_NOTHING
};

enum reason_act {
	REASON_SUPPRESS, /* do not write to it again */
	REASON_COUNT,    /* suppress when it comes again and again */
	REASON_HOLD,     /* stop sending from this address or domain for now */
	REASON_FIX,      /* something of ours is to be mended */
	REASON_NO_ACT
};

struct reason {
	const char *name; /* "user-unknown" */
	enum reason_class class;
	enum reason_scope scope;
	enum reason_act act;
};

enum reason_action { /* RFC 3464 section 2.3.3 */
	REASON_ACTION_NONE,
	REASON_FAILED,
	REASON_DELAYED,
	REASON_DELIVERED,
	REASON_RELAYED,
	REASON_EXPANDED
};

/* What is known of one recipient's failure. */
struct reason_facts {
	enum reason_action action;
	struct slice status; /* "5.1.1", or empty */
	unsigned reply;      /* 550, or 0 */
	struct slice text;   /* what the server said */
};

/* The reason and the rule that chose it ("words:user unknown", "status:5.1.1",
 * "reply:552", "action:delayed"; in what[]). Always one: "unknown" where no
 * rule fits. Rules are tried words first, then status, reply, action; within
 * each in the table's order. */
#define REASON_RULE_MAX 64
const struct reason *reason_of(
    const struct reason_facts *f, char rule_r[REASON_RULE_MAX]);

const char *reason_class_name(enum reason_class c);
const char *reason_scope_name(enum reason_scope s);
const char *reason_act_name(enum reason_act a);
const char *reason_action_name(enum reason_action a);

/* The first enhanced status ("5.7.1") in text that starts with the given class
 * digit ('4', '5'; 0: any), and the first reply code (4xx, 5xx) that stands
 * alone. False, 0: there is none. */
bool reason_find_status(struct slice text, int class, struct slice *status_r);
unsigned reason_find_reply(struct slice text);

#endif
