/* The keys of signatures (see dkimtry.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/dkimsig.h"
#include "auth/dkimtry.h"

/* What the answer says when it holds no key record that can be used. */
static void
explain_no_key(struct dkim_signature *s, const struct dns_answer *answer,
    const struct dkimkey_set *set, struct arena *a)
{
	if (dns_unknown(answer->status))
		dkimsig_set(s, DKIM_CODE_KEY_UNKNOWN, a,
		    "no answer for the key at %s: %s", s->key_name,
		    dns_status_name(answer->status));
	else if (set->bad)
		dkimsig_set(s, DKIM_CODE_KEY_SYNTAX, a, "key at %s: %s",
		    s->key_name, set->problem.text);
	else
		dkimsig_set(s, DKIM_CODE_KEY_MISSING, a, "no key at %s%s%s",
		    s->key_name, set->other ? ", only other TXT records" : ": ",
		    set->other ? "" : dns_status_name(answer->status));
}

int
dkimtry_look_up(struct dkim_signature *sig, size_t n, struct dkimkey_set *sets,
    const struct dkim_judge *j, struct arena *a, struct err *e)
{
	struct dns_question *q;
	size_t asked[DKIMTRY_MAX], count = 0;

	if (n > DKIMTRY_MAX)
		return err_set(e, ERR_BUG, "too many signatures at once");
	q = arena_array(a, n, sizeof(*q));
	for (size_t i = 0; i < n; i++) {
		if (sig[i].code != DKIM_CODE_OK)
			continue;
		q[count] = (struct dns_question){ .name = sig[i].key_name,
			.type = DNS_TXT };
		asked[count++] = i;
	}
	if (count && dns_query_all(j->dns, q, count, a, e) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct dkim_signature *s = &sig[asked[i]];
		struct dkimkey_set *set = &sets[asked[i]];

		dkimkey_collect(&q[i].answer, a, set);
		s->secure = q[i].answer.secure;
		if (!set->count)
			explain_no_key(s, &q[i].answer, set, a);
	}
	return 0;
}

/* Is i= in a subdomain of d= (t=s forbids it)? */
static bool
is_below(const struct dkim_signature *s, struct arena *a)
{
	size_t at = slice_find_last(s->identity, '@');

	return at != SIZE_MAX &&
	       !dns_name_equal(
		   arena_copy(a, slice_sub(s->identity, at + 1, s->identity.n)),
		   s->domain);
}

static bool
hash_allowed(const struct dkimkey *k, enum digest_kind kind)
{
	return kind == DIGEST_SHA1     ? k->sha1
	       : kind == DIGEST_SHA512 ? k->sha512
	                               : k->sha256;
}

/* May this record's key verify this signature (6.1.2)? */
static int
check_key(struct dkim_signature *s, const struct dkimkey *k,
    const struct dkim_judge *j, struct arena *a)
{
	size_t at = slice_find_last(s->identity, '@');

	if (!k->octets.n)
		return dkimsig_set(
		    s, DKIM_CODE_KEY_REVOKED, a, "the key is revoked");
	if (k->kind != s->kind)
		return dkimsig_set(s, DKIM_CODE_KEY_MISMATCH, a,
		    "the key is of type %s, the signature %.*s",
		    key_kind_name(k->kind), SLICE_ARG(s->a));
	if (!hash_allowed(k, s->digest))
		return dkimsig_set(s, DKIM_CODE_KEY_MISMATCH, a,
		    "the key's h= does not allow the hash of %.*s",
		    SLICE_ARG(s->a));
	if (!(j->tlsrpt ? k->tlsrpt : k->email))
		return dkimsig_set(s, DKIM_CODE_KEY_MISMATCH, a,
		    "the key is not for %s, by its s=",
		    j->tlsrpt ? "TLS reports" : "email");
	if (k->strict && is_below(s, a))
		return dkimsig_set(s, DKIM_CODE_KEY_STRICT, a,
		    "i=%.*s is in a subdomain, and the key has t=s",
		    SLICE_ARG(s->i));
	if (j->policy == DKIM_POLICY_LEGACY &&
	    !dkimkey_grants(k, slice_sub(s->identity, 0, at)))
		return dkimsig_set(s, DKIM_CODE_KEY_MISMATCH, a,
		    "the key is for g=%.*s only", SLICE_ARG(k->granularity));
	return 0;
}

/* True when this key made the signature. */
static bool
try_key(struct dkim_signature *s, const struct dkimkey *k,
    const unsigned char *sum, const struct dkim_judge *j, struct arena *a)
{
	unsigned char signed_sum[DIGEST_MAX];
	struct key_public *p;
	struct err e;
	bool good;

	if (check_key(s, k, j, a) < 0)
		return false;
	if (dkimkey_open(k, &p, &e) < 0) {
		dkimsig_set(s, DKIM_CODE_KEY_SYNTAX, a, "the key at %s %s",
		    s->key_name, e.text);
		return false;
	}
	s->bits = key_public_bits(p);
	s->testing = k->testing;
	good = key_public_verify(p, s->digest, sum, s->signature);
	s->other_key = !good && key_public_opens(p) &&
	               (s->header == DKIM_UNKNOWN || s->other_key) &&
	               !key_public_open(p, s->digest, s->signature, signed_sum);
	key_public_free(&p);
	s->header = good ? DKIM_GOOD : DKIM_BAD;
	return good;
}

void
dkimtry_keys(struct dkim_signature *s, const struct dkimkey_set *set,
    const unsigned char *sum, const struct dkim_judge *j, struct arena *a)
{
	for (size_t k = 0; k < set->count; k++)
		if (try_key(s, &set->key[k], sum, j, a))
			break;
	if (s->header == DKIM_BAD)
		dkimsig_set(s, DKIM_CODE_SIGNATURE, a, "%s",
		    s->other_key
			? "it was made with another key, or damaged"
			: "the signed fields or the signature were altered");
	else if (s->header == DKIM_GOOD)
		s->code = DKIM_CODE_OK;
}
