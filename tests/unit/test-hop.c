/* Unit tests of auth/hop.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "auth/hop.h"
#include "auth/letter.h"

#include "tap.h"

#define END " with ESMTP id 1; Thu, 1 Jan 2026 00:00:10 +0000\n"

/* want: address HELO sender, "-" where it is not known. */
static const struct {
	const char *name, *in, *want;
} rows[] = {
	{ "Postfix",
	    "Received: from h.test (r.test [192.0.2.1])\n\tby mx.test" END,
	    "192.0.2.1 h.test -" },
	{ "IPv6", "Received: from h (r [IPv6:2001:db8::1]) by MX.Test." END,
	    "2001:db8::1 h -" },
	{ "Sendmail",
	    "Received: from h (r [192.0.2.1] (may be forged)) by mx.test" END,
	    "192.0.2.1 h -" },
	{ "Exim",
	    "Received: from r ([192.0.2.1] helo=h.test) by mx.test with esmtp "
	    "(Exim 4.96) (envelope-from <a@b.test>) id 1; x\n",
	    "192.0.2.1 h.test a@b.test" },
	{ "Exim without a name",
	    "Received: from [192.0.2.1] (helo=h.test) by mx.test" END,
	    "192.0.2.1 h.test -" },
	{ "qmail",
	    "Received: from unknown (HELO h.test) (192.0.2.1) by mx.test" END,
	    "192.0.2.1 h.test -" },
	{ "Exchange", "Received: from h.test (192.0.2.1) by mx.test" END,
	    "192.0.2.1 h.test -" },
	{ "HELO is a literal",
	    "Received: from [203.0.113.9] (r [192.0.2.1]) by mx.test" END,
	    "192.0.2.1 [203.0.113.9] -" },
	{ "HELO is a literal, of Exim",
	    "Received: from [192.0.2.1] (helo=[203.0.113.9]) by mx.test" END,
	    "192.0.2.1 [203.0.113.9] -" },
	{ "HELO is a literal, of qmail",
	    "Received: from u (HELO [203.0.113.9]) (192.0.2.1) by mx.test" END,
	    "192.0.2.1 [203.0.113.9] -" },
	{ "Return-Path above",
	    "Return-Path: <a@b.test>\n"
	    "Received: from h (r [192.0.2.1]) by mx.test" END,
	    "192.0.2.1 h a@b.test" },
	{ "an empty one",
	    "Return-Path: <>\n"
	    "Received: from h (r [192.0.2.1]) by mx.test" END,
	    "192.0.2.1 h " },
	{ "Return-Path below is the sender's own",
	    "Received: from h (r [192.0.2.1]) by mx.test" END
	    "Return-Path: <a@b.test>\n",
	    "192.0.2.1 h -" },
	{ "others and the host's own are passed over",
	    "Received: from x (y [198.51.100.1]) by in.test" END
	    "Received: from localhost (localhost [127.0.0.1]) by mx.test" END
	    "Received: by mx.test (from userid 0); x\n"
	    "Received: from h (r [192.0.2.1]) by mx.test" END
	    "Received: from evil (e [203.0.113.9]) by mx.test" END,
	    "192.0.2.1 h -" },
	{ "another host", "Received: from h (r [192.0.2.1]) by my.test" END,
	    NULL },
	{ "by in a comment",
	    "Received: from h (r [192.0.2.1] by mx.test) by my.test" END,
	    NULL },
	{ "no address", "Received: from h (r) by mx.test" END, NULL },
	{ "a comment that does not end",
	    "Received: from h (r [192.0.2.1] by mx.test" END, NULL },
	{ "empty", "Received:\n", NULL },
	{ "none", "Subject: x\n", NULL },
};

static void
print_ip(const struct ip *ip, struct buf *b)
{
	char text[IP_TEXT_MAX];

	ip_write(ip, text);
	buf_text(b, text);
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena a = { 0 };
		struct dkim_letter m;
		struct buf b;
		struct hop h;

		buf_init(&b, 1000);
		ok(letter_read(slice_str(rows[i].in), &a, &m, NULL) == 0 &&
			hop_read(&m, "mx.test", &a, &h) == !!rows[i].want,
		    "%s: found", rows[i].name);
		if (h.ip.n) {
			print_ip(&h.ip, &b);
			buf_fmt(&b, " %s %s", h.helo ? h.helo : "-",
			    h.mailfrom ? h.mailfrom : "-");
		}
		is_str(buf_str(&b), rows[i].want ? rows[i].want : "", "%s",
		    rows[i].name);
		if (i == 0)
			is_int(h.time, 1767225610, "the time");
		buf_free(&b);
		arena_free(&a);
	}
	return tap_done();
}
