/* Encoded words in header fields (RFC 2047), in UTF-8 outward, from any
 * charset inward.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_ENCWORD_H
#define TEXT_ENCWORD_H

#include "base/buf.h"

#define ENCWORD_MAX      75  /* characters of one word (section 2) */
#define ENCWORD_READ_MAX 998 /* longer ones are read too, up to a line */
#define ENCWORD_WORD_MAX 900 /* a longer word of plain text is encoded */

/* Where the word stands decides what may stand in it (section 5). */
enum encword_place {
	ENCWORD_TEXT,    /* Subject and other unstructured fields */
	ENCWORD_COMMENT, /* between ( ) */
	ENCWORD_PHRASE   /* before an address */
};

/* Text cannot stand as it is: octets over 127, controls, something that would
 * be read as an encoded word, or a word too long for a line. */
bool encword_needed(struct slice text);

/* Appends text, which is UTF-8 (what is ill-formed goes as U+FFFD), as words
 * of at most 75 characters with one SP between, Q or B whichever is shorter;
 * no character is split. The first has at most 60, so that a field's name fits
 * before it. Words of plain ASCII at both ends of ENCWORD_TEXT stay as they
 * are. Text that needs none is appended as it is. */
void encword_encode(
    struct slice text, enum encword_place place, struct buf *out);

/* Appends a display name: atoms, or a quoted-string, or encoded words. */
void encword_phrase(struct slice name, struct buf *out);

/* Appends the text of in as valid UTF-8: encoded words decoded, blanks
 * between two of them dropped, characters split over two of the same charset
 * joined, folding undone. CR, LF and NUL in a word become SP. Words of an
 * unknown charset or broken ones stay as they are; 8-bit octets outside are
 * UTF-8 or else windows-1252. */
void encword_decode(struct slice in, struct buf *out);

#endif
