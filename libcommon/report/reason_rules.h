/* The tables behind report/reason: the reasons, and the rules as data. A rule
 * of words is lower case with single blanks; the first that occurs decides, so
 * what is special stands before what is general.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_REASON_RULES_H
#define REPORT_REASON_RULES_H

#include "report/reason.h"

enum reason_id {
	REASON_ID_USER_UNKNOWN,
	REASON_ID_USER_MOVED,
	REASON_ID_ADDRESS_SYNTAX,
	REASON_ID_OWNER_CHANGED,
	REASON_ID_MAILBOX_DISABLED,
	REASON_ID_MAILBOX_FULL,
	REASON_ID_RECIPIENT_RATE,
	REASON_ID_RECIPIENT_REFUSED,
	REASON_ID_LIST_EXPANSION,
	REASON_ID_TOO_LARGE,
	REASON_ID_DOMAIN_UNKNOWN,
	REASON_ID_NULL_MX,
	REASON_ID_DNS_TEMPORARY,
	REASON_ID_CONNECT_FAILED,
	REASON_ID_TLS_FAILED,
	REASON_ID_ROUTING_LOOP,
	REASON_ID_EXPIRED,
	REASON_ID_SYSTEM_FULL,
	REASON_ID_SYSTEM_DOWN,
	REASON_ID_SYSTEM_ERROR,
	REASON_ID_DELIVERY_AGENT,
	REASON_ID_PROTOCOL,
	REASON_ID_TOO_MANY_RECIPIENTS,
	REASON_ID_SMTPUTF8,
	REASON_ID_SPAM_CONTENT,
	REASON_ID_VIRUS,
	REASON_ID_ATTACHMENT,
	REASON_ID_MALFORMED,
	REASON_ID_IP_LISTED,
	REASON_ID_REPUTATION,
	REASON_ID_SENDER_REJECTED,
	REASON_ID_PTR_MISSING,
	REASON_ID_AUTH_FAILED,
	REASON_ID_AUTH_REQUIRED,
	REASON_ID_RATE_LIMITED,
	REASON_ID_GREYLISTED,
	REASON_ID_RELAY_DENIED,
	REASON_ID_POLICY_OTHER,
	REASON_ID_ESP_SUPPRESSED,
	REASON_ID_DELAYED,
	REASON_ID_DELIVERED,
	REASON_ID_RELAYED,
	REASON_ID_EXPANDED,
	REASON_ID_UNKNOWN,
	REASON_IDS
};

struct reason_words {
	const char *words;
	enum reason_id reason;
};

struct reason_status {
	char class;         /* '4', '5', 0: any */
	const char *status; /* ".1.1" */
	enum reason_id reason;
};

struct reason_reply {
	unsigned reply;
	enum reason_id reason;
};

extern const struct reason reasons[REASON_IDS];
extern const struct reason_words reason_words[];
extern const struct reason_status reason_statuses[];
extern const struct reason_reply reason_replies[];
extern const size_t reason_word_count, reason_status_count, reason_reply_count;

#endif
