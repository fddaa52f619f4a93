/* The words of an IMAP response (RFC 3501 and RFC 9051, section 9): atoms,
 * quoted strings, literals, parentheses; response codes and flags.
 *
 * The text of a response is one slice without its last CRLF in which each
 * literal stands behind its announcement:
 *
 *	* LIST () "/" {5}CRLF
 *	INBOX
 *
 * A text that ends in an announcement is not whole yet: imaplex_next() gives
 * IMAPLEX_PENDING, the session reads that many octets (or streams them to
 * where they belong) and goes on. Slices point into the text.
 *
 * SPDX-License-Identifier: MIT */
#ifndef PROTO_IMAPLEX_H
#define PROTO_IMAPLEX_H

#include "base/arena.h"
#include "base/err.h"

#define IMAPLEX_DEPTH_MAX  64         /* parentheses within each other */
#define IMAPLEX_UID_MAX    UINT32_MAX /* nz-number, number */
#define IMAPLEX_NUMBER_MAX INT64_MAX  /* number64, literal8, mod-sequence */

enum imaplex_kind {
	IMAPLEX_END,     /* of the text */
	IMAPLEX_ATOM,    /* numbers, flags, NIL and BODY[...]<n> too */
	IMAPLEX_QUOTED,  /* text is what stands between the quotes, raw */
	IMAPLEX_LITERAL, /* {n}, {n+}, ~{n}; text is its octets */
	IMAPLEX_PENDING, /* an announcement at the end of the text; size */
	IMAPLEX_OPEN,    /* ( */
	IMAPLEX_CLOSE    /* ) */
};

struct imaplex_token {
	enum imaplex_kind kind;
	struct slice text;
	uint64_t size; /* of a literal */
	size_t at;     /* where it starts, counted from the text's start */
};

struct imaplex {
	struct slice text; /* whole */
	struct slice rest; /* what is not read yet */
	unsigned depth;    /* open parentheses */
};

void imaplex_begin(struct imaplex *l, struct slice text);

/* 1 got one; 0 the end (kind is IMAPLEX_END); -1 no IMAP: a quote without its
 * end, an announcement that is none or promises more than the text holds, a
 * parenthesis too many, IMAPLEX_DEPTH_MAX. At the end every parenthesis must
 * be closed. */
int imaplex_next(struct imaplex *l, struct imaplex_token *t_r, struct err *e);

/* Passes over one value: a string, an atom, or a list with all it holds. 1 or
 * -1, where the end and a closing parenthesis are no value. */
int imaplex_skip(struct imaplex *l, struct err *e);

/* A string's octets, escapes undone; those of an atom as they are. A made
 * text lives in the arena. */
struct slice imaplex_string(const struct imaplex_token *t, struct arena *a);

/* The token is the atom NIL. */
bool imaplex_is_nil(const struct imaplex_token *t);

/* The token is this atom, whatever its case. */
bool imaplex_is(const struct imaplex_token *t, const char *atom);

/* The token is a number of at most max. */
bool imaplex_number(const struct imaplex_token *t, uint64_t max, uint64_t *r);

/* "[" resp-text-code "]" SP text, taken apart; false when there is no code:
 * then text_r is all of it. */
struct imaplex_code {
	struct slice name; /* "UIDVALIDITY", or empty */
	struct slice args; /* what follows it, or empty */
	struct slice text; /* for people */
};

bool imaplex_code(struct slice resp_text, struct imaplex_code *c_r);

/* System flags; keywords are not kept. */
#define IMAPLEX_SEEN     1u
#define IMAPLEX_ANSWERED 2u
#define IMAPLEX_FLAGGED  4u
#define IMAPLEX_DELETED  8u
#define IMAPLEX_DRAFT    16u
#define IMAPLEX_RECENT   32u

/* Reads flag-list: "(" [flag *(SP flag)] ")". */
int imaplex_flags(struct imaplex *l, unsigned *flags_r, struct err *e);

#endif
