/* Reads rules from text: one row a line, columns with TAB between them,
 *
 *	id  prio  status  reply  host  words  meaning  lang  example
 *
 * "-" for what a row does not ask for; lines that are empty or start with "#"
 * are passed over. prio is 0..9, rows of a smaller one decide first, in the
 * order of the file within one. Words are small letters and begin where a word
 * does; "*" is a gap, "|" at an end of a piece: no letter or digit may stand
 * there, whatever the piece begins with. The example is a text
 * that the row decides about, after "server says: " where it asks for a host.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_RULESREAD_H
#define REPORT_RULESREAD_H

#include "report/rules.h"

#define RULES_ROWS_MAX 8000
#define RULES_TSV_MAX  (4u << 20) /* octets of a file */

/* The number of a meaning's name; -1 when there is none. */
typedef int rules_meaning(struct slice name);

struct rules_made {
	struct rules rules;
	struct rule *rows;
	struct rule_piece *pieces;
	uint16_t *plain;
	struct slice *examples; /* of a row, into the text */
	char *text;             /* a copy that the rows point into */
};

/* 0, or -1 and what is wrong with which line in why_r. The text's octets are
 * copied. */
#define RULES_WHY_MAX 200
int rules_read(struct slice text, rules_meaning *meaning,
    struct rules_made *m_r, char why_r[RULES_WHY_MAX]);
void rules_made_free(struct rules_made *m);

/* 0 when each row decides about its own example, -1 and why for the first
 * that does not: one that cannot, or that another one is in front of; when
 * alike, only those that mean the same are in front of each other. An example
 * that starts with "^" is flat already. */
int rules_check(
    const struct rules_made *m, bool alike, char why_r[RULES_WHY_MAX]);

/* First enhanced status and reply code of an example, as facts. */
void rules_example_facts(
    struct slice example, struct slice *host_r, struct slice *text_r);

#endif
