/* The text of a bounce that has no fields: whom it is about, and what it says
 * of each. Addresses are weighed by where they stand (alone at the start of a
 * line behind "the following addresses", before ":", behind "RCPT TO:", ...)
 * and only those of the greatest weight count; rules/format.tsv has the words.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_NOTICE_H
#define REPORT_NOTICE_H

#include "base/arena.h"

#define NOTICE_TEXT_MAX  (4u << 20) /* octets that are looked at */
#define NOTICE_RCPTS_MAX 100000     /* addresses; beyond: left out */
#define NOTICE_LINE_MAX  1000       /* octets of a line that are looked at */
#define NOTICE_DIAG_MAX  4096       /* octets of what is said of one */

enum notice_weight {
	NOTICE_NONE,   /* the words before it say that it is no recipient */
	NOTICE_SEEN,   /* it stands there */
	NOTICE_ALONE,  /* it starts a line */
	NOTICE_CALLED, /* it is called a recipient */
	NOTICE_LISTED  /* it is in a list of recipients, or is "<a@b>:" */
};

struct notice_rcpt {
	struct slice address;
	struct slice origin; /* "generated from", or empty */
	struct slice diag;   /* what is said of it, as it stands */
	struct slice coded;  /* a line with its address and a reply code */
	enum notice_weight weight;
	size_t line; /* its number in the text */
	size_t at;   /* private: where its own text begins */
};

struct notice {
	struct notice_rcpt
	    *v; /* in order; of one weight, if called recipients */
	size_t n;
	unsigned signs;        /* bits of format_sign */
	struct slice said;     /* the text before the returned message */
	struct slice returned; /* what stands behind it, or empty */
	struct slice lone;     /* the first word alone in a line of a list:
	                        * a local part, perhaps; or empty */
	struct slice coded;    /* the first line with a reply code, or empty */
	struct slice to;       /* the first address in a line "To:", or empty */
	bool quoted;           /* what a person quotes was left out */
};

/* Reads a text in UTF-8 or ASCII. mine are addresses (of From and To of the
 * bounce itself) that count only as "<a@b>:", or in a list of no others. */
void notice_read(struct slice text, const struct slice *mine, size_t mine_count,
    struct arena *a, struct notice *n_r);

#endif
