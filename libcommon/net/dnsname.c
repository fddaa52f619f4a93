/* Domain names in presentation form and in octets.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/dnsname.h"

/* One character of presentation form (RFC 1035 section 5.1):
 *
 *	"\DDD"  the octet of that decimal value
 *	"\X"    X, whatever it means otherwise
 *
 * The octet, with *plain_r false when it was escaped; -1 when it is bad. */
static int
take_char(struct slice *s, bool *plain_r)
{
	int c = slice_get(s), value = 0;

	*plain_r = c != '\\';
	if (c != '\\')
		return c;
	if (!ascii_is_digit(slice_peek(*s)))
		return slice_get(s);
	for (int i = 0; i < 3; i++) {
		c = slice_get(s);
		if (!ascii_is_digit(c))
			return -1;
		value = value * 10 + (c - '0');
	}
	return value > 255 ? -1 : value;
}

bool
dnsname_read(const char *text, struct dnsname *r)
{
	struct slice s = slice_str(text);
	size_t label = 0, n = 1; /* label: where its length octet stands */

	*r = (struct dnsname){ .n = 1 };
	if (s.n == 0 || slice_is(s, "."))
		return true;
	while (s.n) {
		bool plain;
		int c = take_char(&s, &plain);

		if (c < 0)
			return false;
		if (plain && c == '.') {
			if (n - label - 1 == 0 || n >= DNSNAME_MAX)
				return false;
			r->b[label] = (uint8_t)(n - label - 1);
			label = n++;
			continue;
		}
		/* The last octet is the root's. */
		if (n - label > DNSNAME_LABEL || n >= DNSNAME_MAX - 1)
			return false;
		r->b[n++] = (uint8_t)c;
	}
	if (n - label - 1) {
		r->b[label] = (uint8_t)(n - label - 1);
		r->b[n++] = 0;
	} else {
		r->b[label] = 0;
	}
	r->n = (uint8_t)n;
	return true;
}

static char *
put_char(char *p, unsigned c)
{
	if (c == '.' || c == '\\') {
		*p++ = '\\';
		*p++ = (char)c;
	} else if (c > 0x20 && c < 0x7f) {
		*p++ = (char)c;
	} else {
		*p++ = '\\';
		*p++ = (char)('0' + c / 100);
		*p++ = (char)('0' + c / 10 % 10);
		*p++ = (char)('0' + c % 10);
	}
	return p;
}

char *
dnsname_text(const struct dnsname *name, struct arena *a)
{
	char text[DNSNAME_TEXT_MAX], *p = text;

	for (size_t i = 0; i < name->n && name->b[i]; i += name->b[i] + 1u) {
		if (i)
			*p++ = '.';
		for (size_t j = 0; j < name->b[i]; j++)
			p = put_char(p, name->b[i + 1 + j]);
	}
	if (p == text)
		*p++ = '.';
	return arena_copy(a, slice_of(text, (size_t)(p - text)));
}

char *
dnsname_escape(struct slice raw, struct arena *a)
{
	char *text = arena_new(a, raw.n * 4 + 1), *p = text;

	for (size_t i = 0; i < raw.n; i++) {
		if (raw.p[i] == '.')
			*p++ = '.';
		else
			p = put_char(p, (unsigned char)raw.p[i]);
	}
	return text;
}

/*	name    = *label ( %x00 / pointer )
 *	label   = %x01-3F *OCTET
 *	pointer = %xC0-FF OCTET            ; offset, 14 bits
 */
bool
dnsname_expand(struct slice msg, size_t *at, struct dnsname *r)
{
	size_t pos = *at, limit = *at, n = 0;
	unsigned jumps = 0;

	for (;;) {
		int c = slice_at(msg, pos);

		if (c < 0)
			return false;
		if (c > DNSNAME_LABEL) {
			int low = slice_at(msg, pos + 1);
			size_t to = ((size_t)(c & 0x3f) << 8) | (size_t)low;

			if (c < 0xc0 || low < 0 || to >= limit ||
			    jumps == DNSNAME_JUMPS)
				return false;
			if (jumps++ == 0)
				*at = pos + 2;
			pos = limit = to;
			continue;
		}
		if (n + (size_t)c + 1 > DNSNAME_MAX ||
		    pos + (size_t)c + 1 > msg.n)
			return false;
		memcpy(r->b + n, msg.p + pos, (size_t)c + 1);
		n += (size_t)c + 1;
		pos += (size_t)c + 1;
		if (c == 0)
			break;
	}
	if (jumps == 0)
		*at = pos;
	r->n = (uint8_t)n;
	return true;
}

void
dnsname_lower(struct dnsname *name)
{
	/* A length octet is at most 63, below any letter. */
	for (size_t i = 0; i < name->n; i++)
		name->b[i] = (uint8_t)ascii_lower(name->b[i]);
}

bool
dnsname_equal(const struct dnsname *a, const struct dnsname *b)
{
	return slice_equal_nocase(slice_of(a->b, a->n), slice_of(b->b, b->n));
}

bool
dnsname_parent(struct dnsname *name)
{
	size_t skip = name->b[0] + 1u;

	if (name->n <= 1 || name->b[0] == 0)
		return false;
	memmove(name->b, name->b + skip, name->n - skip);
	name->n = (uint8_t)(name->n - skip);
	return true;
}
