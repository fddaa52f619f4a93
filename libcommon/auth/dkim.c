/* Judging DKIM signatures (see dkim.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"

#include "auth/dkim.h"
#include "auth/dkimsig.h"
#include "auth/dkimtry.h"
#include "auth/letter.h"

/* What is at hand while one letter is judged. */
struct judging {
	const struct dkim_letter *m;
	const struct dkim_judge *j;
	struct arena *a;
	struct slice *field_names;
	struct dkim_signature *sig;
	size_t judged;            /* signatures that are judged */
	struct dkimkey_set *keys; /* of each */
	struct canon_hash hash[DKIM_JUDGED_MAX];
	size_t hash_count;
};

/* Lists the signature fields; those that are read well have code OK. */
static void
find_signatures(struct judging *g, struct dkim_report *r)
{
	size_t found = 0;

	g->field_names =
	    arena_array(g->a, g->m->count, sizeof(*g->field_names));
	for (size_t i = 0; i < g->m->count; i++) {
		g->field_names[i] = letter_field_name(g->m->fields[i]);
		found += slice_is_nocase(g->field_names[i], "DKIM-Signature");
	}
	r->count = size_min(found, DKIM_LISTED_MAX);
	r->beyond = found - r->count;
	r->sig = arena_array(g->a, r->count, sizeof(*r->sig));
	g->judged = size_min(r->count, DKIM_JUDGED_MAX);
	for (size_t i = 0, n = 0; n < r->count; i++) {
		if (!slice_is_nocase(g->field_names[i], "DKIM-Signature"))
			continue;
		r->sig[n].field = i;
		dkimsig_read(DKIMSIG_DKIM, g->m->fields[i], g->a, &r->sig[n]);
		if (n >= DKIM_JUDGED_MAX)
			dkimsig_set(&r->sig[n], DKIM_CODE_NOT_JUDGED, g->a,
			    "only the first %d signatures are judged",
			    DKIM_JUDGED_MAX);
		n++;
	}
	g->sig = r->sig;
}

/* "Name: ... ;": a group, which needs no address (RFC 6854). */
static bool
is_group(struct slice from)
{
	slice_take_until(&from, ':', NULL);
	return slice_find(from, ':') < slice_find(from, ';');
}

/* What can be told without the key. DKIM is only for letters that RFC 5322
 * allows (3.8): without From there is nobody to vouch for. */
static void
check_early(struct judging *g, struct dkim_signature *s)
{
	size_t from = 0;

	while (from < g->m->count &&
	       !slice_is_nocase(g->field_names[from], "From"))
		from++;
	if (g->j->tlsrpt)
		s->limit = CANON_ALL;
	if (s->digest == DIGEST_SHA512 && g->j->policy != DKIM_POLICY_LEGACY)
		dkimsig_set(s, DKIM_CODE_ALGORITHM, g->a,
		    "unknown algorithm a=%.*s", SLICE_ARG(s->a));
	else if (from == g->m->count)
		dkimsig_set(s, DKIM_CODE_FROM_UNSIGNED, g->a,
		    "the letter has no From field");
	else if (slice_find(g->m->fields[from], '@') == SIZE_MAX &&
		 !is_group(g->m->fields[from]))
		dkimsig_set(s, DKIM_CODE_FROM_UNSIGNED, g->a,
		    "the From field has no address");
	else if (s->made > g->j->now && s->made - g->j->now > DKIM_SKEW)
		dkimsig_set(s, DKIM_CODE_FUTURE, g->a,
		    "signed %lld s in the future",
		    (long long)(s->made - g->j->now));
}

/* Checks the signature with every key at the name (several TXT records). */
static int
check_header(struct judging *g, size_t i, struct err *e)
{
	struct dkim_signature *s = &g->sig[i];
	struct dkimsig_cover cover = {
		.m = g->m,
		.field_names = g->field_names,
		.names = s->names,
		.name_count = s->name_count,
		.own = s->field,
		.signature = dkimsig_without_b(g->m->fields[s->field], g->a),
		.mode = s->header_mode,
	};
	unsigned char sum[DIGEST_MAX];

	if (dkimsig_hash(&cover, s->digest, sum, e) < 0)
		return -1;
	dkimtry_keys(s, &g->keys[i], sum, g->j, g->a);
	return 0;
}

/* The place of the hash a signature needs, shared with others. */
static size_t
hash_for(struct judging *g, const struct dkim_signature *s)
{
	size_t i = 0;

	for (; i < g->hash_count; i++)
		if (g->hash[i].mode == s->body_mode &&
		    g->hash[i].kind == s->digest &&
		    g->hash[i].limit == s->limit)
			return i;
	g->hash[i] = (struct canon_hash){
		.mode = s->body_mode, .kind = s->digest, .limit = s->limit
	};
	return g->hash_count++;
}

/* One pass over the body for all that have a key. */
static int
check_bodies(struct judging *g, struct err *e)
{
	size_t hash[DKIM_JUDGED_MAX];

	for (size_t i = 0; i < g->judged; i++)
		if (g->sig[i].header != DKIM_UNKNOWN)
			hash[i] = hash_for(g, &g->sig[i]);
	if (!g->hash_count)
		return 0;
	if (canon_hash_body(g->m->map, g->m->body, g->hash, g->hash_count, e) <
	    0)
		return -1;
	for (size_t i = 0; i < g->judged; i++)
		if (g->sig[i].header != DKIM_UNKNOWN)
			dkimsig_body(&g->sig[i], &g->hash[hash[i]], g->a);
	return 0;
}

/* A field of which there may be only one (RFC 5322 3.6, RFC 2045 4), that is
 * signed and stands there more often than it is signed: what a reader shows
 * may be the one nobody vouches for. Null when there is none. */
static const char *
added_field(struct judging *g, const struct dkim_signature *s)
{
	static const char *const single[] = { "From", "Subject", "Date", "To",
		"Cc", "Reply-To", "Sender", "Message-ID", "MIME-Version",
		"Content-Type" };

	for (size_t i = 0; i < COUNT_OF(single); i++) {
		size_t are = 0, covered = 0;

		for (size_t k = 0; k < g->m->count; k++)
			are += slice_is_nocase(g->field_names[k], single[i]);
		if (are < 2)
			continue;
		for (size_t k = 0; k < s->name_count; k++)
			covered += slice_is_nocase(s->names[k], single[i]);
		if (covered && covered < are)
			return single[i];
	}
	return NULL;
}

/* The words of a pass: none, or how much of the body nobody vouches for. RFC
 * 6376 3.5 lets l= end before the body does; who relies on it has to know. */
static const char *
passed(struct judging *g, const struct dkim_signature *s)
{
	return s->unsigned_octets
	           ? arena_fmt(g->a,
			 "but %llu octets of the body are unsigned (l=%.*s)",
			 (unsigned long long)s->unsigned_octets,
			 SLICE_ARG(s->l))
	           : "";
}

/* What a good signature can still be refused for. */
static void
apply_policy(struct judging *g, struct dkim_signature *s)
{
	const char *added;

	if (s->draft && g->j->policy != DKIM_POLICY_LEGACY)
		dkimsig_set(s, DKIM_CODE_MISSING_TAG, g->a,
		    "good, but a draft's: no v=1 tag");
	else if (s->digest == DIGEST_SHA1 && g->j->policy != DKIM_POLICY_LEGACY)
		dkimsig_set(s, DKIM_CODE_SHA1, g->a,
		    "good, but SHA-1 vouches for nothing (RFC 8301)");
	else if (s->bits < DKIM_BITS_MIN && s->kind == KEY_RSA &&
		 g->j->policy != DKIM_POLICY_LEGACY)
		dkimsig_set(s, DKIM_CODE_KEY_SHORT, g->a,
		    "good, but a key of %u bits is too short (RFC 8301)",
		    s->bits);
	else if (g->j->policy == DKIM_POLICY_RFC)
		return;
	else if (s->unsigned_octets && !s->limit)
		dkimsig_set(s, DKIM_CODE_PARTIAL, g->a,
		    "good, but nothing of the body is signed (l=0)");
	else if ((added = added_field(g, s)))
		dkimsig_set(s, DKIM_CODE_ADDED, g->a,
		    "good, but there is another %s, unsigned", added);
}

/* An expired signature says so whatever else is the matter (3.5, x=). */
static void
check_expiry(struct judging *g, struct dkim_signature *s)
{
	if (s->header != DKIM_UNKNOWN && s->expiry >= 0 &&
	    g->j->now > s->expiry)
		dkimsig_set(s, DKIM_CODE_EXPIRED, g->a,
		    "expired %lld s ago, %s",
		    (long long)(g->j->now - s->expiry),
		    s->code == DKIM_CODE_OK ? "but otherwise good" : s->reason);
}

static void
tell(const struct trace *t, const struct dkim_signature *s)
{
	trace_say(t, "dkim: %s: %s%s%s", s->key_name ? s->key_name : "?",
	    dkim_result_name(s->result), *s->reason ? ": " : "", s->reason);
}

int
dkim_verify(const struct dkim_letter *m, const struct dkim_judge *j,
    struct arena *a, struct dkim_report *r_r, struct err *e)
{
	struct judging g = { .m = m, .j = j, .a = a };

	*r_r = (struct dkim_report){ 0 };
	find_signatures(&g, r_r);
	for (size_t i = 0; i < g.judged; i++)
		if (g.sig[i].code == DKIM_CODE_OK)
			check_early(&g, &g.sig[i]);
	if (!g.judged)
		return 0;
	g.keys = arena_array(a, g.judged, sizeof(*g.keys));
	if (dkimtry_look_up(g.sig, g.judged, g.keys, j, a, e) < 0)
		return -1;
	for (size_t i = 0; i < g.judged; i++)
		if (g.sig[i].code == DKIM_CODE_OK && check_header(&g, i, e) < 0)
			return -1;
	if (check_bodies(&g, e) < 0)
		return -1;
	for (size_t i = 0; i < g.judged; i++) {
		if (g.sig[i].code == DKIM_CODE_OK) {
			g.sig[i].result = DKIM_PASS;
			g.sig[i].reason = passed(&g, &g.sig[i]);
			apply_policy(&g, &g.sig[i]);
		}
		check_expiry(&g, &g.sig[i]);
		tell(j->trace, &g.sig[i]);
	}
	return 0;
}

enum dkim_result
dkim_overall(const struct dkim_report *r)
{
	static const enum dkim_result order[] = { DKIM_PASS, DKIM_TEMPERROR,
		DKIM_FAIL, DKIM_POLICY, DKIM_PERMERROR };

	for (size_t o = 0; o < COUNT_OF(order); o++)
		for (size_t i = 0; i < r->count; i++)
			if (r->sig[i].result == order[o])
				return order[o];
	return DKIM_NONE;
}
