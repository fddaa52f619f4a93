/* One line of a bounce's text (see noticeline.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/eight.h"
#include "base/octets.h"

#include "report/codes.h"
#include "report/noticeline.h"

#define MARKS_MAX 48 /* of one line; beyond: left out */
#define NEAR      12 /* octets between words and the address they are about */

struct mark {
	uint16_t start, end;
	uint8_t what;
};

/* The line in small letters. */
struct flat {
	char text[NOTICE_LINE_MAX + 4];
	size_t n;
	bool digit; /* of a failure: 4 or 5 */
	struct mark marks[MARKS_MAX];
	size_t mark_count;
	struct noticeline *l;
	size_t known, known_raw; /* an octet, and where it came from */
};

bool
noticeline_quoted(struct slice line)
{
	return slice_peek(line) == '>' && slice_at(line, 1) != '>';
}

static bool
is_flat_blank(int c)
{
	return c <= 32 || c == 127;
}

/* U+00C0..U+00DE and U+0410..U+042F to their small letters, as rules_flatten()
 * does: c is behind an octet that may be the first of two. */
static int
fold(char *before, int c)
{
	int first = (unsigned char)*before;

	if ((first == 0xc3 && c >= 0x80 && c <= 0x9e) ||
	    (first == 0xd0 && c >= 0x90 && c <= 0x9f))
		return c + 0x20;
	if (first != 0xd0 || c < 0xa0 || c > 0xaf)
		return c;
	*before = (char)0xd1;
	return c - 0x20;
}

static void
flatten_one(struct flat *f, int c)
{
	c = is_flat_blank(c) ? ' ' : ascii_lower(c);
	if (c > 127)
		c = fold(&f->text[f->n - 1], c);
	if (c == ' ' && f->text[f->n - 1] == ' ')
		return;
	f->digit |= c == '4' || c == '5';
	f->text[f->n++] = (char)c;
}

/* Sixteen octets that are flat but for their capitals. */
static bool
flatten_many(struct flat *f, const char *p)
{
	octets v = octets_load(p);

	if (!octets_flat(v, f->text[f->n - 1] == ' '))
		return false;
	octets_store(f->text + f->n, octets_small(v));
	f->digit |= octets_any(octets_are(v & ~octets_fill(1), '4'));
	f->n += OCTETS;
	return true;
}

static void
flatten(struct flat *f, struct slice s)
{
	size_t i = 0;

	s = slice_sub(s, 0, NOTICE_LINE_MAX);
	f->text[0] = '^';
	f->n = 1;
	f->digit = false;
	f->known = f->known_raw = 0;
	while (i < s.n) {
		size_t end = size_min(i + EIGHT_OCTETS, s.n);

		if (i + OCTETS <= s.n && flatten_many(f, s.p + i)) {
			i += OCTETS;
			continue;
		}
		while (i < end)
			flatten_one(f, (unsigned char)s.p[i++]);
	}
	f->text[f->n] = ' ';
}

/* Where an octet of the flat line came from; asked in order. */
static size_t
raw_of(struct flat *f, size_t at)
{
	struct slice raw = f->l->raw;

	for (; f->known < at; f->known++) {
		if (!f->known) /* the "^" in front */
			continue;
		f->known_raw++;
		while (f->text[f->known] == ' ' && f->known_raw < raw.n &&
		       is_flat_blank(slice_at(raw, f->known_raw)))
			f->known_raw++;
	}
	return f->known_raw;
}

static void
found(void *context, const struct rules_hit *hit)
{
	struct flat *f = context;
	uint16_t what = hit->row->what;

	f->l->signs |= 1u << what;
	if (what == FORMAT_STOP && f->text[hit->start] == '^')
		f->l->anchored = true;
	if (what == FORMAT_HEAD && f->n - hit->end < 3)
		f->l->head = true;
	if (what != FORMAT_RCPT && what != FORMAT_NOT && what != FORMAT_ORIGIN)
		return;
	if (f->mark_count < MARKS_MAX)
		f->marks[f->mark_count++] = (struct mark){ (uint16_t)hit->start,
			(uint16_t)hit->end, (uint8_t)what };
}

/* "Name: value" of a header. */
static bool
is_field(const struct flat *f)
{
	size_t i = 1;

	while (i < f->n && (ascii_is_alpha(f->text[i]) || f->text[i] == '-'))
		i++;
	return i > 2 && i < f->n && f->text[i] == ':';
}

/* Three digits that may be a reply code. */
static bool
has_code(struct slice s)
{
	for (size_t i = 0; i + 2 < s.n; i++)
		if ((s.p[i] & ~1) == '4' && ascii_is_digit(s.p[i + 1]) &&
		    ascii_is_digit(s.p[i + 2]))
			return true;
	return false;
}

/* "550 ", "550-5.1.1", ">>> 550": a reply starts the line, or follows a word
 * that says so; an enhanced status is one too. */
static unsigned
reply_of(const struct flat *f)
{
	static const char *const words[] = { "said: ", "reason: ", "was: ",
		"error: ", "response: ", "returned '", "code: ", "replied: " };
	struct slice s = slice_of(f->text + 1, f->n - 1), status;
	bool code = f->digit && has_code(s);
	unsigned reply;

	if (!f->digit)
		return 0;
	reply = code ? codes_reply(slice_sub(s, 0, 40)) : 0;
	for (size_t i = 0; code && !reply && i < COUNT_OF(words); i++) {
		size_t at = slice_search(s, slice_str(words[i]));

		if (at != SIZE_MAX)
			reply = codes_reply(slice_sub(s, at, at + 60));
	}
	if (!reply && codes_status(s, 0, &status) && status.p[0] != '2')
		reply = status.p[0] == '4' ? 450 : 550;
	return reply;
}

/* A word of letters, digits, "." and "-" that is all of an indented line. */
static bool
is_lone(struct slice raw, struct slice line)
{
	if (raw.n < 3 || raw.n > 64 || !ascii_is_blank(slice_peek(line)))
		return false;
	for (size_t i = 0; i < raw.n; i++)
		if (!ascii_is_alpha(raw.p[i]) && !ascii_is_digit(raw.p[i]) &&
		    !strchr(".-_", raw.p[i]))
			return false;
	return true;
}

static bool
in_address(int c)
{
	switch (c) {
	case '"':
	case '(':
	case ')':
	case ',':
	case ':':
	case ';':
	case '<':
	case '>':
	case '@':
	case '[':
	case '\\':
	case ']':
	case 127:
		return false;
	default:
		return c > 32;
	}
}

static bool
in_domain(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c > 127 || c == '-' ||
	       c == '.' || c == '_';
}

/* A sign of the scripts of East Asia, whose texts have no blanks, and of their
 * punctuation: three octets of UTF-8. */
static bool
is_wide(struct slice s, size_t at)
{
	return slice_at(s, at) >= 0xe3 && slice_at(s, at) <= 0xef;
}

/* Such signs in front of letters of ASCII are words before the address. */
static size_t
behind_wide(struct slice s, size_t start, size_t at)
{
	for (size_t i = at; i-- > start;)
		if (is_wide(s, i) && i + 3 < at)
			return i + 3;
	return start;
}

/* A quoted local part starts at its first quote. */
static size_t
start_of(struct slice s, size_t at)
{
	size_t start = at;

	if (at > 1 && s.p[at - 1] == '"') {
		for (start = at - 1; start > 1 && s.p[start - 1] != '"';)
			start--;
		return start > 1 ? start - 1 : at;
	}
	while (start > 1 && in_address((unsigned char)s.p[start - 1]))
		start--;
	start = behind_wide(s, start, at);
	while (start < at && strchr("'*=|`/-.", s.p[start]))
		start++;
	return start;
}

/* The address around the "@" at at; false when there is none. */
static bool
cut_address(struct slice s, size_t at, size_t *start_r, size_t *end_r)
{
	size_t start = start_of(s, at), end = at + 1, dot;
	struct slice local = slice_sub(s, start, at);

	if (slice_at(s, end) == '[') {
		while (end < s.n && s.p[end] != ']')
			end++;
		end += end < s.n;
	}
	while (end < s.n && in_domain((unsigned char)s.p[end]) &&
	       !(is_wide(s, end) && end > at + 1 &&
		   ascii_is_alpha((unsigned char)s.p[end - 1])))
		end++;
	while (end > at + 1 && strchr(".-_", s.p[end - 1]))
		end--;
	/* an X.400 address with one of the Internet in it: "SMTP=a@b;" */
	if (slice_starts_nocase(local, "smtp="))
		start += 5;
	dot = slice_find(slice_sub(s, at + 1, end), '.');
	if (start == at || end < at + 3 || end - start > 320 ||
	    slice_at(s, end) == '@' ||
	    (dot == SIZE_MAX && slice_at(s, end) != '>' && s.p[at + 1] != '['))
		return false;
	*start_r = start;
	*end_r = end;
	return true;
}

/* What the words before an address say of it: the nearest count, of those that
 * end at one place the longest. */
static const struct mark *
mark_before(const struct flat *f, size_t from, size_t start)
{
	const struct mark *best = NULL;

	for (size_t i = 0; i < f->mark_count; i++) {
		const struct mark *m = &f->marks[i];
		size_t reach = m->what == FORMAT_RCPT ? 5 : NEAR;

		if (m->end > start || m->start < from || start - m->end > reach)
			continue;
		if (!best || m->end > best->end ||
		    (m->end == best->end && m->start < best->start))
			best = m;
	}
	return best;
}

/* "1) ", "12. ": its number in a list; where that ends. */
static size_t
behind_number(const struct flat *f)
{
	size_t i = 1;

	while (i < 4 && i < f->n && ascii_is_digit(f->text[i]))
		i++;
	if (i > 1 && i < f->n && strchr("):.", f->text[i]) &&
	    f->text[i + 1] == ' ')
		return i + 1;
	return 1;
}

/* Only marks of lists and quotes stand before it in its line. */
static bool
is_first(const struct flat *f, size_t start)
{
	for (size_t i = behind_number(f); i < start; i++)
		if (!strchr(" <>\"'*-([=|:.`;,", f->text[i]))
			return false;
	return true;
}

/* "<a@b> (expanded from <list@b>): host ... said" */
static bool
is_expanded(const struct flat *f, size_t end)
{
	return slice_starts(
	    slice_of(f->text + end, f->n - end), "> (expanded from");
}

/* It is all of its line, or text about it follows. */
static bool
is_headword(const struct flat *f, size_t end)
{
	struct slice rest = slice_of(f->text + end, f->n - end);
	bool bracket = false;

	while (rest.n && strchr(" >\"')", rest.p[0])) {
		bracket = bracket || rest.p[0] == '>';
		slice_get(&rest);
	}
	if (!rest.n || rest.p[0] == ':' || slice_starts(rest, "...") ||
	    slice_starts(rest, "on ") || slice_starts(rest, "; on") ||
	    slice_starts(rest, "<br") || slice_starts(rest, "(reason") ||
	    slice_starts(rest, "<"))
		return true;
	return bracket && (rest.p[0] == ',' || rest.p[0] == ';');
}

/* "<a@b>:" */
static bool
is_headed(const struct flat *f, size_t start, size_t end)
{
	int next = f->text[end + 1];

	return f->text[start - 1] == '<' && f->text[end] == '>' &&
	       (next == ':' || next == '.' || is_expanded(f, end)) &&
	       is_first(f, start);
}

static enum notice_weight
weigh(const struct flat *f, size_t from, size_t start, size_t end, bool list,
    struct noticeline_address *v)
{
	const struct mark *m = mark_before(f, from, start);
	bool angle = f->text[start - 1] == '<';

	v->origin = m && m->what == FORMAT_ORIGIN;
	v->marked = m && m->what == FORMAT_RCPT;
	v->field = slice_starts(slice_of(f->text, f->n), "^to:");
	if (m && m->what != FORMAT_RCPT)
		return NOTICE_NONE;
	if (is_headed(f, start, end))
		return NOTICE_LISTED;
	if (is_first(f, start)) {
		if (list && is_headword(f, end))
			return NOTICE_LISTED;
		if (m || is_headword(f, end))
			return NOTICE_CALLED;
		return list ? NOTICE_CALLED : NOTICE_ALONE;
	}
	if (m)
		return NOTICE_CALLED;
	/* "550 5.1.1 <a@b>... User unknown" */
	if (f->l->reply && angle && start < 40)
		return NOTICE_CALLED;
	return NOTICE_SEEN;
}

/* Only commas stand between two addresses: what is true of one is true of the
 * other. */
static bool
is_next_of_list(const struct flat *f, size_t from, size_t start)
{
	bool comma = false;

	for (size_t i = from; i < start; i++) {
		if (!strchr(" ,;<>'\"", f->text[i]))
			return false;
		comma = comma || f->text[i] == ',' || f->text[i] == ';';
	}
	return comma;
}

static void
addresses(struct flat *f, bool list)
{
	struct noticeline *l = f->l;
	struct slice s = slice_of(f->text, f->n);
	size_t from = 0;

	for (size_t at = 1; at < f->n && l->n < NOTICELINE_ADDRESSES_MAX;
	     at++) {
		struct noticeline_address *v = &l->v[l->n];
		const char *sign = memchr(f->text + at, '@', f->n - at);
		size_t start, end;

		if (!sign)
			break;
		at = (size_t)(sign - f->text);
		if (!cut_address(s, at, &start, &end) || start < from)
			continue;
		v->weight = weigh(f, from, start, end, list, v);
		v->headed = is_headed(f, start, end);
		if (l->n && is_next_of_list(f, from, start)) {
			v->weight = v[-1].weight;
			v->origin = v[-1].origin;
			v->marked = v[-1].marked;
		}
		v->address = slice_sub(l->raw, raw_of(f, start), l->raw.n);
		v->behind = l->raw.p + raw_of(f, end - 1) + 1;
		v->address.n = (size_t)(v->behind - v->address.p);
		l->n++;
		from = end;
		at = end - 1;
	}
}

void
noticeline_read(struct noticeline *l, struct slice line, bool list)
{
	NOT_ZEROED struct flat f;

	l->raw = slice_trim(line);
	l->signs = 0;
	l->reply = 0;
	l->indent = (size_t)(l->raw.n ? l->raw.p - line.p : 0);
	l->anchored = l->field = l->head = l->lone = false;
	l->n = l->flat_n = 0;
	if (!l->raw.n)
		return;
	f.l = l;
	f.mark_count = 0;
	flatten(&f, l->raw);
	l->flat_n = f.n;
	rules_scan(&format_rules, slice_of(f.text, f.n), found, &f);
	l->field = is_field(&f);
	l->lone = is_lone(l->raw, line);
	l->reply = reply_of(&f);
	addresses(&f, list);
}
