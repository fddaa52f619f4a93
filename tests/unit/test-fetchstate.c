/* Unit tests of flow/fetchstate.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#include "flow/fetchkeys.h"
#include "flow/fetchstate.h"

#include "tap.h"

static char dir[] = "/tmp/test-fetchstate-XXXXXX";
static char path[64];

static struct fetchstate_key
key_of(const char *text)
{
	struct fetchstate_key key;

	if (fetchstate_key_of(slice_str(text), &key, NULL) < 0)
		memset(&key, 0, sizeof(key));
	return key;
}

static struct fetchstate *
open_state(void)
{
	struct fetchstate *s = NULL;
	struct err e;

	if (!ok(fetchstate_open(path, &s, &e) == 0, "opens"))
		exit(tap_done());
	return s;
}

static const char *
uids(const struct fetchstate *s, struct buf *out)
{
	uint64_t at = 0;

	buf_reset(out);
	imapset_write(fetchstate_uids(s), &at, 1000, out);
	return buf_str(out);
}

/* Adds a message of that content as a fact, or as one that will be. */
static void
add(struct fetchstate *s, uint32_t uid, const char *content, const char *where)
{
	struct fetchstate_key digest = key_of(content);
	struct buf fact;

	buf_init(&fact, 1000);
	fetchstate_uid(s, uid, strlen(content), &digest, &fact);
	if (where)
		fetchstate_next(s, where, buf_str(&fact));
	else
		fetchstate_add(s, buf_str(&fact));
	buf_free(&fact);
}

static bool
has(struct fetchstate *s, const char *content)
{
	struct fetchstate_key digest = key_of(content);

	return fetchstate_has_content(s, &digest);
}

static void
test_facts(void)
{
	struct imapset all = { 0 };
	struct fetchstate_key key = key_of("uidl 1"), digest = key_of("p");
	struct fetchstate *s = open_state();
	struct buf text;
	int64_t came = 0;

	buf_init(&text, 4096);
	is_int(fetchstate_validity(s), 0, "a new state knows no validity");
	fetchstate_set_validity(s, 7);
	add(s, 3, "three", NULL);
	add(s, 4, "four", NULL);
	imapset_add(&all, 1, 9);
	fetchstate_add_set(s, &all);
	fetchstate_uidl(&key, 1, 1764000000, &digest, &text);
	fetchstate_add(s, buf_str(&text));
	is_int(fetchstate_commit(s, NULL), 0, "commits");
	add(s, 20, "lost", NULL);
	fetchstate_free(&s);

	s = open_state();
	is_int(fetchstate_validity(s), 7, "validity is kept");
	is_str(uids(s, &text), "1:9", "UIDs, but for what was not committed");
	ok(!fetchstate_find_uidl(s, &digest, &came), "another is not there");
	ok(fetchstate_find_uidl(s, &key, &came), "a UIDL is kept");
	is_int(came, 1764000000, "when it came is kept, too");
	is_int(fetchstate_read_contents(s, NULL), 0, "contents are read");
	ok(has(s, "three") && has(s, "four") && has(s, "p"), "all are there");
	ok(!has(s, "lost"), "but for what was not committed");
	fetchstate_set_validity(s, 8);
	is_str(uids(s, &text), "", "another validity forgets the UIDs");
	add(s, 1, "one", NULL);
	fetchstate_commit(s, NULL);
	fetchstate_free(&s);

	s = open_state();
	is_int(fetchstate_validity(s), 8, "the new one is kept");
	is_str(uids(s, &text), "1", "and its UIDs only");
	fetchstate_read_contents(s, NULL);
	ok(has(s, "three") && has(s, "one"), "contents of both");
	fetchstate_free(&s);
	imapset_free(&all);
	buf_free(&text);
}

static int
is_a(void *arg, const char *where, struct err *e)
{
	int *asked = arg;

	(void)e;
	++*asked;
	return slice_is(slice_str(where), "new/a") ? 1 : 0;
}

static int
mended(void *arg, struct err *e)
{
	int *asked = arg;

	(void)e;
	*asked += 10;
	return 0;
}

/* A run that was cut between next and done. */
static void
test_settle(void)
{
	int asked = 0;
	struct fetchstate_judge judge = { is_a, mended, &asked };
	struct fetchstate *s = open_state();
	struct buf text;

	buf_init(&text, 4096);
	fetchstate_set_validity(s, 9);
	add(s, 1, "done before", "new/z");
	fetchstate_commit(s, NULL);
	fetchstate_done(s);
	add(s, 2, "in its place", "new/a");
	add(s, 3, "not in its place", "new/b");
	fetchstate_commit(s, NULL);
	fetchstate_free(&s);

	s = open_state();
	is_int(fetchstate_settle(s, &judge, NULL), 0, "settles");
	is_int(asked, 12, "asks of what is open only, then once for all");
	is_str(uids(s, &text), "1:2", "keeps what is in its place");
	fetchstate_free(&s);

	s = open_state();
	is_int(fetchstate_settle(s, &judge, NULL), 0, "settled already");
	is_int(asked, 12, "nothing is asked again");
	is_str(uids(s, &text), "1:2", "the same once more");
	fetchstate_read_contents(s, NULL);
	ok(has(s, "done before") && has(s, "in its place"), "contents too");
	ok(!has(s, "not in its place"), "what did not come is not known");
	fetchstate_free(&s);
	buf_free(&text);
}

static void
test_names(void)
{
	struct buf a, b;

	buf_init(&a, 1000);
	buf_init(&b, 1000);
	fetchstate_name("imap me@host/../x y", "maildir:/m", &a, NULL);
	ok(slice_starts(buf_view(&a), "imap%20me@host%2F..%2Fx%20y-"),
	    "readable, and no path");
	fetchstate_name("imap me@host/../x y", "maildir:/n", &b, NULL);
	ok(!slice_equal(buf_view(&a), buf_view(&b)), "one for each target");
	buf_reset(&a);
	for (int i = 0; i < 100; i++)
		buf_text(&a, "long name");
	buf_reset(&b);
	fetchstate_name(buf_str(&a), "-", &b, NULL);
	ok(b.n < 200, "of bounded length");
	buf_free(&a);
	buf_free(&b);
}

/* Many records become few; nothing is forgotten. */
static void
test_compact(void)
{
	struct fetchstate_key digest = key_of("message");
	struct fetchstate *s;
	char old[80];
	struct buf fact;
	struct err e;

	snprintf(old, sizeof(old), "%s.old", path);
	buf_init(&fact, 1000);
	ok(fetchstate_open(path, &s, &e) == 0, "open");
	fetchstate_set_validity(s, 9);
	for (uint32_t uid = 1; uid <= 1000; uid++) {
		buf_reset(&fact);
		fetchstate_uid(s, uid, 100, &digest, &fact);
		fetchstate_next(s, "new/x", buf_str(&fact));
	}
	fetchstate_done(s);
	fetchstate_set_modseq(s, 77);
	ok(fetchstate_commit(s, &e) == 0, "commit");
	fetchstate_compact(s);
	fetchstate_free(&s);
	buf_free(&fact);
	buf_init(&fact, 1000);
	ok(io_read_file(path, &fact, &e) == 0, "the file is small");
	buf_free(&fact);
	ok(fetchstate_open(path, &s, &e) == 0, "open");
	is_int((int64_t)imapset_count(fetchstate_uids(s)), 1000, "all UIDs");
	is_int((int64_t)fetchstate_modseq(s), 77, "and what was followed");
	ok(fetchstate_read_contents(s, &e) == 0 &&
		fetchstate_has_content(s, &digest),
	    "and all contents");
	fetchstate_set_validity(s, 10);
	is_int((int64_t)fetchstate_modseq(s), 0, "of that validity");
	fetchstate_free(&s);
	unlink(old);
}

/* One run over UIDLs first..last on the server, all of which are here then:
 * whole, or cut off before all were listed. */
static bool
pop3_run(int first, int last, bool listed)
{
	struct fetchstate *s = open_state();
	struct fetchstate_key digest;
	struct buf text;
	bool all = true;

	buf_init(&text, 1000);
	for (int round = 0; round < 2; round++)
		for (int i = first; i <= last; i++) {
			struct fetchstate_key key;
			int64_t came;

			buf_reset(&text);
			buf_fmt(&text, "uidl %d", i);
			key = key_of(buf_str(&text));
			if (round == 0) {
				all &= fetchstate_find_uidl(s, &key, &came) &&
				       came == 1764000000;
				continue;
			}
			digest = key_of(buf_str(&text));
			buf_reset(&text);
			fetchstate_uidl(&key, 7, 1764000000, &digest, &text);
			if (!all)
				fetchstate_add(s, buf_str(&text));
		}
	if (listed)
		fetchstate_listed(s);
	fetchstate_commit(s, NULL);
	fetchstate_compact(s);
	fetchstate_free(&s);
	buf_free(&text);
	return all;
}

static size_t
size_of(const char *file)
{
	struct buf b;
	size_t n;

	buf_init(&b, 1 << 24);
	io_read_file(file, &b, NULL);
	n = b.n;
	buf_free(&b);
	return n;
}

static size_t
size_of_state(void)
{
	return size_of(path);
}

/* UIDLs become short records, those of messages that are gone none. */
static void
test_compact_uidls(void)
{
	char old[80];
	size_t whole, packed;

	snprintf(old, sizeof(old), "%s.old", path);
	ok(!pop3_run(1, 2000, false), "new ones come");
	whole = size_of_state();
	ok(pop3_run(1, 2000, true), "and are known");
	packed = size_of_state();
	ok(packed < whole / 2, "in less room: %zu of %zu", packed, whole);
	ok(pop3_run(1, 2000, true), "where they are known, too");
	ok(!pop3_run(2001, 4000, true), "a listing without them");
	ok(pop3_run(2001, 4000, true), "has those that came since");
	ok(size_of_state() <= packed, "the others are gone");
	ok(!pop3_run(1, 1, false), "for good, since they were listed no more");
	unlink(old);
}

/* The message of that UIDL is known by its content. */
static bool
knows_content(int i)
{
	struct fetchstate *s = open_state();
	struct buf text;
	bool ret;

	buf_init(&text, 100);
	buf_fmt(&text, "uidl %d", i);
	ret = fetchstate_read_contents(s, NULL) == 0 && has(s, buf_str(&text));
	fetchstate_free(&s);
	buf_free(&text);
	return ret;
}

/* Mail comes and goes for years; a thousand are on the server at any time. */
static void
test_old_is_bounded(void)
{
	size_t largest = 0, n;
	char old[80];

	snprintf(old, sizeof(old), "%s.old", path);
	for (int i = 0; i < 60; i++) {
		pop3_run(300 * i, 300 * i + 999, true);
		n = size_of(old);
		if (n > largest)
			largest = n;
	}
	ok(largest > 0, "records are put aside");
	ok(largest < 500000, "not all of 20,000: %zu octets", largest);
	ok(knows_content(300 * 59), "contents of what is there are known");
	ok(knows_content(300 * 59 + 999), "to the last");
	ok(!knows_content(100), "those of what is gone are not");
	unlink(old);
}

static void
test_lost(void)
{
	static const struct {
		int known, listed; /* of those */
		bool want;
	} t[] = { { 0, 0, false }, { 8, 8, false }, { 8, 7, false },
		{ 8, 6, true }, { 8, 0, true }, { 1, 0, true } };

	for (size_t i = 0; i < COUNT_OF(t); i++) {
		struct fetchstate *s;

		unlink(path);
		pop3_run(1, t[i].known, false);
		s = open_state();
		for (int k = 1; k <= t[i].listed; k++) {
			struct fetchstate_key key;
			char name[40];
			int64_t came;

			snprintf(name, sizeof(name), "uidl %d", k);
			key = key_of(name);
			fetchstate_find_uidl(s, &key, &came);
		}
		ok(fetchstate_has_lost(s) == t[i].want, "%d of %d listed",
		    t[i].listed, t[i].known);
		fetchstate_free(&s);
	}
}

/* Records of packed UIDLs: what is whole before the first fault counts. */
static void
test_packed(void)
{
	static const struct {
		const char *in;
		size_t want;
		uint32_t time; /* of the last */
	} t[] = {
		{ "", 0, 0 },
		{ "000102030405060708090a 1764000000", 1, 1764000000 },
		{ "000102030405060708090A 0", 1, 0 },
		{ "000102030405060708090a 1 ff0102030405060708090a 4294967295",
		    2, UINT32_MAX },
		{ "000102030405060708090a 4294967296", 0, 0 },
		{ "000102030405060708090a -1", 0, 0 },
		{ "000102030405060708090a", 0, 0 },
		{ "000102030405060708090a ", 0, 0 },
		{ "000102030405060708090a  1", 0, 0 },
		{ "000102030405060708090 1", 0, 0 },
		{ "000102030405060708090a0b 1", 0, 0 },
		{ "000102030405060708090g 1", 0, 0 },
		{ "000102030405060708090a 1 x 2", 1, 1 },
		{ "000102030405060708090a 1 ", 1, 1 },
		{ " 000102030405060708090a 1", 0, 0 },
	};

	for (size_t i = 0; i < COUNT_OF(t); i++) {
		struct fetchkeys k = { 0 };

		fetchkeys_read(&k, slice_str(t[i].in));
		is_int((int64_t)k.n, (int64_t)t[i].want, "'%s'", t[i].in);
		if (k.n > 0)
			is_int(k.v[k.n - 1].time, t[i].time, "its time");
		fetchkeys_free(&k);
	}
}

int
main(void)
{
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/state", dir);
	test_facts();
	unlink(path);
	test_settle();
	test_names();
	unlink(path);
	test_compact();
	unlink(path);
	test_compact_uidls();
	unlink(path);
	test_old_is_bounded();
	test_lost();
	test_packed();
	unlink(path);
	rmdir(dir);
	return tap_done();
}
