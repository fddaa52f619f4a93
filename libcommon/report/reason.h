/* Why a message was not delivered, in one taxonomy: a reason, how final it is
 * (class), what it is about (scope), what a sender should do (act). One static
 * table of reasons, one of rules that choose among them from the words of the
 * reply, the enhanced status (RFC 3463, 5248 and the IANA registry) and the
 * reply code (RFC 5321).
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_REASON_H
#define REPORT_REASON_H

#include "report/rules.h"

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
	REASON_RELEASE,  /* it is wanted: take it off the list */
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
	struct slice host;   /* which server, or empty */
};

enum reason_confidence {
	REASON_BY_RULE,   /* words of the reply */
	REASON_BY_CODE,   /* its status or reply code */
	REASON_BY_ACTION, /* the report says what happened */
	REASON_GUESS      /* nothing fits */
};

/* Why the reason was chosen. */
struct reason_why {
	const char *rule;   /* its id in rules/reason.tsv */
	struct slice words; /* that it found, as flattened; in flat */
	enum reason_confidence confidence;
	size_t row; /* of the table; SIZE_MAX: none */
	bool own;   /* it is one of the user's */
	char flat[RULES_TEXT_MAX];
};

/* The reason, and why. Always one: "unknown" where no rule fits. own (may be
 * null) are the user's rules, asked first. */
const struct reason *reason_of(const struct reason_facts *f,
    const struct rules *own, struct reason_why *why_r);

/* The table of rules/reason.tsv, made at build time. */
extern const struct rules reason_rules;

const char *reason_class_name(enum reason_class c);
const char *reason_scope_name(enum reason_scope s);
const char *reason_act_name(enum reason_act a);
const char *reason_action_name(enum reason_action a);

#endif
