/* Arguments of SMTP commands (see smtppath.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/utf8.h"

#include "net/ip.h"

#include "proto/smtppath.h"

#define LABEL_MAX 63

static bool
is_alnum(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

/* atext of RFC 5322, 3.2.3, and UTF8-non-ascii of RFC 6531, 3.3; whether the
 * latter is allowed is asked of the whole path. */
static bool
is_atext(int c)
{
	return is_alnum(c) || c > 127 ||
	       (c > 0 && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool
is_let_dig_hyp(int c)
{
	return is_alnum(c) || c == '-' || c > 127;
}

/* sub-domain = Let-dig [Ldh-str] */
static bool
take_label(struct slice *s)
{
	struct slice label = slice_take_while(s, is_let_dig_hyp);

	return label.n > 0 && label.n <= LABEL_MAX && label.p[0] != '-' &&
	       label.p[label.n - 1] != '-';
}

/* Domain = sub-domain *("." sub-domain) */
static bool
take_domain(struct slice *s)
{
	if (!take_label(s))
		return false;
	while (slice_take_prefix(s, "."))
		if (!take_label(s))
			return false;
	return true;
}

/* Standardized-tag ":" 1*dcontent; no tag but IPv6 was ever registered, so
 * any other is let through by its shape only. */
static bool
is_general_literal(struct slice s)
{
	struct slice tag = slice_take_while(&s, is_let_dig_hyp);

	if (tag.n == 0 || tag.p[tag.n - 1] == '-' ||
	    !slice_take_prefix(&s, ":") || s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 33 || s.p[i] > 126 || s.p[i] == '\\')
			return false;
	return true;
}

/* address-literal = "[" ( IPv4 / "IPv6:" IPv6 / General ) "]" */
static bool
take_literal(struct slice *s)
{
	struct slice inner;
	struct ip ip;
	bool closed;

	if (!slice_take_prefix(s, "["))
		return false;
	inner = slice_take_until(s, ']', &closed);
	if (!closed || slice_find(inner, '[') != SIZE_MAX)
		return false;
	if (slice_take_prefix_nocase(&inner, "IPv6:"))
		return ip_read(inner, &ip) && ip.n == 16;
	if (ip_read(inner, &ip))
		return ip.n == 4;
	return is_general_literal(inner);
}

static bool
take_domain_or_literal(struct slice *s)
{
	const char *start = s->p;

	if (slice_starts(*s, "[") ? !take_literal(s) : !take_domain(s))
		return false;
	return (size_t)(s->p - start) <= SMTPPATH_DOMAIN_MAX;
}

/* Quoted-string = DQUOTE *( qtextSMTP / quoted-pairSMTP ) DQUOTE */
static bool
take_quoted(struct slice *s)
{
	int c;

	if (!slice_take_prefix(s, "\""))
		return false;
	while ((c = slice_get(s)) >= 0) {
		if (c == '"')
			return true;
		if (c == '\\')
			c = slice_get(s);
		if (c < 32 || c == 127)
			return false;
	}
	return false;
}

/* Local-part = Dot-string / Quoted-string */
static bool
take_local(struct slice *s)
{
	if (slice_starts(*s, "\""))
		return take_quoted(s);
	do {
		if (slice_take_while(s, is_atext).n == 0)
			return false;
	} while (slice_take_prefix(s, "."));
	return true;
}

/* A-d-l ":" = At-domain *( "," At-domain ) ":" */
static bool
skip_route(struct slice *s)
{
	do {
		if (!slice_take_prefix(s, "@") || !take_domain_or_literal(s))
			return false;
	} while (slice_take_prefix(s, ","));
	return slice_take_prefix(s, ":");
}

static bool
has_utf8(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > 127)
			return true;
	return false;
}

static struct slice
between(struct slice from, struct slice to)
{
	return slice_of(from.p, from.n - to.n);
}

static bool
take_mailbox(struct slice *s, struct smtppath *p_r)
{
	struct slice start = *s, after;

	if (!take_local(s))
		return false;
	p_r->local = between(start, *s);
	if (slice_take_prefix(s, "@")) {
		after = *s;
		if (!take_domain_or_literal(s))
			return false;
		p_r->domain = between(after, *s);
	} else if (!slice_is_nocase(p_r->local, "postmaster")) {
		return false;
	}
	p_r->mailbox = between(start, *s);
	return p_r->local.n <= SMTPPATH_LOCAL_MAX;
}

bool
smtppath_read(struct slice *s, bool utf8, struct smtppath *p_r)
{
	memset(p_r, 0, sizeof(*p_r));
	if (!slice_take_prefix(s, "<"))
		return false;
	if (slice_take_prefix(s, ">"))
		return true;
	if (slice_starts(*s, "@") && !skip_route(s))
		return false;
	if (!take_mailbox(s, p_r) || !slice_take_prefix(s, ">"))
		return false;
	p_r->utf8 = has_utf8(p_r->mailbox);
	return !p_r->utf8 || (utf8 && utf8_valid(p_r->mailbox));
}

bool
smtppath_is_domain(struct slice s, bool utf8)
{
	struct slice all = s;

	if (has_utf8(s) && !(utf8 && utf8_valid(s)))
		return false;
	return take_domain_or_literal(&s) && s.n == 0 && all.n > 0;
}

/* esmtp-value = 1*(%d33-60 / %d62-126), and UTF-8 (RFC 6531, 3.3) */
static bool
is_value(int c)
{
	return c > 32 && c != '=' && c != 127;
}

/* esmtp-param = esmtp-keyword ["=" esmtp-value] */
int
smtppath_param(struct slice *s, struct slice *key_r, struct slice *value_r)
{
	*value_r = slice_of(NULL, 0);
	if (s->n == 0)
		return 0;
	if (!slice_take_prefix(s, " "))
		return -1;
	*key_r = slice_take_while(s, is_let_dig_hyp);
	if (key_r->n == 0 || key_r->p[0] == '-' || has_utf8(*key_r))
		return -1;
	if (slice_take_prefix(s, "=")) {
		*value_r = slice_take_while(s, is_value);
		if (value_r->n == 0)
			return -1;
	}
	return s->n == 0 || slice_starts(*s, " ") ? 1 : -1;
}
