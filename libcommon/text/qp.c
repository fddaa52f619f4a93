/* Quoted-printable (see qp.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/qp.h"

#define CHUNK (QP_PIECE_MAX / 4) /* "=3D" and the soft breaks */

#define ROOM (QP_LINE - 1) /* of a line, before the '=' of a soft break */

static void
end_line(struct qp_encoder *enc, const char *end, struct buf *out)
{
	buf_add(out, enc->line, enc->n);
	buf_text(out, end);
	enc->n = 0;
}

static void
make_room(struct qp_encoder *enc, size_t n, struct buf *out)
{
	if (enc->n + n > ROOM)
		end_line(enc, "=\r\n", out);
}

static void
put_plain(struct qp_encoder *enc, char c, struct buf *out)
{
	make_room(enc, 1, out);
	enc->line[enc->n++] = c;
}

static void
put_hex(struct qp_encoder *enc, char c, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char octet = (unsigned char)c;

	make_room(enc, 3, out);
	enc->line[enc->n++] = '=';
	enc->line[enc->n++] = digits[octet >> 4];
	enc->line[enc->n++] = digits[octet & 15];
}

/* What was held back, now that no line end comes after it. */
static void
release(struct qp_encoder *enc, struct buf *out)
{
	if (enc->blank)
		put_plain(enc, enc->blank, out);
	if (enc->cr)
		put_hex(enc, '\r', out);
	enc->blank = 0;
	enc->cr = false;
}

static void
put_line_end(struct qp_encoder *enc, struct buf *out)
{
	if (enc->blank)
		put_hex(enc, enc->blank, out);
	enc->blank = 0;
	enc->cr = false;
	end_line(enc, "\r\n", out);
}

/* A line that starts so would be changed on its way, or may be: where the
 * piece ends before "From " does. */
static bool
is_unsafe_start(struct slice s)
{
	struct slice head = slice_sub(s, 0, 5);

	return s.p[0] == '.' || slice_equal(head, slice_of("From ", head.n));
}

/* Takes one octet. */
static void
take(struct qp_encoder *enc, struct slice *in, struct buf *out)
{
	char c = in->p[0];

	if (!enc->binary && c == '\n') {
		put_line_end(enc, out);
	} else if (!enc->binary && c == '\r' && !enc->cr) {
		enc->cr = true;
	} else {
		bool text = c > ' ' && c < 127 && c != '=';

		release(enc, out);
		make_room(enc, 1, out);
		if (c == ' ' || c == '\t')
			enc->blank = c;
		else if (!enc->binary && c == '\r')
			enc->cr = true;
		else if (text && (enc->n || !is_unsafe_start(*in)))
			put_plain(enc, c, out);
		else
			put_hex(enc, c, out);
	}
	slice_take(in, 1);
}

void
qp_add(struct qp_encoder *enc, struct slice in, struct buf *out)
{
	while (in.n)
		take(enc, &in, out);
}

void
qp_finish(struct qp_encoder *enc, struct buf *out)
{
	if (enc->blank && !enc->cr) {
		put_hex(enc, enc->blank, out);
		enc->blank = 0;
	}
	release(enc, out);
	end_line(enc, "", out);
}

void
qp_encode(struct slice text, struct buf *out)
{
	struct qp_encoder enc = { 0 };

	qp_add(&enc, text, out);
	qp_finish(&enc, out);
}

int
qp_write(
    struct slice text, struct buf *b, const struct writer *out, struct err *e)
{
	struct qp_encoder enc = { 0 };

	while (text.n) {
		buf_reset(b);
		qp_add(&enc, slice_take(&text, CHUNK), b);
		if (writer_put(out, buf_view(b), e) < 0)
			return -1;
	}
	buf_reset(b);
	qp_finish(&enc, b);
	return writer_put(out, buf_view(b), e);
}

/* Where the decoder stands between two octets. */
enum { IN_TEXT, AFTER_EQUALS, AFTER_DIGIT, AFTER_SOFT_BLANK, AFTER_SOFT_CR };

static void
flush_blanks(struct qp_decoder *dec, struct buf *out)
{
	buf_add(out, dec->blank.p, dec->blank.n);
	dec->blank.n = 0;
}

static void
hold_blank(struct qp_decoder *dec, char c, struct buf *out)
{
	if (dec->blank.n == sizeof(dec->blank.p))
		flush_blanks(dec, out);
	dec->blank.p[dec->blank.n++] = c;
}

static void
take_text(struct qp_decoder *dec, char c, struct buf *out)
{
	if (ascii_is_blank(c)) {
		hold_blank(dec, c, out);
		return;
	}
	if (c == '\r' || c == '\n')
		dec->blank.n = 0;
	flush_blanks(dec, out);
	if (c == '=') {
		dec->state = AFTER_EQUALS;
		return;
	}
	dec->flawed |= (c < ' ' && c != '\r' && c != '\n') || c == 127;
	buf_char(out, c);
}

/* What began as an escape or a soft break and is none: it stays as it stands,
 * and c is text. */
static void
take_back(struct qp_decoder *dec, char c, struct buf *out)
{
	dec->flawed = true;
	buf_char(out, '=');
	if (dec->state == AFTER_DIGIT)
		buf_char(out, dec->first);
	if (dec->state == AFTER_SOFT_CR)
		buf_char(out, '\r');
	flush_blanks(dec, out);
	dec->state = IN_TEXT;
	take_text(dec, c, out);
}

static void
take_after_equals(struct qp_decoder *dec, char c, struct buf *out)
{
	bool first = dec->state == AFTER_EQUALS;

	if (first && ascii_hex(c) >= 0) {
		dec->first = c;
		dec->state = AFTER_DIGIT;
	} else if (c == '\n') {
		dec->blank.n = 0;
		dec->state = IN_TEXT;
	} else if (c == '\r') {
		dec->blank.n = 0;
		dec->state = AFTER_SOFT_CR;
	} else if (ascii_is_blank(c) && dec->blank.n < sizeof(dec->blank.p)) {
		hold_blank(dec, c, out);
		dec->state = AFTER_SOFT_BLANK;
	} else {
		take_back(dec, c, out);
	}
}

static void
take_octet(struct qp_decoder *dec, char c, struct buf *out)
{
	switch (dec->state) {
	case AFTER_EQUALS:
	case AFTER_SOFT_BLANK:
		take_after_equals(dec, c, out);
		return;
	case AFTER_DIGIT:
		if (ascii_hex(c) < 0)
			break;
		buf_char(out, ascii_hex(dec->first) * 16 + ascii_hex(c));
		dec->state = IN_TEXT;
		return;
	case AFTER_SOFT_CR:
		if (c != '\n')
			break;
		dec->state = IN_TEXT;
		return;
	default:
		take_text(dec, c, out);
		return;
	}
	take_back(dec, c, out);
}

static bool
is_plain(int c)
{
	return c > ' ' && c < 127 && c != '=';
}

void
qp_decode_add(struct qp_decoder *dec, struct slice in, struct buf *out)
{
	while (in.n) {
		if (dec->state == IN_TEXT && is_plain(slice_peek(in))) {
			flush_blanks(dec, out);
			buf_slice(out, slice_take_while(&in, is_plain));
		} else {
			take_octet(dec, (char)slice_get(&in), out);
		}
	}
}

void
qp_decode_finish(struct qp_decoder *dec, struct buf *out)
{
	if (dec->state == AFTER_DIGIT) {
		buf_char(out, '=');
		buf_char(out, dec->first);
	}
	dec->flawed |= dec->state != IN_TEXT;
	dec->state = IN_TEXT;
	dec->blank.n = 0;
}

bool
qp_decode(struct slice in, struct buf *out)
{
	struct qp_decoder dec = { 0 };

	qp_decode_add(&dec, in, out);
	qp_decode_finish(&dec, out);
	return !dec.flawed && !buf_over(out);
}
