/* Base64 (see base64.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"

#define LINE_OCTETS 57 /* three quarters of BASE64_LINE */

/* Two characters for each value of 12 bits: half as many look-ups. */
#define PAIR(a, b)                                                             \
	{                                                                      \
		a, b                                                           \
	}
#define PAIRS8(a, b, c, d, e, f, g, h, i)                                      \
	PAIR(a, b), PAIR(a, c), PAIR(a, d), PAIR(a, e), PAIR(a, f),            \
	    PAIR(a, g), PAIR(a, h), PAIR(a, i)
#define PAIRS64(a)                                                             \
	PAIRS8(a, 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'),                     \
	    PAIRS8(a, 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P'),                 \
	    PAIRS8(a, 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X'),                 \
	    PAIRS8(a, 'Y', 'Z', 'a', 'b', 'c', 'd', 'e', 'f'),                 \
	    PAIRS8(a, 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n'),                 \
	    PAIRS8(a, 'o', 'p', 'q', 'r', 's', 't', 'u', 'v'),                 \
	    PAIRS8(a, 'w', 'x', 'y', 'z', '0', '1', '2', '3'),                 \
	    PAIRS8(a, '4', '5', '6', '7', '8', '9', '+', '/')
#define PAIRS512(a, b, c, d, e, f, g, h)                                       \
	PAIRS64(a), PAIRS64(b), PAIRS64(c), PAIRS64(d), PAIRS64(e),            \
	    PAIRS64(f), PAIRS64(g), PAIRS64(h)

static const char pairs[4096][2] = {
	PAIRS512('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'),
	PAIRS512('I', 'J', 'K', 'L', 'M', 'N', 'O', 'P'),
	PAIRS512('Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X'),
	PAIRS512('Y', 'Z', 'a', 'b', 'c', 'd', 'e', 'f'),
	PAIRS512('g', 'h', 'i', 'j', 'k', 'l', 'm', 'n'),
	PAIRS512('o', 'p', 'q', 'r', 's', 't', 'u', 'v'),
	PAIRS512('w', 'x', 'y', 'z', '0', '1', '2', '3'),
	PAIRS512('4', '5', '6', '7', '8', '9', '+', '/'),
};

uint64_t
base64_size(uint64_t n)
{
	uint64_t groups = n / 3 + (n % 3 != 0), size;

	return __builtin_mul_overflow(groups, 4, &size) ? UINT64_MAX : size;
}

uint64_t
base64_size_lines(uint64_t n)
{
	uint64_t size = base64_size(n), lines = n / LINE_OCTETS;

	lines += n % LINE_OCTETS != 0;
	if (size == UINT64_MAX ||
	    __builtin_add_overflow(size, 2 * lines, &size))
		return UINT64_MAX;
	return size;
}

/* Writes n octets as groups of four, padded, and returns the end. */
static char *
put_groups(const unsigned char *in, size_t n, char *to)
{
	uint32_t v;

	for (; n >= 3; n -= 3, in += 3, to += 4) {
		v = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
		memcpy(to, pairs[v >> 12], 2);
		memcpy(to + 2, pairs[v & 0xfff], 2);
	}
	if (!n)
		return to;
	v = (uint32_t)in[0] << 16 | (n == 2 ? (uint32_t)in[1] << 8 : 0);
	memcpy(to, pairs[v >> 12], 2);
	memcpy(to + 2, pairs[v & 0xfff], 2);
	to[3] = '=';
	if (n == 1)
		to[2] = '=';
	return to + 4;
}

/* As one line, or as lines that each end in CRLF. */
static void
put(struct slice in, bool lines, struct buf *out)
{
	uint64_t size = lines ? base64_size_lines(in.n) : base64_size(in.n);
	char *room = buf_room(out, size > SIZE_MAX ? SIZE_MAX : (size_t)size);
	char *to = room;

	if (!room || !in.n)
		return;
	if (!lines)
		put_groups((const unsigned char *)in.p, in.n, to);
	while (lines && in.n) {
		struct slice line = slice_take(&in, LINE_OCTETS);

		to = put_groups((const unsigned char *)line.p, line.n, to);
		*to++ = '\r';
		*to++ = '\n';
	}
	buf_grown(out, (size_t)size);
}

void
base64_encode(struct slice in, struct buf *out)
{
	put(in, false, out);
}

void
base64_encode_lines(struct slice in, struct buf *out)
{
	put(in, true, out);
}

void
base64_add(struct base64_encoder *enc, struct slice in, struct buf *out)
{
	if (enc->n) {
		struct slice head = slice_take(&in, LINE_OCTETS - enc->n);

		if (head.n)
			memcpy(enc->held + enc->n, head.p, head.n);
		enc->n += head.n;
		if (enc->n < LINE_OCTETS)
			return;
		put(slice_of(enc->held, LINE_OCTETS), enc->lines, out);
		enc->n = 0;
	}
	put(slice_take(&in, in.n - in.n % LINE_OCTETS), enc->lines, out);
	if (in.n)
		memcpy(enc->held, in.p, in.n);
	enc->n = in.n;
}

void
base64_finish(struct base64_encoder *enc, struct buf *out)
{
	put(slice_of(enc->held, enc->n), enc->lines, out);
	enc->n = 0;
}

/* What an octet is when it is no sextet. */
enum { PAD = 64, FWS, BAD };

/* clang-format off */
static const unsigned char values[128] = {
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, FWS, FWS, BAD, BAD, FWS, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	FWS, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, 62, BAD, BAD, BAD, 63,
	52, 53, 54, 55, 56, 57, 58, 59,
	60, 61, BAD, BAD, BAD, PAD, BAD, BAD,
	BAD, 0, 1, 2, 3, 4, 5, 6,
	7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22,
	23, 24, 25, BAD, BAD, BAD, BAD, BAD,
	BAD, 26, 27, 28, 29, 30, 31, 32,
	33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48,
	49, 50, 51, BAD, BAD, BAD, BAD, BAD,
};
/* clang-format on */

static unsigned
value_of(char c)
{
	unsigned char octet = (unsigned char)c;

	return octet < sizeof(values) ? values[octet] : BAD;
}

#define CHUNK 4096 /* characters decoded at a time */

/* Octets of one chunk on their way to the caller's buffer. */
struct octets {
	unsigned char p[CHUNK / 4 * 3 + 6];
	size_t n;
};

static void
put_octets(struct octets *o, uint32_t bits, unsigned n)
{
	o->p[o->n] = (unsigned char)(bits >> 16);
	o->p[o->n + 1] = (unsigned char)(bits >> 8);
	o->p[o->n + 2] = (unsigned char)bits;
	o->n += n;
}

/* Ends a group of two or three sextets; one alone is nothing. */
static void
end_group(struct base64_decoder *dec, struct octets *o)
{
	unsigned n = dec->n;

	if (n == 1 || dec->bits & (n == 2 ? 0xfu : n == 3 ? 0x3u : 0))
		dec->flawed = true;
	if (n >= 2)
		put_octets(o, dec->bits << (6 * (4 - n)), n - 1);
	dec->n = 0;
	dec->bits = 0;
}

static void
take_pad(struct base64_decoder *dec, struct octets *o)
{
	if (dec->pad_due) {
		dec->pad_due--;
		return;
	}
	dec->flawed |= dec->n < 2;
	dec->pad_due = dec->n == 2;
	dec->ended = true;
	end_group(dec, o);
}

static void
take_sextet(struct base64_decoder *dec, unsigned v, struct octets *o)
{
	dec->flawed |= dec->ended;
	dec->pad_due = 0;
	dec->bits = dec->bits << 6 | v;
	if (++dec->n < 4)
		return;
	put_octets(o, dec->bits, 3);
	dec->n = 0;
	dec->bits = 0;
}

static void
take_one(struct base64_decoder *dec, unsigned v, struct octets *o)
{
	if (v < PAD)
		take_sextet(dec, v, o);
	else if (v == PAD)
		take_pad(dec, o);
	else if (v == FWS)
		dec->blanks = true;
	else
		dec->flawed = true;
}

static void
decode_chunk(struct base64_decoder *dec, struct slice in, struct octets *o)
{
	size_t i = 0;

	while (i < in.n) {
		unsigned a, b, c, d;

		while (!dec->n && !dec->ended && i + 4 <= in.n) {
			a = value_of(in.p[i]);
			b = value_of(in.p[i + 1]);
			c = value_of(in.p[i + 2]);
			d = value_of(in.p[i + 3]);
			if ((a | b | c | d) >= PAD)
				break;
			put_octets(o, a << 18 | b << 12 | c << 6 | d, 3);
			i += 4;
		}
		if (i < in.n)
			take_one(dec, value_of(in.p[i++]), o);
	}
}

void
base64_decode_add(struct base64_decoder *dec, struct slice in, struct buf *out)
{
	while (in.n) {
		struct octets o;

		o.n = 0;
		decode_chunk(dec, slice_take(&in, CHUNK), &o);
		buf_add(out, o.p, o.n);
	}
}

void
base64_decode_finish(struct base64_decoder *dec, struct buf *out)
{
	struct octets o;

	o.n = 0;
	dec->flawed |= dec->n || dec->pad_due;
	end_group(dec, &o);
	buf_add(out, o.p, o.n);
	dec->pad_due = 0;
	dec->ended = false;
}

bool
base64_decode_fws(struct slice in, struct buf *out)
{
	struct base64_decoder dec = { 0 };

	base64_decode_add(&dec, in, out);
	base64_decode_finish(&dec, out);
	return !dec.flawed && !buf_over(out);
}

bool
base64_decode(struct slice in, struct buf *out)
{
	struct base64_decoder dec = { 0 };

	base64_decode_add(&dec, in, out);
	base64_decode_finish(&dec, out);
	return !dec.flawed && !dec.blanks && !buf_over(out);
}
