/* The lexer of structured header fields (RFC 5322 section 3.2, RFC 2045
 * section 5.1), over slices. Each reader takes what it found from *s and
 * returns 1; 0 when there is none here, with *s as it was; -1 when it starts
 * and is broken (not closed, limit, forbidden octet), with *s as it was.
 * Folding is accepted as CRLF or LF before a blank. UTF-8 passes as in RFC
 * 6532.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_TOKEN_H
#define TEXT_TOKEN_H

#include "base/buf.h"

#define TOKEN_DEPTH_MAX 32 /* comments in comments */

bool token_is_atext(int c);   /* RFC 5322 atext, or an octet over 127 */
bool token_is_ttext(int c);   /* RFC 2045 token: ASCII without tspecials */
bool token_is_special(int c); /* RFC 5322 specials */

/* CFWS and FWS; the first returns 1 also when there is nothing to skip. The
 * last comment's inside goes to *comment_r when that is not null (obsolete
 * display names stand there). */
int token_skip_cfws(struct slice *s);
int token_skip_cfws_comment(struct slice *s, struct slice *comment_r);
void token_skip_fws(struct slice *s);

/* One comment, its inside raw. */
int token_comment(struct slice *s, struct slice *inside_r);

int token_atom(struct slice *s, struct slice *atom_r);

/* 1*atext *("." 1*atext); the lax form lets dots stand anywhere. */
int token_dot_atom(struct slice *s, struct slice *r);
int token_dot_atom_lax(struct slice *s, struct slice *r);

/* The inside of a quoted-string, raw: token_unquote() makes the text. */
int token_quoted(struct slice *s, struct slice *inside_r);

/* "[" dtext "]", brackets included. */
int token_domain_literal(struct slice *s, struct slice *r);

/* RFC 2045 token. */
int token_token(struct slice *s, struct slice *r);

/* A MIME value: token / quoted-string; *quoted_r tells which. */
int token_value(struct slice *s, struct slice *r, bool *quoted_r);

/* One word of a phrase: atom / quoted-string / "." (obs-phrase). */
int token_word(struct slice *s, struct slice *r, bool *quoted_r);

/* Appends the text of a quoted-string's or comment's inside: backslashes and
 * folding gone. */
void token_unquote(struct slice inside, struct buf *out);

/* Appends text as quoted-string, with the quotes. */
void token_quote(struct slice text, struct buf *out);

/* Text is a dot-atom, a token, as a whole. */
bool token_is_dot_atom(struct slice text);
bool token_is_token(struct slice text);

#endif
