/* Rules as data: a row says which words, which enhanced status, which reply
 * code and whose server (the end of its name) it wants, and what it means. Of
 * the rows that fit, the first decides. The tables are made of rules/ at build
 * time; rules_read() makes them of a user's file.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_RULES_H
#define REPORT_RULES_H

#include "report/match.h"

#define RULES_TEXT_MAX  8192 /* octets of a text that are looked at */
#define RULES_MANY_MAX  1024 /* rows with a gap in their words */
#define RULES_PARTS_MAX 4    /* pieces between gaps */

struct rule {
	const char *id, *status, *host; /* "x.1.1", "4.7.65*"; null: any */
	uint16_t reply;                 /* 550; 5: any 5xx; 0: any */
	uint16_t what;  /* what it means: the table's business */
	uint16_t parts; /* of its words; 0: it has none */
	uint16_t many;  /* number among those with gaps, from 1 */
};

#define RULES_WORD_BEFORE 1u /* no letter or digit may stand before it */
#define RULES_WORD_AFTER  2u

/* A literal of the automaton: a piece of a row's words. */
struct rule_piece {
	uint16_t row, length;
	uint8_t part; /* 0, 1, ... */
	uint8_t flags;
};

struct rules {
	struct match match;
	const struct rule *rows; /* in the order in which they decide */
	const struct rule_piece *pieces;
	const uint16_t *plain; /* numbers of the rows without words, ordered */
	size_t row_count, piece_count, many_count, plain_count;
};

struct rules_facts {
	struct slice text;   /* flattened: rules_flatten() */
	struct slice status; /* "5.1.1", or empty */
	struct slice host;   /* whose server it was, or empty */
	unsigned reply;
};

/* A row whose words are all in a text: its number, and where the last piece of
 * them stands. */
struct rules_hit {
	const struct rule *row;
	size_t number, start, end;
};

typedef void rules_found(void *context, const struct rules_hit *hit);

/* Tells each row whose words are there, as often as they are; what else a row
 * wants is not looked at. */
void rules_scan(const struct rules *r, struct slice text, rules_found *found,
    void *context);

/* The row that decides, among those that mean what (-1: any): its number, and
 * where its last words ended in the text (0: it has no words). SIZE_MAX when
 * none fits. */
size_t rules_decide(const struct rules *r, const struct rules_facts *f,
    int what, size_t *end_r);

/* Lower case (ASCII, and two-octet UTF-8 of Latin and Cyrillic), each run of
 * blanks and control octets one SP, one at both ends: what rules are written
 * for. Cut at RULES_TEXT_MAX. */
struct slice rules_flatten(struct slice in, char out[RULES_TEXT_MAX]);

#endif
