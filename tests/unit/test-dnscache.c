/* Unit tests of net/dnscache and net/dnsroom.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>

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

/* The most that threads had on their way at once. */
struct crowd {
	struct dnsroom *room;
	pthread_mutex_t lock;
	size_t now, most;
};

static void *
send_some(void *arg)
{
	struct crowd *crowd = arg;

	for (size_t i = 0; i < 200; i++) {
		size_t n = i % 3 ? 1 : DNSROOM_MAX / 2;

		dnsroom_take(crowd->room, n);
		pthread_mutex_lock(&crowd->lock);
		crowd->now += n;
		if (crowd->now > crowd->most)
			crowd->most = crowd->now;
		pthread_mutex_unlock(&crowd->lock);
		pthread_mutex_lock(&crowd->lock);
		crowd->now -= n;
		pthread_mutex_unlock(&crowd->lock);
		dnsroom_give(crowd->room, n);
	}
	return NULL;
}

static void
test_room(void)
{
	struct crowd crowd = { .room = dnsroom_new(),
		.lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_t threads[8];

	for (size_t i = 0; i < COUNT_OF(threads); i++)
		if (pthread_create(&threads[i], NULL, send_some, &crowd) != 0)
			abort();
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		pthread_join(threads[i], NULL);
	/* Hangs unless all came back. */
	dnsroom_take(crowd.room, DNSROOM_MAX);
	dnsroom_give(crowd.room, DNSROOM_MAX);
	ok(crowd.now == 0, "every thread had its turn");
	ok(crowd.most >= DNSROOM_MAX / 2 && crowd.most <= DNSROOM_MAX,
	    "never more than %d at once", DNSROOM_MAX);
	dnsroom_free(&crowd.room);
}

int
main(void)
{
	test_kept();
	test_bound();
	test_room();
	return tap_done();
}
