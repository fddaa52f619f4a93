/* Unit tests of report/reason.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/codes.h"
#include "report/reasons.h"

#include "tap.h"

static const struct {
	enum reason_action action;
	const char *status;
	unsigned reply;
	const char *text, *want, *rule;
} rows[] = {
	{ REASON_FAILED, "5.1.1", 550, "550 5.1.1 User  UNKNOWN",
	    "user-unknown", "words" },
	{ REASON_FAILED, "5.1.1", 550, "550 5.1.1 hm", "user-unknown", "code" },
	{ REASON_FAILED, "5.7.1", 554, "blocked using zen.spamhaus.org",
	    "ip-listed", "words" },
	{ REASON_FAILED, "5.2.2", 0, "", "mailbox-full", "code" },
	{ REASON_FAILED, "", 552, "", "mailbox-full", "code" },
	{ REASON_FAILED, "5.4.4", 0, "", "domain-unknown", "code" },
	{ REASON_FAILED, "4.4.4", 0, "", "dns-temporary", "code" },
	{ REASON_DELIVERED, "2.0.0", 250, "user unknown", "delivered",
	    "delivered" },
	{ REASON_DELAYED, "", 0, "", "delayed", "none" },
	{ REASON_FAILED, "5.9.9", 0, "hm", "unknown", "none" },
	{ REASON_ACTION_NONE, "", 0, "", "unknown", "none" },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct reason_facts f = { rows[i].action,
			slice_str(rows[i].status), rows[i].reply,
			slice_str(rows[i].text), slice_of(NULL, 0) };
		struct reason_why why;
		const char *how;

		is_str(reason_of(&f, NULL, &why)->name, rows[i].want, "'%s' %s",
		    rows[i].text, rows[i].status);
		how = why.confidence == REASON_BY_RULE   ? "words"
		      : why.confidence == REASON_BY_CODE ? "code"
		                                         : why.rule;
		is_str(how, rows[i].rule, "what decided");
	}
}

static void
test_names(void)
{
	for (size_t i = 0; i < REASON_IDS; i++)
		is_int(reason_id_named(slice_str(reasons[i].name)), (int64_t)i,
		    "reason %zu has its name", i);
}

static const struct {
	const char *in;
	int class;
	const char *want;
	unsigned reply;
} codes[] = {
	{ "550 5.1.1 x", 0, "5.1.1", 550 },
	{ "550-5.7.26 x", 0, "5.7.26", 550 },
	{ "(#5.1.1)", 0, "5.1.1", 0 },
	{ "4.2.2 5.1.1", '5', "5.1.1", 0 },
	{ "192.5.1.1 and 15.1.1.2", 0, "", 0 },
	{ "5.1.1.2", 0, "", 0 },
	{ "version 5.1234.1", 0, "", 0 },
	{ "3.1.1", 0, "", 0 },
	{ "said: 421-busy", 0, "", 421 },
	{ "x550 5500 250 <a550@b>", 0, "", 0 },
	{ "599", 0, "", 0 },
	{ "", 0, "", 0 },
};

static void
test_codes(void)
{
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		struct slice in = slice_str(codes[i].in), status;

		if (!codes_status(in, codes[i].class, &status))
			status = slice_str("");
		is_slice(status, codes[i].want, "status in '%s'", codes[i].in);
		is_int(codes_reply(in), codes[i].reply, "reply in it");
	}
}

int
main(void)
{
	test_rows();
	test_names();
	test_codes();
	return tap_done();
}
