/* Unit tests of text/url.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/url.h"

#include "tap.h"

static void
test_good(void)
{
	static const struct {
		const char *in, *scheme, *user, *host, *path, *query;
		int port;
		bool ipv6;
	} rows[] = {
		{ "smtp://mail.example.org", "smtp", "", "mail.example.org", "",
		    "", 0, false },
		{ "SMTP+TLS://Jo%40x.org@Mail.Example.org.:587/", "smtp+tls",
		    "Jo@x.org", "mail.example.org", "", "", 587, false },
		{ "smtps://[2001:DB8::1]:465", "smtps", "", "2001:DB8::1", "",
		    "", 465, true },
		{ "smtp://[fe80::1%25eth0]", "smtp", "", "fe80::1%eth0", "", "",
		    0, true },
		{ "imaps://jo@127.0.0.1:993/Lists/m%C3%BCll?x=1", "imaps", "jo",
		    "127.0.0.1", "Lists/m\xc3\xbcll", "x=1", 993, false },
		{ "lmtp:/run/l.sock", "lmtp", "", "", "/run/l.sock", "", 0,
		    false },
		{ "lmtp+unix:///run/l%20m.sock", "lmtp+unix", "", "",
		    "/run/l m.sock", "", 0, false },
		{ "smtp://b\xc3\xbc"
		  "cher.example",
		    "smtp", "", "xn--bcher-kva.example", "", "", 0, false },
		{ "pop3://mail_1", "pop3", "", "mail_1", "", "", 0, false },
		{ "imap://h/a@b", "imap", "", "h", "a@b", "", 0, false },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err e = { 0 };
		struct url u;

		is_int(url_parse(slice_str(rows[i].in), &a, &u, &e), 0,
		    "url '%s' %s", rows[i].in, e.text);
		is_str(u.scheme, rows[i].scheme, "scheme");
		is_str(u.user ? u.user : "", rows[i].user, "user");
		is_str(u.host ? u.host : "", rows[i].host, "host");
		is_str(u.path ? u.path : "", rows[i].path, "path");
		is_str(u.query ? u.query : "", rows[i].query, "query");
		is_int(u.port, rows[i].port, "port");
		ok(u.ipv6 == rows[i].ipv6, "ipv6");
	}
	arena_free(&a);
}

static void
test_bad(void)
{
	static const struct {
		const char *in, *why;
	} rows[] = {
		{ "mail.example.org:587", "'mail.example.org:587' is no URL: "
					  "write scheme://host[:port]" },
		{ "jo:secret@host", "'jo' is no URL: write "
				    "scheme://host[:port]" },
		{ "", "'' is no URL: write scheme://host[:port]" },
		{ "://x", "'://x' is no URL: write scheme://host[:port]" },
		{ "smtp://", "URL without a host: 'smtp://'" },
		{ "smtp://jo:secret@host", "a password in a URL shows in the "
					   "process list: leave it out and use "
					   "--password-command" },
		{ "smtp://jo:se/cret@host", "port of a URL is no number of 1 "
					    "to 65535" },
		{ "smtp://host:0", "port of a URL is no number of 1 to 65535" },
		{ "smtp://host:", "port of a URL is no number of 1 to 65535" },
		{ "smtp://host:65536", "port of a URL is no number of 1 to "
				       "65535" },
		{ "smtp://[::1", "'[::1' does not end in ']'" },
		{ "smtp://[::1]x", "'[::1' does not end in ']'" },
		{ "smtp://[::g]", "'[::g]' is no IPv6 address" },
		{ "smtp://a..b", "empty label: '' in domain 'a..b'" },
		{ "smtp://a%2", "broken %XX in host 'a%2'" },
		{ "smtp://a%00b", "broken %XX in host 'a%00b'" },
		{ "smtp://j%0Ao@a", "broken %XX in user 'j%0Ao'" },
		{ "imap://a/%zz", "broken %XX in path '%zz'" },
		{ "smtp://a\r\nb", "control character in a URL" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err e = { 0 };
		struct url u;

		is_int(url_parse(slice_str(rows[i].in), &a, &u, &e), -1,
		    "bad url '%s'", rows[i].in);
		is_str(e.text, rows[i].why, "the fault");
		is_int(e.kind, ERR_USAGE, "is usage");
	}
	arena_free(&a);
}

static void
test_escape(void)
{
	static const char *const schemes[] = { "smtp", "smtps", NULL };
	struct url u = { .scheme = "smtps" };
	struct buf b;

	buf_init(&b, 100);
	url_escape(slice_str("a b/c\xc3\xa9+"), "/", &b);
	is_slice(buf_view(&b), "a%20b/c%C3%A9%2B", "escape");
	buf_free(&b);
	ok(url_has_scheme(&u, schemes), "one of the schemes");
	u.scheme = "smtp+tls";
	ok(!url_has_scheme(&u, schemes), "none of them");
}

int
main(void)
{
	test_good();
	test_bad();
	test_escape();
	return tap_done();
}
