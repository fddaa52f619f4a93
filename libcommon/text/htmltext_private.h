/* What the files of text/htmltext share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_HTMLTEXT_PRIVATE_H
#define TEXT_HTMLTEXT_PRIVATE_H

#include "text/html.h"
#include "text/htmltext.h"

#define HTMLTEXT_TABLE_COLUMNS 16
#define HTMLTEXT_WORD_MAX      (64u << 10) /* octets of a word, a cell */

struct htmltext_level {
	bool quote; /* else a list's item */
	bool numbered;
	unsigned number; /* of the last item */
	unsigned width;  /* of its sign */
};

struct htmltext {
	struct buf *out;
	struct buf word; /* not yet written */
	struct buf link; /* text of the link so far */
	struct slice href;
	size_t start;    /* of ours in out */
	size_t column;   /* of the line; 0: nothing is on it */
	unsigned wanted; /* line ends before what comes */
	unsigned pre;    /* depth */
	bool space;      /* there was one before the word */
	bool sign;       /* the item's is not yet written */
	bool in_link;
	struct htmltext_level level[HTMLTEXT_DEPTH];
	unsigned depth, deeper;
	unsigned blank_depth; /* that the empty lines before it stand in */
};

/* htmltext_out.c. Text of the document goes out, its blanks as HTML reads
 * them. */
void htmltext_text(struct htmltext *t, struct slice raw);
void htmltext_words(struct htmltext *t, struct slice text);

/* Appends raw text as it is shown: references decoded, no-break spaces as
 * spaces, what only helps hyphenation left out. */
void htmltext_plain(struct slice raw, struct buf *out);

/* The word at hand is done. */
void htmltext_put_word(struct htmltext *t);

/* One line as it is, behind the line's prefix. */
void htmltext_line(struct htmltext *t, struct slice line);

/* What was written ends, and n - 1 empty lines come. */
void htmltext_break(struct htmltext *t, unsigned n);

/* The address that shall stand behind a link's text; empty: none. */
void htmltext_address(struct slice href, struct slice text, struct buf *out);

/* htmltext_table.c: takes the table whose opening tag was taken, if it is a
 * small one of columns; false: it is none, nothing was taken. */
bool htmltext_table(struct htmltext *t, struct slice *rest);

#endif
