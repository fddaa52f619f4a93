/* Unit tests of proto/smtpaddr and proto/smtpcap.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/smtpaddr.h"
#include "proto/smtpcap.h"

#include "tap.h"

#define X60 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* want is null for what is refused. */
static const struct {
	const char *in, *want;
	bool utf8;
} addresses[] = {
	{ "", "<>", false },
	{ "bob@example.org", "<bob@example.org>", false },
	{ "bob@EXAMPLE.org", "<bob@example.org>", false },
	{ "Bob@example.org", "<Bob@example.org>", false },
	{ "postmaster", "<postmaster>", false },
	{ "a..b.@example.org", "<a..b.@example.org>", false },
	{ "a+b=c/d@example.org", "<a+b=c/d@example.org>", false },
	{ "\"a b\"@example.org", "<\"a b\"@example.org>", false },
	{ "\"a@b\"@example.org", "<\"a@b\"@example.org>", false },
	{ "\"a\\\"b\"@example.org", "<\"a\\\"b\"@example.org>", false },
	{ "a@[192.0.2.1]", "<a@[192.0.2.1]>", false },
	{ "a@[IPv6:2001:db8::1]", "<a@[IPv6:2001:db8::1]>", false },
	{ "a@b\xC3\xBC"
	  "cher.example",
	    "<a@xn--bcher-kva.example>", false },
	{ "j\xC3\xB6rg@example.org", "<j\xC3\xB6rg@example.org>", true },
	{ X60 "1234@example.org", "<" X60 "1234@example.org>", false },
	{ X60 "12345@example.org", NULL, false },
	{ "a@b.example>\r\nDATA", NULL, false },
	{ "a@b.example\r\n", NULL, false },
	{ "a\rb@c.example", NULL, false },
	{ "a b@c.example", NULL, false },
	{ "a@b.example SIZE=1", NULL, false },
	{ "<a@b.example>", NULL, false },
	{ "a>b@c.example", NULL, false },
	{ "\"a\r\nb\"@c.example", NULL, false },
	{ "\"a\"b\"@c.example", NULL, false },
	{ "\"a\\\"@c.example", NULL, false },
	{ "\"@c.example", NULL, false },
	{ "@c.example", NULL, false },
	{ "a@", NULL, false },
	{ "a@b..c", NULL, false },
	{ "a@-b.example", NULL, false },
	{ "a@[1.2.3]", NULL, false },
	{ "a@[1.2.3.4", NULL, false },
	{ "j\xF6rg@example.org", NULL, false },
};

static void
test_addresses(void)
{
	struct buf b;
	bool utf8;
	int r;

	buf_init(&b, 4096);
	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		const char *want = addresses[i].want;

		buf_reset(&b);
		r = smtpaddr_write(slice_str(addresses[i].in), &b, &utf8, NULL);
		is_int(r, want ? 0 : -1, "address '%s'", addresses[i].in);
		if (!want)
			continue;
		is_slice(buf_view(&b), want, "as a path");
		ok(utf8 == addresses[i].utf8, "needs SMTPUTF8 or not");
	}
	is_int(smtpaddr_write(slice_of("a\0b@c.example", 13), &b, &utf8, NULL),
	    -1, "a NUL");
	buf_free(&b);
}

static void
test_caps(void)
{
	struct smtp_caps c;

	smtpcap_read(slice_str("PIPELINING\nSIZE 1000\n8bitmime\nSTARTTLS\n"
			       "AUTH NTLM  plain login\nSMTPUTF8\nX-ODD 1"),
	    &c);
	ok(!c.pipelining, "the first line is a name");
	ok(c.eight_bit && c.starttls && c.utf8 && c.size && c.auth, "words");
	is_int((int64_t)c.size_max, 1000, "SIZE");
	is_str(c.mechanisms, "NTLM plain login ", "mechanisms");
	smtpcap_read(slice_str("mx\nSIZE\nAUTH=LOGIN\nPIPELININGS"), &c);
	ok(c.size && c.size_max == 0, "SIZE without a number");
	ok(!c.pipelining && !c.auth && !c.mechanisms[0], "whole words only");
	smtpcap_read(slice_str("mx\nSIZE 99999999999999999999999"), &c);
	ok(c.size && c.size_max == 0, "a number beyond all");
	smtpcap_read(slice_str("mx\nLIMITS MAILMAX=9 RCPTMAX=x RCPTDOMAINMAX=1 "
			       "ODD=4 RCPTMAX\nCHUNKING"),
	    &c);
	ok(c.mail_max == 9 && c.rcpt_max == 0 && c.rcpt_domain_max == 1,
	    "LIMITS");
	ok(c.chunking, "CHUNKING");
	smtpcap_read(slice_str("mx\nDELIVERBY 60\nFUTURERELEASE 9 2027-01-01\n"
			       "DSN\nMT-PRIORITY MIXER\nREQUIRETLS\nXCLIENT A"),
	    &c);
	ok(c.deliver_by && c.by_min == 60, "DELIVERBY");
	ok(c.future_release && c.hold_max == 9, "FUTURERELEASE");
	ok(c.dsn && c.mt_priority && c.require_tls && c.xclient, "others");
	smtpcap_read(slice_str(""), &c);
	ok(!c.size && !c.starttls, "nothing offered");
}

int
main(void)
{
	test_addresses();
	test_caps();
	return tap_done();
}
