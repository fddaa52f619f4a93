/* Addresses as SMTP commands carry them (RFC 5321 section 4.1.2).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/arena.h"

#include "text/idna.h"
#include "text/utf8.h"

#include "net/ip.h"

#include "proto/smtpaddr.h"

/* atext, "." and what is over 127 (RFC 6531). Dots may stand anywhere: there
 * are mailboxes with "a..b" and "a.". */
static bool
is_dot_string_char(int c)
{
	return c >= 128 || ascii_is_alpha(c) || ascii_is_digit(c) ||
	       (c > 0 && strchr(".!#$%&'*+-/=?^_`{|}~", c));
}

/* Quoted-string = DQUOTE *QcontentSMTP DQUOTE
 * QcontentSMTP  = %d32-33 / %d35-91 / %d93-126 / "\" %d32-126 */
static bool
is_quoted_string(struct slice s)
{
	int c;

	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return false;
	s = slice_sub(s, 1, s.n - 1);
	while ((c = slice_get(&s)) >= 0) {
		if (ascii_is_control(c) || c == '"')
			return false;
		if (c == '\\') {
			c = slice_get(&s);
			if (c < 0 || ascii_is_control(c) || c >= 128)
				return false;
		}
	}
	return true;
}

static bool
is_local_part(struct slice s)
{
	struct slice rest = s;

	if (s.n == 0 || s.n > SMTPADDR_LOCAL_MAX || !utf8_valid(s))
		return false;
	if (s.p[0] == '"')
		return is_quoted_string(s);
	slice_take_while(&rest, is_dot_string_char);
	return rest.n == 0;
}

/* address-literal = "[" ( IPv4 / "IPv6:" IPv6 ) "]" */
static bool
is_literal(struct slice s)
{
	struct ip ip;

	if (!slice_take_prefix(&s, "[") || s.n == 0 || s.p[s.n - 1] != ']')
		return false;
	s.n--;
	slice_take_prefix_nocase(&s, "IPv6:");
	return ip_read(s, &ip);
}

static int
write_domain(struct slice domain, struct buf *out, struct err *e)
{
	struct arena a = { 0 };
	struct slice name;
	int r;

	if (is_literal(domain)) {
		buf_slice(out, domain);
		return 0;
	}
	r = idna_to_ascii(domain, &a, &name, e);
	if (r == 0)
		buf_slice(out, name);
	arena_free(&a);
	return r;
}

int
smtpaddr_write(
    struct slice address, struct buf *out, bool *utf8_r, struct err *e)
{
	size_t at = slice_find_last(address, '@'), start = out->n;
	struct slice local = slice_sub(address, 0, at);

	*utf8_r = false;
	buf_char(out, '<');
	if (address.n > 0) {
		if (!is_local_part(local))
			return err_set(e, ERR_DATA, "no address: '%.*s'",
			    SLICE_ARG(slice_sub(address, 0, SMTPADDR_MAX)));
		*utf8_r = !utf8_is_ascii(local);
		buf_slice(out, local);
	}
	if (at != SIZE_MAX) {
		buf_char(out, '@');
		if (write_domain(slice_sub(address, at + 1, SIZE_MAX), out, e) <
		    0)
			return err_in(e, "no address: '%.*s'",
			    SLICE_ARG(slice_sub(address, 0, SMTPADDR_MAX)));
	}
	buf_char(out, '>');
	if (out->n - start > SMTPADDR_MAX)
		return err_set(e, ERR_DATA, "address too long: '%.*s'",
		    SLICE_ARG(slice_sub(address, 0, 60)));
	return 0;
}
