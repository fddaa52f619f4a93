/* Base64 (RFC 4648 section 4; in mail RFC 2045 section 6.8): whole or as a
 * stream.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_BASE64_H
#define TEXT_BASE64_H

#include "base/buf.h"

#define BASE64_LINE 76 /* characters a line in mail (RFC 2045, 6.8) */

/* Octets that n octets become: on one line; or in lines of 76 that each end
 * in CRLF. Saturates at UINT64_MAX. */
uint64_t base64_size(uint64_t n);
uint64_t base64_size_lines(uint64_t n);

/* Appends in to out, padded: on one line; or in lines of 76, each with CRLF,
 * the last included. */
void base64_encode(struct slice in, struct buf *out);
void base64_encode_lines(struct slice in, struct buf *out);

/* The same in pieces of any size: { .lines = true } gives lines with CRLF,
 * zero one line. base64_finish() writes the rest, the padding and the last
 * line end, and makes the encoder ready for another stream. */
struct base64_encoder {
	bool lines;
	unsigned char held[57]; /* octets not yet written */
	size_t n;               /* of held */
};

void base64_add(struct base64_encoder *enc, struct slice in, struct buf *out);
void base64_finish(struct base64_encoder *enc, struct buf *out);

/* Appends the octets of in. Strict: exactly RFC 4648, padded, no other
 * character, no stray bits. FWS: the same, but SP, HTAB, CR and LF may stand
 * anywhere, as in DKIM tags (RFC 6376 section 2.10). False when it is not,
 * or out is full; what was appended stays. */
bool base64_decode(struct slice in, struct buf *out);
bool base64_decode_fws(struct slice in, struct buf *out);

/* Decodes a body part in pieces as mail readers must (RFC 2045, 6.8): what is
 * not of the alphabet is skipped and noted, padding ends a group and another
 * may follow, missing padding is made up for at the end. Starts as zero. */
struct base64_decoder {
	uint32_t bits;
	unsigned n;       /* sextets in bits: 0..3 */
	unsigned pad_due; /* '=' still to come */
	bool ended;       /* a padded group was there */
	bool blanks;      /* FWS was there */
	bool flawed;      /* not RFC 4648 with FWS */
};

void base64_decode_add(
    struct base64_decoder *dec, struct slice in, struct buf *out);
void base64_decode_finish(struct base64_decoder *dec, struct buf *out);

#endif
