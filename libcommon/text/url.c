/* URLs as the tools take them (see url.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>

#include "text/idna.h"
#include "text/url.h"

static bool
is_scheme_octet(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '+' || c == '-' ||
	       c == '.';
}

static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (ascii_is_control((unsigned char)s.p[i]))
			return true;
	return false;
}

bool
url_unescape(struct slice text, struct buf *out)
{
	while (text.n) {
		int c = slice_get(&text), high, low;

		if (c == '%') {
			high = ascii_hex(slice_get(&text));
			low = ascii_hex(slice_get(&text));
			c = high * 16 + low;
			if (high < 0 || low < 0 || !c)
				return false;
		}
		buf_char(out, c);
	}
	return true;
}

/*	unreserved  =  ALPHA / DIGIT / "-" / "." / "_" / "~" */
static bool
is_unreserved(int c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

void
url_escape(struct slice text, const char *keep, struct buf *out)
{
	int c;

	while ((c = slice_get(&text)) >= 0)
		if (is_unreserved(c) || (c && strchr(keep, c)))
			buf_char(out, c);
		else
			buf_fmt(out, "%%%02X", (unsigned)c);
}

/* The decoded text in the arena; null when it is broken or has controls. */
static const char *
decode(struct slice text, struct arena *a)
{
	const char *made = NULL;
	struct buf b;

	buf_init(&b, URL_MAX);
	if (url_unescape(text, &b) && !has_control(buf_view(&b)))
		made = arena_copy(a, buf_view(&b));
	buf_free(&b);
	return made;
}

static const char *
lower(struct slice s, struct arena *a)
{
	char *made = arena_copy(a, s);

	for (char *p = made; *p; p++)
		*p = (char)ascii_lower(*p);
	return made;
}

/* Without the zone of a link-local address, "fe80::1%eth0" (RFC 6874). */
static bool
is_ipv6(struct slice host, struct arena *a)
{
	struct slice address = slice_take_until(&host, '%', NULL);
	struct in6_addr to;

	return inet_pton(AF_INET6, arena_copy(a, address), &to) == 1;
}

static int
read_host(struct slice text, struct arena *a, struct url *url, struct err *e)
{
	const char *host = decode(text, a);
	struct slice name;

	if (!host)
		return err_set(e, ERR_USAGE, "broken %%XX in host '%.*s'",
		    SLICE_ARG(text));
	if (url->ipv6 && !is_ipv6(slice_str(host), a))
		return err_set(e, ERR_USAGE, "'[%s]' is no IPv6 address", host);
	if (!url->ipv6) {
		if (idna_to_dns(slice_str(host), a, &name, e) < 0) {
			e->kind = ERR_USAGE;
			return -1;
		}
		host = name.p;
	}
	url->host = host;
	return 0;
}

static int
read_port(struct slice port, struct url *url, struct err *e)
{
	uint64_t v;

	/* What stands there may be a password: it is not shown. */
	if (!slice_number(port, 65535, &v) || !v)
		return err_set(
		    e, ERR_USAGE, "port of a URL is no number of 1 to 65535");
	url->port = (uint16_t)v;
	return 0;
}

/*	host [ ":" port ] / "[" address "]" [ ":" port ] */
static int
read_host_port(
    struct slice text, struct arena *a, struct url *url, struct err *e)
{
	struct slice host;
	bool found;

	if (slice_take_prefix(&text, "[")) {
		url->ipv6 = true;
		host = slice_take_until(&text, ']', &found);
		if (!found || (text.n && !slice_starts(text, ":")))
			return err_set(e, ERR_USAGE,
			    "'[%.*s' does not end in ']'", SLICE_ARG(host));
	} else {
		host = slice_sub(text, 0, slice_find(text, ':'));
		slice_take(&text, host.n);
	}
	if (slice_take_prefix(&text, ":") && read_port(text, url, e) < 0)
		return -1;
	return read_host(host, a, url, e);
}

/*	[ userinfo "@" ] host [ ":" port ] */
static int
read_authority(
    struct slice text, struct arena *a, struct url *url, struct err *e)
{
	size_t at = slice_find_last(text, '@');

	if (at != SIZE_MAX) {
		struct slice user = slice_take(&text, at);

		if (slice_find(user, ':') != SIZE_MAX)
			return err_set(e, ERR_USAGE,
			    "a password in a URL shows in the process list: "
			    "leave it out and use --password-command");
		url->user = decode(user, a);
		if (!url->user)
			return err_set(e, ERR_USAGE,
			    "broken %%XX in user '%.*s'", SLICE_ARG(user));
		slice_take(&text, 1);
	}
	return read_host_port(text, a, url, e);
}

static int
read_path(struct slice text, struct arena *a, struct url *url, struct err *e)
{
	struct slice path = slice_take_until(&text, '?', NULL);

	if (text.n)
		url->query = arena_copy(a, text);
	if (url->host)
		slice_take_prefix(&path, "/");
	if (!path.n)
		return 0;
	url->path = decode(path, a);
	if (!url->path)
		return err_set(e, ERR_USAGE, "broken %%XX in path '%.*s'",
		    SLICE_ARG(path));
	return 0;
}

static size_t
authority_end(struct slice s)
{
	return size_min(slice_find(s, '/'), slice_find(s, '?'));
}

int
url_parse(struct slice text, struct arena *a, struct url *url_r, struct err *e)
{
	struct slice rest = text, authority = { 0 }, scheme;

	memset(url_r, 0, sizeof(*url_r));
	if (text.n > URL_MAX)
		return err_set(e, ERR_USAGE, "URL over %d octets", URL_MAX);
	if (has_control(text))
		return err_set(e, ERR_USAGE, "control character in a URL");
	scheme = slice_take_while(&rest, is_scheme_octet);
	if (!ascii_is_alpha(slice_peek(scheme)) ||
	    !slice_take_prefix(&rest, ":") || !slice_starts(rest, "/"))
		return err_set(e, ERR_USAGE,
		    "'%.*s' is no URL: write scheme://host[:port]",
		    SLICE_ARG(
			slice_find(text, '@') == SIZE_MAX ? text : scheme));
	url_r->scheme = lower(scheme, a);
	if (slice_take_prefix(&rest, "//"))
		authority = slice_take(&rest, authority_end(rest));
	if (authority.n && read_authority(authority, a, url_r, e) < 0)
		return -1;
	if (read_path(rest, a, url_r, e) < 0)
		return -1;
	if (!url_r->host && !url_r->path)
		return err_set(e, ERR_USAGE, "URL without a host: '%.*s'",
		    SLICE_ARG(text));
	return 0;
}

bool
url_has_scheme(const struct url *url, const char *const schemes[])
{
	for (size_t i = 0; schemes[i]; i++)
		if (slice_is(slice_str(url->scheme), schemes[i]))
			return true;
	return false;
}
