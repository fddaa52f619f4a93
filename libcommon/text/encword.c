/* Encoded words: encoding (see encword.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/encword.h"
#include "text/token.h"
#include "text/utf8.h"

#define OVERHEAD  12 /* "=?UTF-8?Q?" and "?=" */
#define FIRST_MAX 60 /* characters of the first word */

static bool
is_text(int c)
{
	return !ascii_is_blank(c);
}

/* One word of plain text cannot stand as it is. */
static bool
word_needs(struct slice word)
{
	if (word.n > ENCWORD_WORD_MAX ||
	    slice_search(word, slice_str("=?")) != SIZE_MAX)
		return true;
	for (size_t i = 0; i < word.n; i++) {
		int c = slice_at(word, i);

		if (c > 127 || ascii_is_control(c))
			return true;
	}
	return false;
}

/* Takes one run of blanks and the word after it. */
static struct slice
take_word(struct slice *s, struct slice *word_r)
{
	struct slice blanks = slice_take_while(s, ascii_is_blank);

	*word_r = slice_take_while(s, is_text);
	return blanks;
}

bool
encword_needed(struct slice text)
{
	struct slice word;

	while (text.n) {
		take_word(&text, &word);
		if (word_needs(word))
			return true;
	}
	return false;
}

/* What may stand for itself in Q (RFC 2047, 5): in a phrase only letters,
 * digits and "!*+-/", which is safe in a comment too. */
static bool
is_q_plain(int c, enum encword_place place)
{
	if (ascii_is_alpha(c) || ascii_is_digit(c))
		return true;
	if (place == ENCWORD_TEXT)
		return c > ' ' && c < 127 && c != '=' && c != '?' && c != '_';
	return c > 0 && strchr("!*+-/", c);
}

static size_t
q_size(struct slice s, enum encword_place place)
{
	size_t n = 0;
	int c;

	while ((c = slice_get(&s)) >= 0)
		n += c == ' ' || is_q_plain(c, place) ? 1 : 3;
	return n;
}

static void
put_q(struct slice s, enum encword_place place, struct buf *out)
{
	int c;

	while ((c = slice_get(&s)) >= 0)
		if (c == ' ')
			buf_char(out, '_');
		else if (is_q_plain(c, place))
			buf_char(out, c);
		else
			buf_fmt(out, "=%02X", (unsigned)c);
}

static size_t
size_in(char way, struct slice s, enum encword_place place)
{
	return way == 'Q' ? q_size(s, place) : (size_t)base64_size(s.n);
}

/* Takes as many characters as a word of max characters can carry. */
static struct slice
take_chars(struct slice *s, char way, enum encword_place place, size_t max)
{
	struct slice rest = *s, head = slice_sub(*s, 0, 0), more = head;

	while (rest.n) {
		utf8_next(&rest);
		more.n = s->n - rest.n;
		if (head.n && OVERHEAD + size_in(way, more, place) > max)
			break;
		head = more;
	}
	slice_take(s, head.n);
	return head;
}

static void
put_words(struct slice s, enum encword_place place, struct buf *out)
{
	char way = size_in('B', s, place) < size_in('Q', s, place) ? 'B' : 'Q';
	size_t max = FIRST_MAX;

	while (s.n) {
		struct slice part = take_chars(&s, way, place, max);

		buf_fmt(out, "=?UTF-8?%c?", way);
		if (way == 'Q')
			put_q(part, place, out);
		else
			base64_encode(part, out);
		buf_text(out, s.n ? "?= " : "?=");
		max = ENCWORD_MAX;
	}
}

/* The part of text from the first word that needs encoding to the last. */
static struct slice
needy_part(struct slice text)
{
	struct slice rest = text, word, part = { 0 };

	while (rest.n) {
		take_word(&rest, &word);
		if (!word_needs(word))
			continue;
		if (!part.p)
			part.p = word.p;
		part.n = (size_t)(word.p + word.n - part.p);
	}
	return part;
}

void
encword_encode(struct slice text, enum encword_place place, struct buf *out)
{
	struct slice part = text;
	struct buf sane;

	if (!encword_needed(text)) {
		buf_slice(out, text);
		return;
	}
	if (place == ENCWORD_TEXT)
		part = needy_part(text);
	buf_add(out, text.p, (size_t)(part.p - text.p));
	buf_init(&sane, part.n * 3);
	utf8_sanitise(part, &sane);
	put_words(buf_view(&sane), place, out);
	buf_free(&sane);
	buf_slice(
	    out, slice_sub(text, (size_t)(part.p - text.p) + part.n, text.n));
}

/* Atoms with one SP between. */
static bool
is_atoms(struct slice name)
{
	struct slice atom;

	while (token_atom(&name, &atom) > 0)
		if (!name.n)
			return true;
		else if (slice_get(&name) != ' ')
			return false;
	return false;
}

void
encword_phrase(struct slice name, struct buf *out)
{
	if (encword_needed(name))
		encword_encode(name, ENCWORD_PHRASE, out);
	else if (is_atoms(name))
		buf_slice(out, name);
	else if (name.n)
		token_quote(name, out);
}
