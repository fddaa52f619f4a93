/* Encoded words: decoding (see encword.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/charset.h"
#include "text/encword.h"
#include "text/token.h"

struct word {
	struct slice charset;
	char way; /* 'Q' or 'B' */
	struct slice text;
};

/* Words of one charset wait here together: characters may be split. */
struct pending {
	struct slice charset;
	struct buf octets;
};

static bool
is_charset_octet(int c)
{
	return token_is_ttext(c) || c == ':';
}

static bool
is_encoded_octet(int c)
{
	return c != '?' && c != '\r' && c != '\n' && c;
}

/*	encoded-word  =  "=?" charset [ "*" language ] "?" encoding "?"
 *	                 encoded-text "?="
 *
 * The language is RFC 2231, 5. SP in the text is against the rules and not
 * rare. */
static bool
take_encoded_word(struct slice *s, struct word *w)
{
	struct slice rest = *s;
	int way;

	if (!slice_take_prefix(&rest, "=?"))
		return false;
	w->charset = slice_take_while(&rest, is_charset_octet);
	w->charset = slice_sub(w->charset, 0, slice_find(w->charset, '*'));
	if (!slice_take_prefix(&rest, "?"))
		return false;
	way = ascii_lower(slice_get(&rest));
	if ((way != 'q' && way != 'b') || !slice_take_prefix(&rest, "?"))
		return false;
	w->way = way == 'q' ? 'Q' : 'B';
	w->text = slice_take_while(&rest, is_encoded_octet);
	if (!slice_take_prefix(&rest, "?=") || !charset_known(w->charset) ||
	    s->n - rest.n > ENCWORD_READ_MAX)
		return false;
	*s = rest;
	return true;
}

static void
decode_q(struct slice s, struct buf *out)
{
	while (s.n) {
		int c = slice_get(&s);
		int high = ascii_hex(slice_peek(s)), low;

		low = ascii_hex(slice_at(s, 1));
		if (c == '_') {
			c = ' ';
		} else if (c == '=' && high >= 0 && low >= 0) {
			slice_take(&s, 2);
			c = high * 16 + low;
		}
		buf_char(out, c);
	}
}

static void
decode_b(struct slice s, struct buf *out)
{
	struct base64_decoder dec = { 0 };

	base64_decode_add(&dec, s, out);
	base64_decode_finish(&dec, out);
}

/* Converts what waits; line ends and NUL must not come out of a word. */
static void
flush(struct pending *p, struct buf *out)
{
	size_t from = out->n;

	if (!p->octets.n)
		return;
	charset_to_utf8(p->charset, buf_view(&p->octets), out);
	for (size_t i = from; i < out->n; i++)
		if (out->p[i] == '\r' || out->p[i] == '\n' || !out->p[i])
			out->p[i] = ' ';
	buf_reset(&p->octets);
}

static void
add_word(struct pending *p, const struct word *w, struct buf *out)
{
	if (!slice_equal_nocase(p->charset, w->charset))
		flush(p, out);
	p->charset = w->charset;
	if (w->way == 'Q')
		decode_q(w->text, &p->octets);
	else
		decode_b(w->text, &p->octets);
}

static bool
is_line_end(int c)
{
	return c == '\r' || c == '\n';
}

static bool
is_blank(int c)
{
	return ascii_is_blank(c) || is_line_end(c);
}

/* Appends plain text without its folding. */
static void
put_plain(struct slice s, struct buf *out)
{
	while (s.n) {
		struct slice line;

		if (slice_take_line(&s, &line, NULL))
			charset_to_utf8(slice_str(""), line, out);
	}
}

/* Octets before the next thing that may be an encoded word, or the end; one at
 * least. */
static size_t
plain_size(struct slice s)
{
	size_t at = slice_search(slice_sub(s, 1, s.n), slice_str("=?"));

	return at == SIZE_MAX ? s.n : at + 1;
}

void
encword_decode(struct slice in, struct buf *out)
{
	struct pending p = { 0 };
	struct slice plain = slice_sub(in, 0, 0);
	bool after_word = false;
	struct word w;

	if (slice_search(in, slice_str("=?")) == SIZE_MAX) {
		put_plain(in, out);
		return;
	}
	buf_init(&p.octets, in.n);
	while (in.n) {
		struct slice blanks = slice_take_while(&in, is_blank);

		if (take_encoded_word(&in, &w)) {
			if (plain.n || !after_word) {
				plain.n += blanks.n;
				flush(&p, out);
				put_plain(plain, out);
			}
			add_word(&p, &w, out);
			plain = slice_sub(in, 0, 0);
			after_word = true;
			continue;
		}
		plain.n += blanks.n;
		if (in.n)
			plain.n += slice_take(&in, plain_size(in)).n;
	}
	flush(&p, out);
	put_plain(plain, out);
	buf_free(&p.octets);
}
