/* Unit tests of store/suppress.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/suppress.h"

#include "tap.h"

#define DAY 86400
#define T0  1764000000

static char path[] = "suppress-XXXXXX";

static struct suppress_event
event(const char *address, const char *digest, int64_t time, uint64_t count,
    int64_t window, int64_t keep)
{
	return (struct suppress_event){ .address = slice_str(address),
		.reason = slice_str("mailbox-full"),
		.scope = slice_str("recipient"),
		.source = slice_str("x"),
		.digest = slice_str(digest),
		.time = time,
		.count = count,
		.window = window,
		.keep = keep };
}

static int
update(struct suppress_event *v, size_t n, int64_t now, bool expire)
{
	struct suppress_change c;
	struct err e;

	return suppress_update(path, NULL, v, n, now, expire, &c, &e);
}

static bool
blocked(const char *address, int64_t now)
{
	struct suppress_list *l;
	struct suppress_entry v;
	struct err e;
	bool r;

	if (suppress_open(&l, path, NULL, &e) < 0)
		return false;
	r = suppress_blocks(l, slice_str(address), now, &v);
	suppress_close(&l);
	return r;
}

static void
begin(void)
{
	unlink(path);
}

static void
test_hard(void)
{
	struct suppress_event v =
	    event("Bob@Example.com", "aa", T0, 1, 0, SUPPRESS_ALWAYS);

	begin();
	ok(!blocked("bob@example.com", T0), "no list, nobody on it");
	is_int(update(&v, 1, T0, false), 0, "one is added");
	ok(blocked("bob@example.COM", T0 + 9999LL * DAY), "for good, any case");
	ok(!blocked("rob@example.com", T0), "and nobody else");
}

static void
test_soft(void)
{
	static const char *const digests[] = { "a", "b", "c", "d", "e" };

	begin();
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < 5; i++) {
			struct suppress_event v = event("a@b", digests[i],
			    T0 + (int64_t)i * DAY, 5, 14 * DAY, 30 * DAY);

			update(&v, 1, T0 + 5 * DAY, false);
			if (!round)
				is_int(blocked("a@b", T0 + 5 * DAY), i == 4,
				    "%zu of 5", i + 1);
		}
	ok(!blocked("a@b", T0 + 4 * DAY + 30 * DAY), "for thirty days");
	ok(blocked("a@b", T0 + 4 * DAY + 29 * DAY), "not less");
}

static void
test_window(void)
{
	struct suppress_event a = event("a@b", "a", T0, 2, 14 * DAY, 30 * DAY);
	struct suppress_event b =
	    event("a@b", "b", T0 + 20 * DAY, 2, 14 * DAY, 30 * DAY);
	struct suppress_event c =
	    event("a@b", "c", T0 + 21 * DAY, 2, 14 * DAY, 30 * DAY);

	begin();
	update(&a, 1, T0, false);
	update(&b, 1, T0 + 20 * DAY, false);
	ok(!blocked("a@b", T0 + 20 * DAY), "too far from each other");
	update(&c, 1, T0 + 21 * DAY, false);
	ok(blocked("a@b", T0 + 21 * DAY), "near enough");
}

static void
test_release(void)
{
	struct suppress_event v = event("a@b", "a", T0, 1, 0, SUPPRESS_ALWAYS);
	struct suppress_event r = event("a@b", "r", T0 + DAY, 0, 0, 0);
	struct suppress_event w =
	    event("a@b", "w", T0 + 2 * DAY, 1, 0, SUPPRESS_ALWAYS);

	r.release = true;
	begin();
	update(&v, 1, T0, false);
	update(&r, 1, T0 + DAY, false);
	ok(!blocked("a@b", T0 + DAY), "released");
	update(&v, 1, T0 + DAY, false);
	ok(!blocked("a@b", T0 + DAY), "an old report does not undo it");
	update(&w, 1, T0 + 2 * DAY, false);
	ok(blocked("a@b", T0 + 2 * DAY), "a new one does");
}

static void
test_domain_and_expiry(void)
{
	struct suppress_event v[] = {
		event("@gone.example", "a", T0, 1, 0, 10 * DAY),
		event("x@b", "b", T0, 1, 0, 20 * DAY),
		event("c@b", "c", T0, 1, 0, SUPPRESS_ALWAYS),
	};
	struct suppress_list *l;
	struct suppress_entry e;
	struct err why;
	size_t at = 0, n = 0;

	begin();
	update(v, COUNT_OF(v), T0, false);
	ok(blocked("anybody@gone.example", T0), "a whole domain");
	ok(!blocked("anybody@gone.example", T0 + 11 * DAY), "its time is over");
	update(NULL, 0, T0 + 11 * DAY, true);
	suppress_open(&l, path, NULL, &why);
	while (suppress_next(l, &at, &e) > 0)
		n++;
	suppress_close(&l);
	is_int((int64_t)n, 2, "expired lines go");
	ok(blocked("x@b", T0 + 11 * DAY) && blocked("c@b", T0 + 11 * DAY),
	    "the others stay");
}

static void
test_many(void)
{
	static char names[2000][24];
	static struct suppress_event v[2000];
	size_t wrong = 0;

	begin();
	for (size_t i = 0; i < 2000; i++) {
		snprintf(names[i], sizeof(names[i]), "u%04zu@b.example",
		    i * 7919 % 4000);
		v[i] = event(names[i], "a", T0, 1, 0, SUPPRESS_ALWAYS);
	}
	update(v, 1000, T0, false);
	update(v + 1000, 1000, T0, false);
	for (size_t i = 0; i < 4000; i++) {
		char name[24];
		bool want = false;

		snprintf(name, sizeof(name), "u%04zu@b.example", i);
		for (size_t k = 0; k < 2000 && !want; k++)
			want = strcmp(names[k], name) == 0;
		wrong += blocked(name, T0) != want;
	}
	is_int((int64_t)wrong, 0, "2000 of 4000 are found, the others not");
}

static void
test_policy(void)
{
	static struct suppress_policy p;
	const struct suppress_rule *r;
	struct err e;

	is_int(suppress_policy_read(slice_str("a 3 2d 4d\n"), &p, &e), 0,
	    "a row of one's own");
	is_int(suppress_policy_read(slice_str(suppress_policy_default), &p, &e),
	    0, "those built in");
	r = suppress_policy_of(&p, slice_str("a"), slice_str("hard"));
	ok(r && r->count == 3 && r->window == 2 * DAY && r->keep == 4 * DAY,
	    "comes first");
	r = suppress_policy_of(&p, slice_str("new"), slice_str("hard"));
	ok(r && r->count == 1 && r->keep == SUPPRESS_ALWAYS, "by class");
	r = suppress_policy_of(
	    &p, slice_str("mailbox-full"), slice_str("soft"));
	ok(r && r->count == 5, "by reason");
	is_int(suppress_policy_read(slice_str("x many\n"), &p, &e), -1,
	    "a row that is none");
	ok(strstr(e.text, "'x many'") != NULL, "is named");
}

static void
test_bad_files(void)
{
	struct suppress_list *l;
	struct err e;
	FILE *f = fopen(path, "w");

	fputs("nonsense\n", f);
	fclose(f);
	is_int(suppress_open(&l, path, NULL, &e), -1, "no list");
	is_int((int)e.kind, ERR_DATA, "is bad data");
	f = fopen(path, "w");
	fputs("# mailtoolkit suppressions 1 hmac 0123\na\tb\n", f);
	fclose(f);
	is_int(suppress_open(&l, path, NULL, &e), -1, "hashed, and no key");
	is_int((int)e.kind, ERR_CONFIG, "is a matter of configuration");
}

int
main(void)
{
	int fd = mkstemp(path);

	close(fd);
	test_hard();
	test_soft();
	test_window();
	test_release();
	test_domain_and_expiry();
	test_many();
	test_policy();
	test_bad_files();
	unlink(path);
	return tap_done();
}
