/* What a composed message shall be (see compose.h).
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSG_COMPOSE_PLAN_H
#define MSG_COMPOSE_PLAN_H

#include "base/slice.h"

#define COMPOSE_FILES_MAX  500         /* attached; inline */
#define COMPOSE_HEADER_MAX (1u << 20)  /* octets of the message's header */
#define COMPOSE_TEXT_MAX   (64u << 20) /* octets of text, of HTML */

struct compose_list {
	const char *const *v;
	size_t n;
};

/* What the message shall be; texts are UTF-8, borrowed until compose_free().
 * Zero means: is not there. */
struct compose_plan {
	const char *from;                     /* "Name <a@b>", one or more */
	const char *sender;                   /* one; for several authors */
	struct compose_list to, cc, reply_to; /* "Name <a@b>, c@d" each */
	const char *subject;
	const char *date;         /* as it stands; else made */
	const char *message_id;   /* as it stands; else made */
	struct compose_list more; /* "Name: value" each */
	const char *text;         /* path, "-" is standard input */
	const char *html;         /* path, "-" likewise */
	struct slice text_bytes;  /* or the text itself, when text is null */
	struct slice html_bytes;
	struct compose_list attach;  /* "FILE[;type=T/S][;name=NAME]" each */
	struct compose_list inlined; /* "FILE[;cid=ID][;type=..][;name=..]" */
	bool text_from_html;         /* the text is made from the HTML */
	bool flowed;                 /* the text is format=flowed (RFC 3676) */
	bool smtputf8; /* addresses whose local part is UTF-8 stay as they
	                * are (RFC 6532); otherwise they are refused. The
	                * domains of all others become A-labels */
};

#endif
