/* The header of a message (see header.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/eight.h"

#include "text/encword.h"
#include "text/utf8.h"

#include "msg/header.h"

/* The end of the line that starts at from, its line end included. */
static size_t
line_end(struct slice s, size_t from)
{
	const char *at = memchr(s.p + from, '\n', s.n - from);

	return at ? (size_t)(at - s.p) + 1 : s.n;
}

/* Without the one line end at its end. */
static struct slice
without_eol(struct slice line)
{
	if (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* ftext: %d33-57 / %d59-126 (RFC 5322 section 3.6.8), and 8bit octets, which
 * RFC 6532 does not allow here but which cost nobody anything. */
static bool
is_ftext(int c)
{
	return c > 32 && c != ':' && c != 127;
}

/* The octets of ftext at the start. */
static size_t
ftext_size(struct slice s)
{
	size_t n = 0;

	for (; n + EIGHT_OCTETS <= s.n; n += EIGHT_OCTETS) {
		uint64_t v = eight_load(s.p + n, s.n - n);
		uint64_t bad =
		    (eight_between(v & ~EIGHT_TOP, '!', '~') ^ EIGHT_TOP) & ~v;

		bad |= eight_are(v, ':');
		if (bad)
			return n + eight_first(bad);
	}
	while (n < s.n && is_ftext((unsigned char)s.p[n]))
		n++;
	return n;
}

/* field = field-name *WSP ":" unstructured CRLF */
static bool
split(struct slice raw, struct header_field *f)
{
	struct slice rest = without_eol(raw);
	size_t n = ftext_size(rest), colon = n;

	while (ascii_is_blank(slice_at(rest, colon)))
		colon++;
	if (!n || n > HEADER_NAME_MAX || slice_at(rest, colon) != ':')
		return false;
	f->raw = raw;
	f->name = slice_of(rest.p, n);
	f->value = slice_of(rest.p + colon + 1, rest.n - colon - 1);
	return true;
}

int
header_take(struct slice *rest, struct header_field *f_r)
{
	size_t end;

	if (!rest->n)
		return 0;
	end = line_end(*rest, 0);
	if (end < 3 && !without_eol(slice_of(rest->p, end)).n) {
		slice_take(rest, end);
		return 0;
	}
	while (ascii_is_blank(slice_at(*rest, end)))
		end = line_end(*rest, end);
	if (!split(slice_of(rest->p, end), f_r))
		return -1;
	rest->p += end;
	rest->n -= end;
	return 1;
}

static void
take_from_line(struct slice *rest, struct header *h)
{
	if (slice_starts(*rest, "From ") || slice_starts(*rest, ">From "))
		h->from_ = without_eol(slice_take(rest, line_end(*rest, 0)));
}

static bool
is_binary(int c)
{
	return c < ' ' &&
	       slice_find(slice_str("\t\n\v\f\r\b\033"), c) == SIZE_MAX;
}

int
header_refuse_binary(struct slice message, struct err *e)
{
	struct slice start = slice_sub(message, 0, HEADER_LOOK);
	struct header_field f;
	struct header h;

	take_from_line(&message, &h);
	if (header_take(&message, &f) > 0)
		return 0;
	for (size_t i = 0; i < start.n; i++)
		if (is_binary((unsigned char)start.p[i]))
			return err_set(
			    e, ERR_DATA, "binary data, and no message");
	return 0;
}

/* Two of 64 bits for a name: most of those that are asked for are not there. */
static uint64_t
name_bits(struct slice name)
{
	unsigned first = (unsigned)slice_peek(name) & 0x1f;
	unsigned last = (unsigned)slice_at(name, name.n - 1) & 0x1f;

	return (uint64_t)1 << ((first * 7 + name.n) & 63) |
	       (uint64_t)1 << ((last * 11 + name.n * 5) & 63);
}

static const char *
eol_of(struct slice message)
{
	size_t at = slice_find(message, '\n');

	return at != SIZE_MAX && slice_at(message, at - 1) != '\r' ? "\n"
	                                                           : "\r\n";
}

#define FEW 40 /* fields that most headers have no more than */

/* Room for one field more, first in few. */
static struct header_field *
add(struct header *h, struct header_field few[FEW], struct arena *a,
    size_t *cap)
{
	if (h->count < FEW)
		return &few[h->count++];
	if (h->count == FEW) {
		*cap = 0;
		h->fields = arena_grow(a, NULL, 0, 4 * FEW, sizeof(*few), cap);
		memcpy(h->fields, few, FEW * sizeof(*few));
	}
	h->fields =
	    arena_grow(a, h->fields, h->count, h->count + 1, sizeof(*few), cap);
	return &h->fields[h->count++];
}

/* Few fields take just the room that they need. */
static void
settle(struct header *h, const struct header_field few[FEW], struct arena *a)
{
	if (h->count > FEW || !h->count)
		return;
	h->fields = arena_array(a, h->count, sizeof(*few));
	memcpy(h->fields, few, h->count * sizeof(*few));
}

int
header_read(
    struct slice message, struct arena *a, struct header *h_r, struct err *e)
{
	NOT_ZEROED struct header_field few[FEW];
	struct slice rest = message;
	struct header_field f;
	size_t cap = 0, block = 0;
	int r;

	*h_r = (struct header){ .eol = eol_of(message) };
	take_from_line(&rest, h_r);
	h_r->block = rest;
	while ((r = header_take(&rest, &f)) > 0) {
		block += f.raw.n;
		if (h_r->count == HEADER_FIELDS_MAX)
			return err_set(e, ERR_DATA,
			    "more than %d header fields", HEADER_FIELDS_MAX);
		if (block > HEADER_BLOCK_MAX)
			return err_set(e, ERR_DATA,
			    "header is larger than %u octets",
			    HEADER_BLOCK_MAX);
		*add(h_r, few, a, &cap) = f;
		h_r->names |= name_bits(f.name);
	}
	settle(h_r, few, a);
	if (r < 0)
		h_r->broken =
		    without_eol(slice_sub(rest, 0, line_end(rest, 0)));
	h_r->block.n = block;
	h_r->body = rest;
	return 0;
}

const struct header_field *
header_nth(const struct header *h, const char *name, size_t nth)
{
	struct slice want = slice_str(name);
	uint64_t bits = name_bits(want);

	if ((h->names & bits) != bits)
		return NULL;
	for (size_t i = 0; i < h->count; i++)
		if (slice_equal_nocase(h->fields[i].name, want) && !nth--)
			return &h->fields[i];
	return NULL;
}

const struct header_field *
header_nth_last(const struct header *h, struct slice name, size_t nth)
{
	for (size_t i = h->count; i-- > 0;)
		if (slice_equal_nocase(h->fields[i].name, name) && !nth--)
			return &h->fields[i];
	return NULL;
}

const struct header_field *
header_get(const struct header *h, const char *name)
{
	return header_nth(h, name, 0);
}

size_t
header_count(const struct header *h, const char *name)
{
	struct slice want = slice_str(name);
	size_t n = 0;

	for (size_t i = 0; i < h->count; i++)
		n += slice_equal_nocase(h->fields[i].name, want);
	return n;
}

struct slice
header_unfold(struct slice value, struct arena *a)
{
	char *made;
	size_t n = 0;

	value = slice_trim(value);
	if (slice_find(value, '\n') == SIZE_MAX)
		return value;
	made = arena_new(a, value.n + 1);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\n' ||
		    (value.p[i] == '\r' && slice_at(value, i + 1) == '\n'))
			continue;
		made[n++] = value.p[i];
	}
	return slice_of(made, n);
}

struct slice
header_value(const struct header *h, const char *name, struct arena *a)
{
	const struct header_field *f = header_get(h, name);

	return f ? header_unfold(f->value, a) : slice_of(NULL, 0);
}

struct slice
header_decode(struct slice value, struct arena *a)
{
	struct slice made;
	struct buf out;

	if (utf8_is_ascii(value) &&
	    slice_search(value, slice_str("=?")) == SIZE_MAX)
		return value;
	buf_init(&out, 4 * (value.n + 1));
	encword_decode(value, &out);
	made = slice_of(arena_copy(a, buf_view(&out)), out.n);
	buf_free(&out);
	return made;
}

struct slice
header_decoded(const struct header *h, const char *name, struct arena *a)
{
	return header_decode(header_value(h, name, a), a);
}
