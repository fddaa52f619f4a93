/* Quoted-printable (RFC 2045 section 6.7): whole or as a stream.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_QP_H
#define TEXT_QP_H

#include "base/buf.h"

#define QP_LINE 76 /* characters a line, the soft break's '=' included */

/* Text to quoted-printable. Both LF and CRLF are line ends and come out as
 * CRLF; a bare CR is encoded. Blanks at line ends are encoded, and so are the
 * F of "From " and a '.' at a line start where it stands alone, so that
 * neither mbox nor SMTP can change the text. { .binary = true } keeps every
 * octet: CR and LF are encoded too. Starts as zero otherwise. */
struct qp_encoder {
	bool binary;
	bool soft; /* out: a soft break was the last thing written */
	bool cr;   /* a CR is held back */
	unsigned char
	    held[8]; /* private: blank, "From " or '.' to look behind */
	size_t n_held;
	size_t column;
};

void qp_add(struct qp_encoder *enc, struct slice in, struct buf *out);

/* What was held back; ends an open last line with CRLF only when text was
 * ended so. Ready for another stream afterwards. */
void qp_finish(struct qp_encoder *enc, struct buf *out);

/* The two at once. */
void qp_encode(struct slice text, struct buf *out);

/* Decodes in pieces; line ends come out as they came in. What RFC 2045 does
 * not allow is kept as it stands and noted: '=' before no hexadecimal pair,
 * 8-bit octets. Blanks at line ends are dropped (rule 3). Starts as zero. */
#define QP_HELD_MAX 1000 /* blanks held back for a line end; more are kept */

struct qp_decoder {
	bool flawed;
	unsigned state; /* private */
	int first;      /* private: the first hexadecimal digit */
	struct {
		char p[QP_HELD_MAX];
		size_t n;
	} blank; /* private */
};

void qp_decode_add(struct qp_decoder *dec, struct slice in, struct buf *out);
void qp_decode_finish(struct qp_decoder *dec, struct buf *out);

/* The two at once; false when in was flawed. */
bool qp_decode(struct slice in, struct buf *out);

#endif
