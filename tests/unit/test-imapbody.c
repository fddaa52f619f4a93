/* Unit tests of proto/imapbody.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "proto/imapbody.h"

#include "tap.h"

static const struct {
	const char *name, *in;
	int want; /* -1: no structure */
} rows[] = {
	{ "plain text",
	    "(\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 3 1 NIL "
	    "NIL NIL NIL)",
	    0 },
	{ "one attachment",
	    "((\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1)(\"image\" \"png\" NIL "
	    "NIL NIL \"base64\" 90 NIL (\"attachment\" (\"filename\" \"a\")) NIL) "
	    "\"mixed\")",
	    1 },
	{ "two, whatever the case",
	    "((\"a\" \"b\" (\"ATTACHMENT\" NIL))(\"a\" \"b\" (\"Attachment\" "
	    "NIL)))",
	    2 },
	{ "inline is none", "(\"a\" \"b\" (\"inline\" (\"filename\" \"x\")))",
	    0 },
	{ "a parameter of that name",
	    "(\"a\" \"b\" (\"attachment\" \"x\") NIL)", 0 },
	{ "a name in a literal", "({10}\r\nattachment NIL)", 0 },
	{ "nothing", "", -1 },
	{ "NIL", "NIL", -1 },
	{ "not closed", "(\"a\" (\"attachment\" NIL)", -1 },
	{ "closed twice", "(\"a\"))", -1 },
};

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t n;
		bool good = imapbody_attachments(slice_str(rows[i].in), &n);

		is_int(good ? (int)n : -1, rows[i].want, "%s", rows[i].name);
	}
	return tap_done();
}
