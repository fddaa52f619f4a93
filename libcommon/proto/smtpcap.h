/* What a server offers: the keywords of its reply to EHLO or LHLO (RFC 5321
 * section 4.1.1.1).
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_SMTPCAP_H
#define PROTO_SMTPCAP_H

#include "base/slice.h"

#define SMTPCAP_AUTH_MAX 512 /* octets of mechanisms' names */

struct smtp_caps {
	bool starttls;
	bool pipelining;
	bool chunking;  /* BDAT */
	bool binary;    /* BINARYMIME */
	bool eight_bit; /* 8BITMIME */
	bool utf8;      /* SMTPUTF8 */
	bool dsn;
	bool deliver_by;
	uint64_t by_min; /* seconds; 0: not told */
	bool future_release;
	uint64_t hold_max; /* seconds; 0: not told */
	bool mt_priority, require_tls, xclient;
	uint64_t mail_max, rcpt_max, rcpt_domain_max; /* LIMITS; 0: none */
	bool size;
	uint64_t size_max; /* octets of a message; 0: no maximum is told */
	bool auth;         /* the keyword is there */
	char mechanisms[SMTPCAP_AUTH_MAX]; /* words, each with a blank behind;
	                                    * those that do not fit are lost */
};

/* From the text of the reply, lines with LF between; the first of them is the
 * server's name. Keywords that nobody knows are passed over. */
void smtpcap_read(struct slice text, struct smtp_caps *caps_r);

#endif
