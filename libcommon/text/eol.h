/* Line ends: what is in a message, its canonical CRLF form, and the dots of
 * SMTP, LMTP and POP3 (RFC 5321 sections 2.3.8 and 4.5.2; RFC 1939 section 3).
 * Nothing is copied: the walks give pieces of the input, as long as they can.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_EOL_H
#define TEXT_EOL_H

#include "base/buf.h"
#include "base/io.h"

#define EOL_LINE_MAX 998 /* octets of a line without CRLF (RFC 5322, 2.1.1) */

/* What one pass over a text finds; line numbers start at 1, 0 means none. */
struct eol_facts {
	uint64_t size;      /* octets as they are */
	uint64_t crlf_size; /* octets in the canonical form, last line ended */
	uint64_t lines;     /* an open last line counts */
	uint64_t bare_lf;   /* how many */
	uint64_t bare_cr_line; /* first line with a CR that no LF follows */
	uint64_t nul_line;
	uint64_t eight_bit_line;
	uint64_t long_line; /* first line over EOL_LINE_MAX */
	uint64_t longest;   /* octets of the longest line without its end */
	uint64_t longest_line;
	bool open_end; /* the last line has no line end */
};

void eol_scan(struct slice s, struct eol_facts *f_r);

/* The same, and takes what was seen out of map (may be null, see
 * io_map_done). */
void eol_scan_map(
    struct slice s, const struct io_map *map, struct eol_facts *f_r);

/* The same for a text that comes in pieces which end where a line ends, but
 * for the last: adds the next one to the facts, which start as zero. */
void eol_scan_more(struct slice s, struct eol_facts *f);

/* Takes about so many octets from the front, up to the end of a line. */
struct slice eol_take_lines(struct slice *s, size_t about);

/* Where the first line with more than max octets starts; SIZE_MAX when there
 * is none. Looks at little but that line, and takes it out of map (may be null,
 * see io_map_done) again. */
size_t eol_long_line(struct slice s, size_t max, const struct io_map *map);

/* True when every line ends in CRLF, the last too, and no CR or LF stands
 * alone. */
bool eol_is_canonical(const struct eol_facts *f);

/* Walks a text in its canonical form: bare LF become CRLF; bare CR stay (ask
 * eol_scan() first); an open last line is ended. With dots, a '.' at a line
 * start is doubled. The final "." line is the caller's.
 *
 *	struct eol_walk w = { .dots = true };
 *
 *	eol_feed(&w, text);
 *	while (eol_next(&w, &piece))
 *		put(piece);
 *	put(eol_end(&w));
 *
 * eol_feed() may be called again once eol_next() said false, so that a text
 * can come in pieces. */
struct eol_walk {
	bool dots;
	struct slice rest; /* private */
	bool inside;       /* private: not at a line start */
	bool cr;           /* private: the last octet given was a CR */
	bool dot_done;     /* private: the dot at rest's start was doubled */
};

void eol_feed(struct eol_walk *w, struct slice text);
bool eol_next(struct eol_walk *w, struct slice *piece_r);

/* CRLF when the last line is open, else nothing; ready for another text. */
struct slice eol_end(struct eol_walk *w);

/* Appends the canonical form of s. */
void eol_to_crlf(struct slice s, struct buf *out);

/* Appends s with LF for each CRLF. */
void eol_to_lf(struct slice s, struct buf *out);

/* Reads what came over the wire up to the line "." : only CRLF "." CRLF ends
 * the text, whatever else looks like it, and a bare CR or LF is noted, never
 * mended (smuggling). Give the reader what the connection brought:
 *
 *	struct eol_undot u = { 0 };
 *
 *	while (eol_undot(&u, &in, &piece))
 *		keep(piece);
 *	if (u.done)
 *		in starts behind the final line
 *
 * False with done unset: in is used up, more is needed. Pieces point into in,
 * but for a lone CR of static storage. With no_dots the length is known from
 * elsewhere (BDAT): dots are text, nothing is the end. */
struct eol_undot {
	bool no_dots;
	bool done;
	uint64_t line;         /* line being read, from 0 */
	uint64_t bare_cr_line; /* first, from 1; 0 none */
	uint64_t bare_lf_line;
	unsigned state; /* private */
};

bool eol_undot(struct eol_undot *u, struct slice *in, struct slice *piece_r);

/* With no_dots, behind the last octet: is the last line open? A CR that
 * nothing follows is noted. */
bool eol_undot_end(struct eol_undot *u);

#endif
