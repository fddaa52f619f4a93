/* A finished message that is handed in to be sent: checked, its recipients
 * and its sender found, Bcc taken out, what is missing put in (RFC 6409
 * section 8). The message stays where it is; what will be sent is it and a list
 * of edits.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FLOW_SUBMIT_H
#define FLOW_SUBMIT_H

#include "base/arena.h"
#include "base/given.h"
#include "base/writer.h"

#include "msg/edit.h"

#define SUBMIT_TAKE  1u /* recipients are those of the header */
#define SUBMIT_FIX   2u /* mend what would be refused */
#define SUBMIT_NAMES 4u /* names of this machine are addresses as well */

struct submit {
	struct edits edits;      /* what is sent */
	struct edits plain;      /* the same with bodies as they came */
	struct edits ascii;      /* private: with bodies in ASCII */
	uint64_t ascii_size;     /* private: of that; 0: not made yet */
	bool ascii_now;          /* private: that is written */
	bool binary;             /* for BINARYMIME: written as on the wire */
	bool names;              /* SUBMIT_NAMES */
	struct arena *arena;     /* where they live */
	uint64_t bare_lf;        /* of the message as it came */
	uint64_t size;           /* octets with CRLF */
	uint64_t eight_bit_line; /* first line with an octet over 127; 0 */
	uint64_t utf8_line;      /* the same of the header */
	struct slice sender;     /* Resent-Sender, Resent-From, Sender or From;
	                          * empty: none of them */
	struct slice author;     /* the first of From; likewise */
	struct slice *rcpt;      /* of the header, each once */
	size_t rcpts, rcpts_cap;
};

/* Reads a message, which lies in map (may be null): what was read and written
 * is taken out of memory there. ERR_DATA, naming the line, for a bare CR, a
 * NUL, a line over 998 octets, a header that is none or is neither ASCII nor
 * UTF-8; with SUBMIT_FIX bodies are encoded anew and the header is folded where
 * that cures it (msg/reencode says what it refuses). What stands in bodies
 * declared binary is no fault: the message is a binary one then. With
 * SUBMIT_TAKE the recipients are those of Resent-To, Resent-Cc and Resent-Bcc
 * where there are such fields, else of To, Cc and Bcc; an address that does not
 * parse is ERR_DATA; and Date and Message-ID are added where they are missing
 * from a message without a DKIM signature. Bcc and Resent-Bcc are left out
 * always. */
int submit_read(struct slice message, const struct io_map *map, unsigned how,
    const struct given *given, struct arena *a, struct submit *s_r,
    struct err *e);

/* From now on submit_write() writes the message with its bodies in ASCII
 * (msg/reencode), for a server without 8BITMIME or BINARYMIME; or, with seven
 * false, again as it is. *size_r is its size. ERR_DATA, naming the line, when
 * that cannot be. arg is a struct submit. */
int submit_to_7bit(void *arg, bool seven, uint64_t *size_r, struct err *e);

/* Fields of these names (ends in null) are left out, and text, whole fields
 * with LF, stands at the header's start instead; null: nothing. Before
 * anything else is done with s; its size is that of the result. */
int submit_replace(struct submit *s, const char *const *names, const char *text,
    struct err *e);

/* Names of this machine in From, Sender, Reply-To, To and Cc get the domain, as
 * a server in between would expect. Likewise before anything else. */
int submit_qualify(struct submit *s, struct slice domain, struct err *e);

/* Is there a field of that name in the message as it came? */
bool submit_has(const struct submit *s, const char *name);

/* Adds a recipient unless it is there. */
void submit_add_rcpt(struct submit *s, struct slice address, struct arena *a);

/* Writes the message, lines ended as they are, a binary one as it is on the
 * wire; arg is a struct submit. */
int submit_write(void *arg, const struct writer *out, struct err *e);

#endif
