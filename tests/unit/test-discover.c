/* Unit tests of flow/discover: files of autoconfig.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "flow/discover.h"

#include "tap.h"

#define ALL (DISCOVER_SMTP | DISCOVER_IMAP | DISCOVER_POP3)
#define FILE_OF(x)                                                             \
	"<clientConfig><emailProvider id=\"x\">" x                             \
	"</emailProvider></clientConfig>"
#define SERVER(element, type, host, port, socket, user)                        \
	"<" element " type=\"" type "\"><hostname>" host                       \
	"</hostname><port>" port "</port><socketType>" socket                  \
	"</socketType><username>" user "</username></" element ">"
#define SMTP(host, port, socket)                                               \
	SERVER("outgoingServer", "smtp", host, port, socket, "%EMAILADDRESS%")

static const struct {
	const char *name, *in;
	unsigned kinds;
	const char *want; /* "URL as user, ..."; null: refused */
} rows[] = {
	{ "one", FILE_OF(SMTP("mx.example", "465", "SSL")), ALL,
	    "smtps://mx.example:465 as me@example.org" },
	{ "STARTTLS", FILE_OF(SMTP("mx.example", "587", "STARTTLS")), ALL,
	    "smtp+tls://mx.example:587 as me@example.org" },
	{ "without TLS", FILE_OF(SMTP("mx.example", "25", "plain")), ALL, "" },
	{ "the file's order",
	    FILE_OF(SERVER("incomingServer", "pop3", "a.example", "995", "SSL",
		"%EMAILLOCALPART%") SERVER("incomingServer", "imap",
		"b.example", "143", "STARTTLS", "u")),
	    ALL, "pop3s://a.example:995 as me, imap+tls://b.example:143 as u" },
	{ "a kind that is not wanted",
	    FILE_OF(SERVER("incomingServer", "imap", "b.example", "993", "SSL",
		"u") SMTP("mx.example", "465", "SSL")),
	    DISCOVER_SMTP, "smtps://mx.example:465 as me@example.org" },
	{ "placeholders in a host",
	    FILE_OF(SERVER("outgoingServer", "smtp", "smtp.%EMAILDOMAIN%",
		"465", "SSL", "x-%EMAILLOCALPART%-%EMAILDOMAIN%")),
	    ALL, "smtps://smtp.example.org:465 as x-me-example.org" },
	{ "no user",
	    FILE_OF(SERVER(
		"outgoingServer", "smtp", "a.example", "465", "SSL", "")),
	    ALL, "smtps://a.example:465 as me@example.org" },
	{ "blanks round values",
	    FILE_OF(SMTP(" mx.example\n", " 465 ", "\tSSL ")), ALL,
	    "smtps://mx.example:465 as me@example.org" },
	{ "a host in other letters",
	    FILE_OF(SMTP("b\xc3\xbc.example", "465", "SSL")), ALL,
	    "smtps://xn--b-eha.example:465 as me@example.org" },
	{ "of two values the first",
	    FILE_OF("<outgoingServer type=\"smtp\"><hostname>a.example"
		    "</hostname><hostname>b.example</hostname><port>1</port>"
		    "<socketType>SSL</socketType></outgoingServer>"),
	    ALL, "smtps://a.example:1 as me@example.org" },
	{ "no host that is one", FILE_OF(SMTP("a b", "465", "SSL")), ALL, "" },
	{ "an address for a host", FILE_OF(SMTP("x@y", "465", "SSL")), ALL,
	    "" },
	{ "no port", FILE_OF(SMTP("a.example", "", "SSL")), ALL, "" },
	{ "port 0", FILE_OF(SMTP("a.example", "0", "SSL")), ALL, "" },
	{ "port 65536", FILE_OF(SMTP("a.example", "65536", "SSL")), ALL, "" },
	{ "a user of two lines",
	    FILE_OF(SERVER("outgoingServer", "smtp", "a.example", "465", "SSL",
		"a&#13;&#10;b")),
	    ALL, "" },
	{ "another type",
	    FILE_OF(SERVER(
		"incomingServer", "exchange", "a.example", "443", "SSL", "u")),
	    ALL, "" },
	{ "smtp that comes in",
	    FILE_OF(SERVER(
		"incomingServer", "smtp", "a.example", "465", "SSL", "u")),
	    ALL, "" },
	{ "nothing in it", "<clientConfig/>", ALL, "" },
	{ "another document", "<html><body/></html>", ALL, NULL },
	{ "no XML", "{}", ALL, NULL },
	{ "cut short", "<clientConfig><emailProvider>", ALL, NULL },
	{ "a document type",
	    "<!DOCTYPE clientConfig [<!ENTITY a \"b\">]><clientConfig/>", ALL,
	    NULL },
	{ "too deep", "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
	    ALL, NULL },
};

static const char *
told(const struct discover *r, struct arena *a)
{
	const char *all = "";

	for (size_t i = 0; i < r->n; i++)
		all = arena_fmt(a, "%s%s%s as %s", all, i ? ", " : "",
		    discover_url(&r->v[i], a), r->v[i].user);
	return all;
}

int
main(void)
{
	struct arena a = { 0 };
	struct discover r;
	struct err e;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int ret = discover_read(slice_str(rows[i].in), rows[i].kinds,
		    "me@example.org", &a, &r, &e);

		if (!rows[i].want)
			ok(ret < 0 && e.text[0], "%s", rows[i].name);
		else
			is_str(ret < 0 ? e.text : told(&r, &a), rows[i].want,
			    "%s", rows[i].name);
	}
	ok(discover_read(
	       slice_str("<clientConfig/>"), ALL, "nobody", &a, &r, &e) < 0,
	    "an address without a domain");
	arena_free(&a);
	return tap_done();
}
