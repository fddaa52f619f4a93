/* The address of the envelope (see addr.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>

#include "text/token.h"
#include "text/utf8.h"

#include "msg/addr.h"

#define LABEL_MAX 63 /* octets (RFC 1035 section 2.3.4) */

/* Quoted-string = DQUOTE *( qtextSMTP / "\" %d32-126 ) DQUOTE
 * qtextSMTP = %d32-33 / %d35-91 / %d93-126, and octets over 127 (RFC 6531) */
static bool
take_quoted(struct slice *s)
{
	struct slice rest = *s;
	int c;

	slice_get(&rest);
	while ((c = slice_get(&rest)) != '"') {
		if (c == '\\')
			c = slice_get(&rest);
		if (c < 32 || c == 127)
			return false;
	}
	*s = rest;
	return true;
}

/* Local-part = Dot-string / Quoted-string */
static bool
take_local(struct slice *s)
{
	struct slice local;

	if (slice_peek(*s) == '"')
		return take_quoted(s);
	return token_dot_atom(s, &local) > 0;
}

static bool
is_let_dig(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c >= 128;
}

/* sub-domain = Let-dig [Ldh-str], or a U-label (RFC 6531 section 3.3) */
static bool
is_label(struct slice label)
{
	if (!label.n || label.n > LABEL_MAX || !is_let_dig(slice_peek(label)) ||
	    !is_let_dig(slice_at(label, label.n - 1)))
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] != '-' && !is_let_dig(slice_at(label, i)))
			return false;
	return true;
}

/* Domain = sub-domain *("." sub-domain) */
static bool
is_domain(struct slice s)
{
	bool more = true;

	while (more)
		if (!is_label(slice_take_until(&s, '.', &more)))
			return false;
	return true;
}

/* address-literal = "[" ( IPv4 / "IPv6:" IPv6 ) "]"; no General-address-literal
 * was ever registered. */
static bool
is_literal(struct slice s)
{
	unsigned char address[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];
	int family = AF_INET;

	if (s.n < 2 || s.p[s.n - 1] != ']')
		return false;
	s = slice_sub(s, 1, s.n - 1);
	if (slice_take_prefix_nocase(&s, "IPv6:"))
		family = AF_INET6;
	if (!s.n || s.n >= sizeof(text) || slice_find(s, '\0') != SIZE_MAX)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(family, text, address) == 1;
}

static const char *
check_octets(struct slice in, bool utf8)
{
	for (size_t i = 0; i < in.n; i++)
		if (ascii_is_control(slice_at(in, i)))
			return "control octet in address";
	if (utf8)
		return utf8_valid(in) ? NULL : "address is not UTF-8";
	return utf8_is_ascii(in) ? NULL : "address needs SMTPUTF8";
}

static const char *
check(struct slice in, bool utf8, struct slice *local_r, struct slice *domain_r)
{
	struct slice rest = in;
	const char *why = check_octets(in, utf8);

	if (why)
		return why;
	if (!take_local(&rest))
		return "local part is none";
	*local_r = slice_sub(in, 0, in.n - rest.n);
	if (slice_get(&rest) != '@')
		return "no \"@\" behind the local part";
	*domain_r = rest;
	if (slice_peek(rest) == '[' ? !is_literal(rest) : !is_domain(rest))
		return "domain is none";
	if (local_r->n > ADDR_LOCAL_MAX)
		return "local part is longer than 64 octets";
	if (domain_r->n > ADDR_DOMAIN_MAX || in.n > ADDR_PATH_MAX)
		return "address is longer than 254 octets";
	return NULL;
}

int
addr_envelope(struct slice in, bool utf8, struct slice *local_r,
    struct slice *domain_r, struct err *e)
{
	const char *why = check(in, utf8, local_r, domain_r);

	if (!why)
		return 0;
	return err_set(e, ERR_DATA, "%s: '%.*s'", why,
	    SLICE_ARG(slice_sub(in, 0, ADDR_PATH_MAX)));
}

struct slice
addr_domain(struct slice address)
{
	size_t at = slice_find_last(address, '@');

	return at == SIZE_MAX ? slice_of(NULL, 0)
	                      : slice_sub(address, at + 1, address.n);
}

bool
addr_equal(struct slice a, struct slice b)
{
	struct slice da = addr_domain(a), db = addr_domain(b);

	return slice_equal_nocase(da, db) &&
	       slice_equal(
		   slice_sub(a, 0, a.n - da.n), slice_sub(b, 0, b.n - db.n));
}
