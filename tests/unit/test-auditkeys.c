/* Unit tests of audit/auditkeys.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/auditkeys.h"

#include "tap.h"

#define KEYS_MOST 6

/* Keys of a run, and the names of those found shared. A key is a few octets
 * that are no RSA key. */
static const struct {
	const char *name;
	struct {
		const char *owner, *at, *octets;
	} keys[KEYS_MOST];
	const char *found; /* "owner detail; ..." */
} rows[] = {
	{ "nothing", { { 0 } }, "" },
	{ "two of their own",
	    { { "s._domainkey.a.example", NULL, "A" },
		{ "s._domainkey.b.example", NULL, "B" } },
	    "" },
	{ "two that share",
	    { { "s._domainkey.b.example", NULL, "A" },
		{ "s._domainkey.a.example", NULL, "A" } },
	    "s._domainkey.a.example as at 's._domainkey.b.example'; "
	    "s._domainkey.b.example as at 's._domainkey.a.example'; " },
	{ "one organizational domain",
	    { { "s._domainkey.a.example", NULL, "A" },
		{ "s._domainkey.A.Example", NULL, "A" },
		{ "t._domainkey.a.example", NULL, "A" } },
	    "" },
	{ "a provider's, where both lead",
	    { { "s._domainkey.a.example", "s.dkim.mailer.example", "A" },
		{ "s._domainkey.b.example", "S.dkim.mailer.example", "A" } },
	    "" },
	{ "one leads there, one has a copy",
	    { { "s._domainkey.b.example", "s._domainkey.mailer.example", "A" },
		{ "s._domainkey.a.example", NULL, "A" } },
	    "s._domainkey.a.example as at 's._domainkey.b.example'; "
	    "s._domainkey.b.example as at 's._domainkey.a.example'; " },
	{ "a domain named twice",
	    { { "s._domainkey.a.example", NULL, "A" },
		{ "s._domainkey.b.example", NULL, "A" },
		{ "s._domainkey.a.example", NULL, "A" } },
	    "s._domainkey.a.example as at 's._domainkey.b.example'; "
	    "s._domainkey.b.example as at 's._domainkey.a.example'; " },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct audit_keys *k = audit_keys_new();
		struct arena a = { 0 };
		struct audit_run run;
		struct err e;
		const char *got = "";

		for (size_t j = 0; j < KEYS_MOST && rows[i].keys[j].owner; j++)
			audit_keys_add(k,
			    &(struct audit_key){ .owner = rows[i].keys[j].owner,
				.at = rows[i].keys[j].at
			                  ? rows[i].keys[j].at
			                  : rows[i].keys[j].owner,
				.octets = slice_str(rows[i].keys[j].octets) },
			    &e);
		audit_keys_judge(k, &a, &run);
		for (size_t j = 0; j < run.r.count; j++)
			got = arena_fmt(&a, "%s%s %s; ", got,
			    run.r.findings[j].owner, run.r.findings[j].detail);
		is_str(got, rows[i].found, "%s", rows[i].name);
		arena_free(&a);
		audit_keys_free(&k);
	}
}

/* More keys than are compared, all the same: findings and keys have an end,
 * and what is beyond is counted. */
static void
test_limits(void)
{
	struct audit_keys *k = audit_keys_new();
	struct arena a = { 0 };
	struct audit_run run;
	struct err e;
	struct audit_key key = { .octets = slice_str("A") };

	for (unsigned i = 0; i < AUDIT_KEYS_MAX + 2; i++) {
		struct arena_mark m = arena_mark(&a);

		key.owner = key.at =
		    arena_fmt(&a, "s._domainkey.d%u.example", i);
		audit_keys_add(k, &key, &e);
		arena_release(&a, m);
	}
	audit_keys_judge(k, &a, &run);
	is_int((int64_t)run.keys, AUDIT_KEYS_MAX, "keys compared");
	is_int((int64_t)run.left_out, 2, "keys left out");
	is_int((int64_t)run.r.count, AUDIT_FINDINGS_MAX, "findings told");
	is_int((int64_t)run.untold, AUDIT_KEYS_MAX - AUDIT_FINDINGS_MAX,
	    "findings not told");
	is_int(run.r.counts[AUDIT_NOTICE], AUDIT_KEYS_MAX, "all are counted");
	arena_free(&a);
	audit_keys_free(&k);
}

int
main(void)
{
	test_rows();
	test_limits();
	return tap_done();
}
