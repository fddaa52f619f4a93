/* Unit tests of flow/sendlog.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "flow/sendlog.h"

#include "tap.h"

static char path[] = "/tmp/test-sendlog-XXXXXX";

static struct sendlog *
reopen(bool resume)
{
	struct sendlog *l = NULL;
	struct err e = { 0 };

	is_int(sendlog_open(path, resume, &l, &e), 0, "opens: %s", e.text);
	return l;
}

static void
test_states(void)
{
	struct slice rcpt[] = { slice_str("a@b.example"),
		slice_str("c@d.example"), slice_str("e@f.example") };
	struct slice from = slice_str("me@b.example"), m = slice_str("text");
	struct sendlog *l = reopen(false), *other;
	struct sendlog_key *k, *again;
	struct arena a = { 0 };
	struct err e;

	sendlog_keys(l, m, from, rcpt, 3, &a, &k, &e);
	is_int(sendlog_state(l, &k[0]), SENDLOG_NEW, "nothing is known");
	is_int(sendlog_begin(l, k, 3, &e), 0, "begins");
	is_int(sendlog_outcome(l, &k[1], SMTP_SENT, &e), 0, "sent");
	is_int(sendlog_open(path, true, &other, &e), -1, "one run at a time");
	is_int(e.kind, ERR_TEMP, "which may pass");
	sendlog_close(&l, NULL);

	is_int(sendlog_open(path, false, &l, &e), -1, "not without resume");
	is_int(e.kind, ERR_CANTCREAT, "as the error says");
	l = reopen(true);
	sendlog_keys(l, m, from, rcpt, 3, &a, &again, &e);
	ok(memcmp(k, again, 3 * sizeof(*k)) == 0, "the same keys");
	is_int(sendlog_state(l, &k[0]), SENDLOG_BEGUN, "begun");
	is_int(sendlog_state(l, &k[1]), SENDLOG_SENT, "sent");
	sendlog_outcome(l, &k[0], SMTP_TEMPORARY, &e);
	sendlog_outcome(l, &k[2], SMTP_UNCERTAIN, &e);
	sendlog_keys(l, m, from, rcpt, 1, &a, &again, &e);
	ok(memcmp(k, again, sizeof(*k)) != 0, "a second one of its like");
	is_int(sendlog_state(l, again), SENDLOG_NEW, "is not the first");
	is_int(sendlog_close(&l, &e), 0, "closes");

	l = reopen(true);
	is_int(sendlog_state(l, &k[0]), SENDLOG_TEMPORARY, "temporary");
	is_int(sendlog_state(l, &k[2]), SENDLOG_UNCERTAIN, "uncertain");
	sendlog_close(&l, NULL);
	arena_free(&a);
}

static void
test_keys(void)
{
	struct slice rcpt[] = { slice_str("a@b.example") };
	struct sendlog *l = reopen(true);
	struct sendlog_key *k[3];
	struct arena a = { 0 };

	sendlog_keys(
	    l, slice_str("xy"), slice_str("z"), rcpt, 1, &a, &k[0], NULL);
	sendlog_keys(
	    l, slice_str("x"), slice_str("yz"), rcpt, 1, &a, &k[1], NULL);
	sendlog_keys(
	    l, slice_str("xy"), slice_str("zz"), rcpt, 1, &a, &k[2], NULL);
	ok(memcmp(k[0], k[1], sizeof(*k[0])) != 0 &&
		memcmp(k[0], k[2], sizeof(*k[0])) != 0,
	    "message and sender both count");
	for (int i = 0; i < 5000; i++) {
		struct slice s = slice_of(&i, sizeof(i));

		sendlog_keys(l, s, slice_str(""), rcpt, 1, &a, &k[0], NULL);
		sendlog_outcome(l, k[0], SMTP_SENT, NULL);
	}
	is_int(sendlog_state(l, k[0]), SENDLOG_SENT, "many of them");
	sendlog_close(&l, NULL);
	arena_free(&a);
}

int
main(void)
{
	close(mkstemp(path));
	test_states();
	test_keys();
	unlink(path);
	return tap_done();
}
