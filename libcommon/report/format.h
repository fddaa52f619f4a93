/* What a line, a From or a Subject of machine-made mail tells: the signs of
 * rules/format.tsv. A line is flattened with "^" in front of it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include "report/rules.h"

enum format_sign {
	FORMAT_FROM,    /* a From of those who write bounces */
	FORMAT_SENDER,  /* a From of programs, bounces among what they write */
	FORMAT_SUBJECT, /* a Subject of bounces */
	FORMAT_STOP,    /* the returned message begins */
	FORMAT_SAID,    /* only bounces say this */
	FORMAT_DELAY,   /* nothing is lost yet */
	FORMAT_LIST,    /* the lines behind it name recipients */
	FORMAT_RCPT,    /* the address behind it is a recipient */
	FORMAT_NOT,     /* the address behind it is none */
	FORMAT_ORIGIN, /* the address behind it is what a recipient came from */
	FORMAT_HEAD,   /* fields of the message follow, to an empty line */
	FORMAT_SKIP,   /* tells nothing of the cause */
	FORMAT_AUTO,   /* an automatic reply of a person's mailbox */
	FORMAT_CHALLENGE, /* the sender is asked to confirm */
	FORMAT_FORWARD,   /* somebody forwards something */
	FORMAT_COMPLAINT, /* a complaint without RFC 5965's parts */
	FORMAT_ASKS,      /* a server asks the sender to confirm */
	FORMAT_OWNER,     /* a mailbox's owner is told of it */
	FORMAT_SIGNS
};

/* -1: there is none of that name. */
int format_sign_named(struct slice name);

/* The table of rules/format.tsv, made at build time. */
extern const struct rules format_rules;

/* Signs in one text, as bits (1u << FORMAT_SAID). */
unsigned format_signs(struct slice flat);

#endif
