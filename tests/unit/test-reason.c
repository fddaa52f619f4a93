/* Unit tests of report/reason.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/reason_rules.h"

#include "tap.h"

static const struct {
	enum reason_action action;
	const char *status;
	unsigned reply;
	const char *text, *want, *rule;
} rows[] = {
	{ REASON_FAILED, "5.1.1", 550, "550 5.1.1 User  UNKNOWN",
	    "user-unknown", "words:user unknown" },
	{ REASON_FAILED, "5.1.1", 550, "550 5.1.1 hm", "user-unknown",
	    "status:5.1.1" },
	{ REASON_FAILED, "5.7.1", 554, "blocked using zen.spamhaus.org",
	    "ip-listed", "words:spamhaus" },
	{ REASON_FAILED, "5.2.2", 0, "", "mailbox-full", "status:5.2.2" },
	{ REASON_FAILED, "", 552, "", "mailbox-full", "reply:552" },
	{ REASON_FAILED, "5.4.4", 0, "", "domain-unknown", "status:5.4.4" },
	{ REASON_FAILED, "4.4.4", 0, "", "dns-temporary", "status:4.4.4" },
	{ REASON_DELIVERED, "2.0.0", 250, "user unknown", "delivered",
	    "action:delivered" },
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
			slice_str(rows[i].text) };
		char rule[REASON_RULE_MAX];

		is_str(reason_of(&f, rule)->name, rows[i].want, "'%s' %s",
		    rows[i].text, rows[i].status);
		is_str(rule, rows[i].rule, "its rule");
	}
}

/* Every rule decides when its words are all there is: none is shadowed. */
static void
test_rules(void)
{
	char rule[REASON_RULE_MAX];
	size_t lost = 0;

	for (size_t i = 0; i < reason_word_count; i++) {
		const struct reason_words *w = &reason_words[i];
		struct reason_facts f = { .text = slice_str(w->words) };

		if (reason_of(&f, rule) == &reasons[w->reason] &&
		    slice_is(slice_sub(slice_str(rule), 6, 99), w->words))
			continue;
		lost++;
		ok(false, "'%s' is shadowed by %s", w->words, rule);
	}
	is_int((int64_t)lost, 0, "no rule is shadowed");
	for (size_t i = 0; i < REASON_IDS; i++)
		if (!reasons[i].name)
			ok(false, "reason %zu has a name", i);
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

		if (!reason_find_status(in, codes[i].class, &status))
			status = slice_str("");
		is_slice(status, codes[i].want, "status in '%s'", codes[i].in);
		is_int(reason_find_reply(in), codes[i].reply, "reply in it");
	}
}

int
main(void)
{
	test_rows();
	test_rules();
	test_codes();
	return tap_done();
}
