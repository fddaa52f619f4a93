/* Unit tests of crypt/certname.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "crypt/certname.h"

#include "tap.h"

#define NAME(c) "\x30\x03\x0c\x01" c

/* want is null for what is refused. */
static const struct {
	const char *name;
	struct slice der;
	const char *issuer, *subject;
} rows[] = {
	{ "version 3",
	    SLICE_LIT("\x30\x19\x30\x17\xa0\x03\x02\x01\x02\x02\x01\x07"
		      "\x30\x00" NAME("i") "\x30\x01\x05" NAME("s")),
	    NAME("i"), NAME("s") },
	{ "version 1, no [0]",
	    SLICE_LIT("\x30\x13\x30\x11\x02\x01\x07\x30\x00" NAME("i") NAME("v")
		    NAME("s")),
	    NULL, NULL },
	{ "version 1, whole",
	    SLICE_LIT("\x30\x16\x30\x14\x02\x01\x07\x30\x00" NAME("i") NAME("v")
		    NAME("s")),
	    NAME("i"), NAME("s") },
	{ "a long length",
	    SLICE_LIT("\x30\x84\x00\x00\x00\x16\x30\x14\x02\x01\x07\x30"
		      "\x00" NAME("i") NAME("v") NAME("s")),
	    NAME("i"), NAME("s") },
	{ "a length of five octets", SLICE_LIT("\x30\x85\x00\x00\x00\x00\x02"),
	    NULL, NULL },
	{ "no definite length", SLICE_LIT("\x30\x80\x30\x80\x00\x00"), NULL,
	    NULL },
	{ "longer than there is", SLICE_LIT("\x30\x7f\x30\x14\x02\x01\x07"),
	    NULL, NULL },
	{ "longer than all", SLICE_LIT("\x30\x84\xff\xff\xff\xff\x30\x14\x02"),
	    NULL, NULL },
	{ "no serial number",
	    SLICE_LIT("\x30\x13\x30\x11\x30\x00" NAME("i") NAME("v") NAME("s")),
	    NULL, NULL },
	{ "nothing", SLICE_LIT(""), NULL, NULL },
};

static void
test_pem(void)
{
	struct slice text = slice_str(
	    "words\n-----BEGIN CERTIFICATE-----\nQUJD\r\nREVG\n"
	    "-----END CERTIFICATE-----\r\n-----BEGIN PRIVATE KEY-----\nAAAA\n"
	    "-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\r\nR0hJ\n"
	    "-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nSktM\n");
	struct slice got;

	ok(certname_take_pem(&text, &got), "the first");
	is_slice(got, "QUJD\r\nREVG\n", "its lines");
	ok(certname_take_pem(&text, &got), "the second, behind a key");
	is_slice(got, "R0hJ\n", "its lines");
	ok(!certname_take_pem(&text, &got), "one without an end is none");
	ok(!certname_take_pem(&text, &got), "the end");
}

int
main(void)
{
	struct slice issuer, subject;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		bool is = certname_read(rows[i].der, &issuer, &subject);

		ok(is == (rows[i].issuer != NULL), "%s", rows[i].name);
		if (!is)
			continue;
		is_slice(issuer, rows[i].issuer, "%s: issuer", rows[i].name);
		is_slice(subject, rows[i].subject, "%s: subject", rows[i].name);
	}
	test_pem();
	return tap_done();
}
