/* The DKIM keys of a run against each other.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/mem.h"

#include "crypt/digest.h"
#include "crypt/rsaweak.h"

#include "auth/orgdomain.h"

#include "audit/audit.h"
#include "audit/auditkeys.h"

_Static_assert(AUDIT_KEYS_MAX <= RSAWEAK_KEYS_MAX, "all can be compared");

struct kept {
	unsigned char digest[DIGEST_SHA256_SIZE];
	const char *owner, *holder;
	struct slice modulus; /* empty: no RSA key */
};

struct audit_keys {
	struct arena a;
	struct kept *v;
	size_t n, cap, left_out;
};

struct audit_keys *
audit_keys_new(void)
{
	return mem_new(sizeof(struct audit_keys));
}

void
audit_keys_free(struct audit_keys **k)
{
	if (!*k)
		return;
	arena_free(&(*k)->a);
	mem_free((*k)->v);
	mem_free(*k);
	*k = NULL;
}

struct audit_key *
audit_keys_of(const struct audit_report *r, struct arena *a, size_t *n_r)
{
	struct audit_key *v = arena_array(a, r->key_count, sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < r->key_count; i++) {
		const struct audit_key *k = &r->keys[i];

		if (k->octets.n == 0)
			continue;
		v[n].owner = arena_string(a, k->owner);
		v[n].at = arena_string(a, k->at);
		v[n].octets = slice_of(arena_copy(a, k->octets), k->octets.n);
		n++;
	}
	*n_r = n;
	return v;
}

static char *
lower(struct arena *a, const char *name)
{
	char *s = arena_string(a, name);

	for (char *p = s; *p; p++)
		*p = (char)ascii_lower((unsigned char)*p);
	return s;
}

/* Without the list of public suffixes: what stands behind "_domainkey". */
static const char *
holder_of(struct arena *a, const char *at)
{
	static const char mark[] = "._domainkey.";
	const char *name = lower(a, at), *below = strstr(name, mark);
	const char *org;

	if (below)
		name = below + sizeof(mark) - 1;
	org = orgdomain_of(name, a);
	return org ? org : name;
}

int
audit_keys_add(struct audit_keys *k, const struct audit_key *key, struct err *e)
{
	struct rsaweak_key rsa;
	struct slice what = key->octets;
	struct kept *kept;

	if (rsaweak_read(key->octets, &rsa))
		what = rsa.n;
	if (k->n == AUDIT_KEYS_MAX || what.n > RSAWEAK_SIZE_MAX) {
		k->left_out++;
		return 0;
	}
	if (k->n == k->cap) {
		k->cap = k->cap ? 2 * k->cap : 64;
		k->v = mem_resize(k->v, k->cap * sizeof(*k->v));
	}
	kept = &k->v[k->n];
	*kept = (struct kept){ .owner = lower(&k->a, key->owner),
		.holder = holder_of(&k->a, key->at) };
	if (digest_of(DIGEST_SHA256, what, kept->digest, e) < 0)
		return -1;
	if (what.p != key->octets.p)
		kept->modulus = slice_of(arena_copy(&k->a, what), what.n);
	k->n++;
	return 0;
}

/* The same keys together, then by holder. */
static int
compare_kept(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	int c = memcmp(x->digest, y->digest, sizeof(x->digest));

	if (c == 0)
		c = strcmp(x->holder, y->holder);
	return c ? c : strcmp(x->owner, y->owner);
}

static bool
is_same_key(const struct kept *x, const struct kept *y)
{
	return memcmp(x->digest, y->digest, sizeof(x->digest)) == 0;
}

/* The worst first, then by name. */
static int
compare_findings(const void *a, const void *b)
{
	const struct audit_finding *x = a, *y = b;

	if (x->rule->severity != y->rule->severity)
		return x->rule->severity < y->rule->severity ? 1 : -1;
	return strcmp(x->owner, y->owner);
}

/* One behind the last of the same key as v[i]. */
static size_t
group_end(const struct audit_keys *k, size_t i)
{
	size_t end = i + 1;

	while (end < k->n && is_same_key(&k->v[i], &k->v[end]))
		end++;
	return end;
}

static void
add(struct audit_run *run, struct arena *a, enum audit_id id,
    const struct kept *kept, const char *detail)
{
	struct audit_report *r = &run->r;
	struct audit_finding f = { .rule = audit_rule_of(id), .type = "TXT" };

	r->counts[f.rule->severity]++;
	if (r->count == AUDIT_FINDINGS_MAX) {
		run->untold++;
		return;
	}
	f.owner = arena_string(a, kept->owner);
	f.detail = detail;
	if (r->count == r->cap)
		r->findings = arena_grow(
		    a, r->findings, r->count, r->count + 1, sizeof(f), &r->cap);
	r->findings[r->count++] = f;
}

/* A domain that was named twice in the run. */
static bool
is_repeated(const struct kept *first, const struct kept *k)
{
	return k > first && strcmp(k[-1].owner, k->owner) == 0;
}

static void
judge_shared(const struct audit_keys *k, struct arena *a, struct audit_run *run)
{
	for (size_t i = 0, end; i < k->n; i = end) {
		const struct kept *first = &k->v[i], *last;

		end = group_end(k, i);
		last = &k->v[end - 1];
		if (strcmp(first->holder, last->holder) == 0)
			continue;
		for (const struct kept *o = first; o <= last; o++) {
			bool of_first = strcmp(o->holder, first->holder) == 0;

			if (!is_repeated(first, o))
				add(run, a, AUDIT_DKIM_KEY_SHARED, o,
				    arena_fmt(a, "as at '%s'",
					(of_first ? last : first)->owner));
		}
	}
}

static const char *
why_common(
    const struct audit_keys *k, struct arena *a, const size_t *at, size_t with)
{
	if (with == RSAWEAK_SOME)
		return "its modulus shares a factor with another key's";
	return arena_fmt(a, "its modulus shares a factor with that at '%s'",
	    k->v[at[with]].owner);
}

/* Each modulus once. */
static void
judge_factors(
    const struct audit_keys *k, struct arena *a, struct audit_run *run)
{
	struct slice *moduli = mem_array(k->n + 1, sizeof(*moduli));
	size_t *at = mem_array(k->n + 1, sizeof(*at));
	size_t *with = mem_array(k->n + 1, sizeof(*with));
	size_t n = 0;

	for (size_t i = 0; i < k->n; i = group_end(k, i))
		if (k->v[i].modulus.n) {
			moduli[n] = k->v[i].modulus;
			at[n++] = i;
		}
	rsaweak_common(moduli, n, with);
	for (size_t i = 0; i < n; i++) {
		const struct kept *first = &k->v[at[i]];
		const struct kept *end = k->v + group_end(k, at[i]);

		if (with[i] == RSAWEAK_ALONE)
			continue;
		for (const struct kept *o = first; o < end; o++)
			if (!is_repeated(first, o))
				add(run, a, AUDIT_DKIM_KEY_WEAK, o,
				    why_common(k, a, at, with[i]));
	}
	mem_free(moduli);
	mem_free(at);
	mem_free(with);
}

void
audit_keys_judge(struct audit_keys *k, struct arena *a, struct audit_run *run)
{
	*run = (struct audit_run){ .keys = k->n, .left_out = k->left_out };
	run->r.domain = run->r.ascii = "All keys of the run";
	if (k->n)
		qsort(k->v, k->n, sizeof(*k->v), compare_kept);
	judge_factors(k, a, run);
	judge_shared(k, a, run);
	if (run->r.count)
		qsort(run->r.findings, run->r.count, sizeof(*run->r.findings),
		    compare_findings);
}

void
audit_run_page(const struct audit_run *run, enum audit_severity min,
    bool colour, struct buf *out)
{
	audit_page(&run->r, min, colour, out);
	buf_fmt(out, "keys compared: %zu\n", run->keys);
	if (run->left_out)
		buf_fmt(out,
		    "keys not compared: %zu (more than %u, or longer "
		    "than %d bits)\n",
		    run->left_out, AUDIT_KEYS_MAX, 8 * RSAWEAK_SIZE_MAX);
	if (run->untold)
		buf_fmt(out, "findings not told: %zu\n", run->untold);
}
