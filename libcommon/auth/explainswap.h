/* Pieces of a body that are replaced, as guesses at what it was: made, and
 * tried (see explainparts.h).
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_EXPLAINSWAP_H
#define AUTH_EXPLAINSWAP_H

#include "msg/mime.h"

#include "auth/explainparts.h"

#define EXPLAINSWAP_OCTETS (5u << 20) /* hashed, and encoded for it */
#define EXPLAINSWAP_PART_MAX                                                   \
	(256u << 10)          /* octets of a part that is looked into */
#define EXPLAINSWAP_PARTS 16  /* parts looked into */
#define EXPLAINSWAP_MAX   600 /* guesses at one of them */

/* What kind of change it is: two of one kind go together. */
enum explainswap_manner {
	EXPLAINSWAP_ENCODED,
	EXPLAINSWAP_AT_END,
	EXPLAINSWAP_AT_START,
	EXPLAINSWAP_ALONE
};

/* Octets from..to-1 of the body are replaced. */
struct explainswap {
	enum explainswap_manner manner;
	struct slice with;
	size_t from, to;
	const char *what, *text;
};

struct explainswap_leaf {
	struct slice head, content; /* raw, in the body (head may be before) */
	struct slice text;          /* decoded, CRLF */
	enum part_encoding encoding;
	bool readable; /* text; or else only its base64 is looked at */
	bool html;
	struct explainswap *swaps;
	size_t count;
};

struct explainswap_letter {
	const struct dkim_letter *m;
	const struct dkim_signature *s;
	struct arena *a;
	struct explain *x;
	struct slice want;
	struct explainswap_leaf leaf[EXPLAINSWAP_PARTS];
	size_t count;
	size_t done;    /* octets */
	struct buf buf; /* a body that is guessed */
};

/* The ways a text may have been encoded. */
enum explainswap_code {
	EXPLAINSWAP_8BIT,
	EXPLAINSWAP_QP,
	EXPLAINSWAP_QP_PLAIN,
	EXPLAINSWAP_BASE64,
	EXPLAINSWAP_CODES
};

/* Does the body with up to two pieces replaced, in order, have the hash? */
bool explainswap_matches(struct explainswap_letter *g,
    const struct explainswap *one, const struct explainswap *two);

/* Where a view of the body starts in it. */
size_t explainswap_place(struct explainswap_letter *g, struct slice s);

/* A text (lines ending in CRLF) encoded; width is of base64's lines. */
struct slice explainswap_encode(struct explainswap_letter *g,
    enum explainswap_code code, struct slice text, size_t width);

/* Guesses for one part: those octets as its content, its header made to fit in
 * all ways that fit; a text encoded; its own text with a piece left out. What
 * kind of change it is, is like the last one. */
void explainswap_add_part(struct explainswap_letter *g,
    struct explainswap_leaf *l, enum explainswap_code code,
    struct slice content, const struct explainswap *like);
void explainswap_add_text(struct explainswap_letter *g,
    struct explainswap_leaf *l, enum explainswap_code code, size_t width,
    struct slice text, const struct explainswap *like);
void explainswap_add_cut(struct explainswap_letter *g,
    struct explainswap_leaf *l, struct slice text, size_t from, size_t to,
    const struct explainswap *like);

#endif
