/* Quoted-printable (RFC 2045 section 6.7): whole or as a stream.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TEXT_QP_H
#define TEXT_QP_H

#include "base/buf.h"
#include "base/writer.h"

#define QP_LINE 76 /* characters a line, the soft break's '=' included */

/* Text to quoted-printable. Both LF and CRLF are line ends and come out as
 * CRLF; a bare CR is encoded. So are a blank at a line's end and, at a line's
 * start, '.' and the F of "From ": neither mbox nor SMTP can change the text.
 * { .binary = true } keeps every octet: CR and LF are encoded too. Starts as
 * zero otherwise. */
struct qp_encoder {
	bool binary;
	bool cr;            /* private: a CR waits for its LF */
	char blank;         /* private: one that may end a line */
	char line[QP_LINE]; /* private: what is not yet written */
	size_t n;           /* private: of line */
};

void qp_add(struct qp_encoder *enc, struct slice in, struct buf *out);

/* What was held back; the last line stays open where the text's was. Ready
 * for another stream afterwards. */
void qp_finish(struct qp_encoder *enc, struct buf *out);

/* The two at once. */
void qp_encode(struct slice text, struct buf *out);

/* Likewise, written piece by piece through b, whose maximum is at least
 * QP_PIECE_MAX. -1: the writer's error. */
#define QP_PIECE_MAX ((size_t)64 * 1024)
int qp_write(
    struct slice text, struct buf *b, const struct writer *out, struct err *e);

/* Decodes in pieces; line ends come out as they came in. What RFC 2045 does
 * not allow is kept as it stands and noted: '=' before no hexadecimal pair,
 * 8-bit octets. Blanks at line ends are dropped (rule 3). Starts as zero. */
#define QP_HELD_MAX 1000 /* blanks held back for a line end; more are kept */

struct qp_decoder {
	bool flawed;
	unsigned state; /* private */
	char first;     /* private: hexadecimal digit */
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
