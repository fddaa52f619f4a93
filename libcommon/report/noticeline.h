/* One line of a bounce's text: its signs, and its addresses with their weight
 * (report/notice).
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_NOTICELINE_H
#define REPORT_NOTICELINE_H

#include "report/format.h"
#include "report/notice.h"

#define NOTICELINE_ADDRESSES_MAX 32 /* of one line; beyond: left out */

struct noticeline_address {
	struct slice address; /* as it stands */
	const char *behind;   /* where what follows it starts */
	enum notice_weight weight;
	bool origin; /* "generated from" stands before it */
	bool headed; /* "<a@b>:" starts the line */
	bool marked; /* words before it call it a recipient */
	bool field;  /* it is in "To:" */
};

struct noticeline {
	struct slice raw; /* trimmed */
	unsigned signs;
	unsigned reply; /* a reply code starts the line or follows "said:" */
	bool anchored;  /* its stop sign is a field of a header */
	size_t indent;  /* blanks before it */
	bool lone;      /* one word without "@", indented */
	bool field;     /* "Name: value" */
	bool head;      /* announces fields of the message */
	struct noticeline_address v[NOTICELINE_ADDRESSES_MAX];
	size_t n;
	size_t flat_n; /* 0: the line is empty */
};

/* True for "> text": what a person quotes. ">>> text" is SMTP. */
bool noticeline_quoted(struct slice line);

/* Reads a line; list: one that announces recipients was before it. */
void noticeline_read(struct noticeline *l, struct slice line, bool list);

#endif
