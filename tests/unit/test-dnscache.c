/* Unit tests of net/dnscache and net/dnsroom.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/dnscache.h"
#include "net/dnsroom.h"

#include "tap.h"

#define NOW   1000
#define LATER 5000
#define OLD   8

static struct dnscache_entry *
claim(struct dnscache *c, const char *text, int64_t now, bool *mine)
{
	struct dnsname name;

	dnsname_read(text, &name);
	return dnscache_claim(c, &name, DNS_TXT, now, mine);
}

static bool
take_is(struct dnscache *c, struct dnscache_entry *entry, const char *want)
{
	struct arena a = { 0 };
	struct slice got;
	bool is;

	is = dnscache_take(c, entry, &a, &got) == DNS_OK && slice_is(got, want);
	arena_free(&a);
	return is;
}

static void
test_kept(void)
{
	struct dnscache *c = dnscache_new(0);
	struct dnscache_entry *entry;
	bool mine;

	entry = claim(c, "a.example", NOW, &mine);
	ok(mine, "the first asks");
	dnscache_fill(c, entry, DNS_OK, slice_str("text"), LATER);
	ok(take_is(c, entry, "text"), "and has the answer");
	entry = claim(c, "A.Example.", NOW, &mine);
	ok(!mine, "the second does not ask");
	ok(take_is(c, entry, "text"), "and has it too");
	entry = claim(c, "a.example", LATER, &mine);
	ok(mine, "too old: asked again");
	dnscache_fill(c, entry, DNS_OK, slice_str("new"), 2 * LATER);
	ok(take_is(c, entry, "new"), "for the new answer");
	dnscache_free(&c);
}

/* One question stays open while others come and go. */
static void
test_bound(void)
{
	struct dnscache *c = dnscache_new(500);
	struct dnscache_entry *open, *entry;
	char name[] = "x0.example";
	bool mine, all = true;

	open = claim(c, "open.example", NOW, &mine);
	for (int i = 0; i < OLD; i++) {
		name[1] = (char)('0' + i);
		entry = claim(c, name, NOW, &mine);
		dnscache_fill(c, entry, DNS_OK, slice_str(name), LATER);
		all = all && mine && take_is(c, entry, name);
	}
	ok(all, "more than it keeps goes through");
	entry = claim(c, name, NOW, &mine);
	ok(!mine && take_is(c, entry, name), "the newest is kept");
	entry = claim(c, "x0.example", NOW, &mine);
	ok(mine, "the oldest is not, though one before it is open");
	dnscache_fill(c, entry, DNS_OK, slice_str("x"), LATER);
	ok(take_is(c, entry, "x"), "it is asked again");
	dnscache_fill(c, open, DNS_OK, slice_str("late"), LATER);
	ok(take_is(c, open, "late"), "the open one gets its answer");
	dnscache_free(&c);
}

static void
test_room(void)
{
	struct dnsroom r;
	int64_t now = NOW;

	dnsroom_init(&r, NULL, now);
	is_int((int64_t)dnsroom_left(&r, now), DNSROOM_LEAST, "small at first");
	for (size_t i = 0; i < DNSROOM_LEAST; i++)
		dnsroom_sent(&r, now);
	is_int((int64_t)dnsroom_left(&r, now), 0, "full");
	dnsroom_answered(&r, now, now + 1);
	is_int((int64_t)dnsroom_left(&r, now + 1), 1, "an answer makes room");
	now += DNSROOM_HOLD + 1;
	is_int((int64_t)dnsroom_left(&r, now), DNSROOM_LEAST,
	    "what is old takes none");
	dnsroom_init(&r, NULL, now);
	for (size_t i = 0; i < DNSROOM_LEAST; i++)
		dnsroom_sent(&r, now);
	now += DNSROOM_CALM - 1;
	is_int((int64_t)dnsroom_left(&r, now), 0, "silence: it waits");
	is_int((int64_t)dnsroom_left(&r, ++now), DNSROOM_LEAST,
	    "but not for ever");
	dnsroom_init(&r, NULL, now);
	for (size_t i = 0; i < 20000; i++) {
		dnsroom_sent(&r, now);
		dnsroom_answered(&r, now, now + 20);
		now += 20;
	}
	is_int((int64_t)dnsroom_left(&r, now), DNSROOM_MOST,
	    "answers as fast as ever: it grows");
	dnsroom_lost(&r, now);
	dnsroom_lost(&r, now + 1);
	is_int((int64_t)dnsroom_left(&r, now), DNSROOM_MOST / 2,
	    "halved for what was lost at a time");
	for (int i = 0; i < 20; i++)
		dnsroom_lost(&r, now += 2000);
	is_int(
	    (int64_t)dnsroom_left(&r, now), DNSROOM_LEAST, "but not to none");
	for (size_t i = 0; i < 2000; i++) {
		dnsroom_sent(&r, now);
		dnsroom_answered(&r, now, now + 100);
		now += 100;
	}
	ok(dnsroom_left(&r, now) <= DNSROOM_LEAST + DNSROOM_LEAST / 16,
	    "slow answers: it does not grow");
}

/* A rate is kept from the first question on. */
static void
test_rate(void)
{
	struct dnsrate rate;
	struct dnsroom r, other;
	size_t sent = 0;

	dnsrate_init(&rate, 50, NOW);
	dnsroom_init(&r, &rate, NOW);
	for (int64_t now = NOW; now < NOW + 2000; now++)
		for (; dnsroom_left(&r, now); sent++)
			dnsroom_sent(&r, now);
	ok(sent >= 95 && sent <= 101, "50 a second for two seconds: %zu", sent);
	is_int((int64_t)dnsroom_left(&r, NOW + 2000), 1, "one is due");
	dnsroom_sent(&r, NOW + 2000);
	ok(dnsroom_wait(&r) > 10 && dnsroom_wait(&r) < 30,
	    "the next in some 20 ms: %d", dnsroom_wait(&r));
	sent = 0;
	for (int64_t now = NOW + 60000; now < NOW + 61000; now++)
		for (; dnsroom_left(&r, now); sent++)
			dnsroom_sent(&r, now);
	ok(sent >= 48 && sent <= 51, "nothing is saved up: %zu", sent);
	sent = 0;
	dnsroom_init(&other, &rate, NOW + 61000);
	for (int64_t now = NOW + 61000; now < NOW + 62000; now++) {
		for (; dnsroom_left(&r, now); sent++)
			dnsroom_sent(&r, now);
		for (; dnsroom_left(&other, now); sent++)
			dnsroom_sent(&other, now);
	}
	ok(sent >= 48 && sent <= 51, "two rooms share it: %zu", sent);
	dnsrate_free(&rate);
}

int
main(void)
{
	test_kept();
	test_bound();
	test_room();
	test_rate();
	return tap_done();
}
