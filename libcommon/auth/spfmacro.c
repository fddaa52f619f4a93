/* SPF macros.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/spfmacro.h"

#define PARTS_MAX                                                              \
	256 /* of one macro's value; a name has at most 127 labels             \
	     */

/* %{i}: dotted for IPv4, dotted nibbles for IPv6 (7.3). */
static void
put_ip(const struct ip *ip, struct buf *out)
{
	char text[IP_TEXT_MAX];

	if (ip->n == 4) {
		ip_write(ip, text);
		buf_text(out, text);
		return;
	}
	for (unsigned i = 0; i < ip->n; i++) {
		unsigned octet = ip->b[i];

		buf_fmt(out, "%s%X.%X", i ? "." : "", octet >> 4, octet & 15);
	}
}

/* The value of a letter, before its transformers. */
static void
put_value(const struct spfmacro *m, int letter, struct buf *out)
{
	char text[IP_TEXT_MAX];

	switch (letter) {
	case 's':
		buf_slice(out, m->sender);
		break;
	case 'l':
		buf_slice(out, m->local);
		break;
	case 'o':
		buf_slice(out, m->origin);
		break;
	case 'd':
		buf_slice(out, m->domain);
		break;
	case 'i':
		put_ip(&m->ip, out);
		break;
	case 'p':
		buf_slice(out, m->validated(m->arg));
		break;
	case 'h':
		buf_slice(out, m->helo);
		break;
	case 'c':
		ip_write(&m->ip, text);
		buf_text(out, text);
		break;
	case 'r':
		buf_slice(out, m->receiver);
		break;
	case 't':
		buf_fmt(out, "%lld", (long long)m->now);
		break;
	default: /* v */
		buf_text(out, m->ip.n == 4 ? "in-addr" : "ip6");
	}
}

/* 7.3: an upper-case letter escapes what is not unreserved in a URI. */
static void
put_escaped(struct slice s, bool escape, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = slice_at(s, i);

		if (!escape || ascii_is_alpha(c) || ascii_is_digit(c) ||
		    c == '-' || c == '.' || c == '_' || c == '~')
			buf_char(out, c);
		else
			buf_fmt(out, "%%%02X", (unsigned)c);
	}
}

static bool
is_among(int c, struct slice delimiters)
{
	return delimiters.n ? slice_find(delimiters, c) != SIZE_MAX : c == '.';
}

/* Splits at the delimiters, reverses, keeps the rightmost parts, joins with
 * dots. */
static void
put_parts(struct slice value, struct slice delimiters, bool reverse,
    uint64_t keep, bool escape, struct buf *out)
{
	struct slice parts[PARTS_MAX];
	size_t count = 0, start = 0, skip;

	for (size_t i = 0; i <= value.n; i++) {
		if (i < value.n && (!is_among(slice_at(value, i), delimiters) ||
				       count == PARTS_MAX - 1))
			continue;
		parts[count++] = slice_sub(value, start, i);
		start = i + 1;
	}
	skip = keep && keep < count ? count - (size_t)keep : 0;
	for (size_t i = skip; i < count; i++) {
		if (i > skip)
			buf_char(out, '.');
		put_escaped(parts[reverse ? count - 1 - i : i], escape, out);
	}
}

/* What stands behind the "%". */
static void
expand_one(const struct spfmacro *m, struct slice *s, struct buf *out)
{
	int c = slice_get(s), letter;
	struct buf value;
	uint64_t keep = 0;
	bool reverse;

	if (c != '{') {
		buf_text(out, c == '%' ? "%" : c == '_' ? " " : "%20");
		return;
	}
	letter = slice_get(s);
	slice_take_number(s, UINT32_MAX, &keep);
	reverse = slice_take_prefix_nocase(s, "r");
	buf_init(&value, SPFMACRO_TEXT_MAX);
	put_value(m, ascii_lower(letter), &value);
	put_parts(buf_view(&value), slice_take_until(s, '}', NULL), reverse,
	    keep, letter != ascii_lower(letter), out);
	buf_free(&value);
}

void
spfmacro_expand(const struct spfmacro *m, struct slice text, struct buf *out)
{
	while (text.n) {
		int c = slice_get(&text);

		if (c == '%')
			expand_one(m, &text, out);
		else
			buf_char(out, c);
	}
}

void
spfmacro_domain(const struct spfmacro *m, struct slice text, struct buf *out)
{
	size_t drop = 0;

	spfmacro_expand(m, text, out);
	if (out->n && out->p[out->n - 1] == '.')
		buf_cut(out, out->n - 1);
	while (out->n - drop > SPFMACRO_DOMAIN_MAX) {
		struct slice rest = slice_sub(buf_view(out), drop, out->n);
		size_t dot = slice_find(rest, '.');

		if (dot == SIZE_MAX)
			break;
		drop += dot + 1;
	}
	buf_drop(out, drop);
}
