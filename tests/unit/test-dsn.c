/* Unit tests of report/dsn.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "base/buf.h"

#include "report/dsn.h"

#include "tap.h"

static const struct {
	const char *in, *address, *type;
} addresses[] = {
	{ "rfc822; a@b", "a@b", "rfc822" },
	{ "RFC822;<a@b>", "a@b", "RFC822" },
	{ "rfc822; a+2Bc@b", "a+c@b", "rfc822" },
	{ "rfc822; a+3Db@c", "a=b@c", "rfc822" },
	{ "rfc822; a+BB@b", "a\xbb@b", "rfc822" },
	{ "rfc822; user+tag@b", "user+tag@b", "rfc822" },
	{ "rfc822; user+41@b", "user+41@b", "rfc822" },
	{ "utf-8; \\x{FC}ber@b",
	    "\xc3\xbc"
	    "ber@b",
	    "utf-8" },
	{ "utf-8; \\x{zz}@b", "\\x{zz}@b", "utf-8" },
	{ "rfc822; \\x{FC}@b", "\\x{FC}@b", "rfc822" },
	{ "a@b", "a@b", "" },
	{ "rfc822; a@b (Ann)", "a@b", "rfc822" },
	{ "rfc822; Ann <a@b>", "a@b", "rfc822" },
	{ "rfc822; \"a b\"@c", "\"a b\"@c", "rfc822" },
	{ "x400; /G=a/S=b/", "/G=a/S=b/", "x400" },
	{ "", "", "" },
	{ "rfc822;", "", "rfc822" },
};

static void
test_addresses(void)
{
	struct arena a = { 0 };
	struct slice address, type;

	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		dsn_address(slice_str(addresses[i].in), &a, &address, &type);
		is_slice(
		    address, addresses[i].address, "'%s'", addresses[i].in);
		is_slice(type, addresses[i].type, "its type");
	}
	arena_free(&a);
}

/* want: "recipient action status reply" for each, ";" between */
static const struct {
	const char *name, *in;
	int ret;
	const char *want;
} reports[] = {
	{ "one",
	    "Reporting-MTA: dns; m\n\nFinal-Recipient: rfc822; a@b\n"
	    "Action: failed\nStatus: 5.1.1\n",
	    1, "a@b failed 5.1.1 0" },
	{ "two without an empty line",
	    "Final-Recipient: rfc822; a@b\nAction: failed\n"
	    "Status: 5.1.1\nFinal-Recipient: rfc822; c@d\n"
	    "Action: Delayed\nStatus: 4.2.2\n",
	    1, "a@b failed 5.1.1 0;c@d delayed 4.2.2 0" },
	{ "only Original-Recipient",
	    "Original-Recipient: rfc822;a@b\nAction: expanded\n"
	    "Status: 2.0.0\n",
	    1, "a@b expanded 2.0.0 0" },
	{ "no Action", "Final-Recipient: rfc822; a@b\nStatus: 4.4.7\n", 1,
	    "a@b delayed 4.4.7 0" },
	{ "no Status",
	    "Final-Recipient: rfc822; a@b\nAction: failed\n"
	    "Diagnostic-Code: smtp; 550 #5.7.1 no (1.5.1.1)\n",
	    1, "a@b failed 5.7.1 550" },
	{ "x.0.0 and a better text",
	    "Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.0.0\n"
	    "Diagnostic-Code: smtp; 452 4.2.2 and 552 5.2.2\n",
	    1, "a@b failed 5.2.2 452" },
	{ "lines that are no fields",
	    "nonsense\nFinal-Recipient: rfc822; a@b\n!!\n"
	    "Action: failed\nStatus: 5.1.1\n",
	    1, "a@b failed 5.1.1 0" },
	{ "inside a text part's own header",
	    "Content-Type: text/plain\n\nReporting-MTA: dns; m\n\n"
	    "Final-Recipient: rfc822; a@b\nAction: failed\n",
	    1, "a@b failed  0" },
	{ "no recipient", "Reporting-MTA: dns; m\n", 0, "" },
	{ "nothing", "", 0, "" },
};

static void
test_reports(void)
{
	struct buf out;

	buf_init(&out, 1u << 16);
	for (size_t i = 0; i < COUNT_OF(reports); i++) {
		struct arena a = { 0 };
		struct dsn d;

		buf_reset(&out);
		memset(&d, 0, sizeof(d));
		dsn_fields(slice_str(reports[i].in), &a, &d);
		is_int(d.n > 0, reports[i].ret, "%s", reports[i].name);
		for (size_t k = 0; k < d.n; k++)
			buf_fmt(&out, "%s%.*s %s %.*s %u", k ? ";" : "",
			    SLICE_ARG(d.v[k].final),
			    reason_action_name(d.v[k].action),
			    SLICE_ARG(d.v[k].status), d.v[k].reply);
		is_str(buf_str(&out), reports[i].want, "what is in it");
		arena_free(&a);
	}
	buf_free(&out);
}

int
main(void)
{
	test_addresses();
	test_reports();
	return tap_done();
}
