/* TLSA records against a chain of certificates.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "auth/dane.h"

/* All that one comparison needs. */
struct work {
	const struct dane_set *set;
	const struct dane_check *c;
	struct dane_verdict *v;
	/* Certificates that may stand in the path: the rest of the chain, and
	 * those which records hold whole (RFC 7671, 10.1). */
	const struct cert *pool[CERT_CHAIN_MAX + DANE_RECORDS_MAX];
	size_t pool_n;
	struct cert *made[DANE_RECORDS_MAX]; /* owned */
	size_t made_n;
	const struct cert *path[CERT_CHAIN_MAX]; /* leaf first */
	size_t path_n;
};

/* 7671, 9: a record counts unless the same usage and selector also come with
 * a stronger digest. */
static bool
counts(const struct work *w, size_t i)
{
	const struct dane_record *r = &w->set->records[i];

	if (dane_fault(r, w->c->smtp))
		return false;
	for (size_t j = 0; j < w->set->count; j++) {
		const struct dane_record *o = &w->set->records[j];

		if (r->matching != CERT_MATCH_FULL &&
		    o->matching > r->matching && o->usage == r->usage &&
		    o->selector == r->selector && !dane_fault(o, w->c->smtp))
			return false;
	}
	return true;
}

/* The outcome that tells most is kept. */
static void
fail(struct work *w, enum dane_outcome outcome, size_t record, int depth,
    const char *why)
{
	if (w->v->outcome > outcome)
		return;
	w->v->outcome = outcome;
	w->v->record = record;
	w->v->depth = depth;
	snprintf(w->v->why, sizeof(w->v->why), "%s", why);
}

static bool
good(struct work *w, size_t record, int depth)
{
	w->v->outcome = DANE_VERIFIED;
	w->v->record = record;
	w->v->depth = depth;
	w->v->why[0] = '\0';
	return true;
}

static bool
has_name(const struct work *w)
{
	for (size_t i = 0; i < w->c->name_count; i++)
		if (cert_has_name(w->c->chain[0], w->c->names[i]))
			return true;
	return w->c->name_count == 0;
}

/* The path is good; is it the right peer? */
static bool
settle(struct work *w, size_t record, int depth)
{
	char name[128], why[DANE_WHY_MAX];

	if (has_name(w))
		return good(w, record, depth);
	cert_name(w->c->chain[0], name, sizeof(name));
	snprintf(why, sizeof(why), "certificate is made out to '%s', not '%s'",
	    name, w->c->names[0]);
	fail(w, DANE_WRONG_NAME, record, depth, why);
	return false;
}

static bool
matches(const struct cert *c, const struct dane_record *r)
{
	return cert_matches(
	    c, r->selector == 1, (enum cert_match)r->matching, r->data);
}

static void
fill_pool(struct work *w)
{
	for (size_t i = 1; i < w->c->chain_n && i < CERT_CHAIN_MAX; i++)
		w->pool[w->pool_n++] = w->c->chain[i];
	for (size_t i = 0; i < w->set->count; i++) {
		const struct dane_record *r = &w->set->records[i];
		bool anchor = r->usage == DANE_TA || r->usage == DANE_PKIX_TA;
		struct cert *c;

		if (!counts(w, i) || !anchor || r->selector != 0 ||
		    r->matching != CERT_MATCH_FULL ||
		    cert_read(&c, r->data, NULL) < 0)
			continue;
		w->made[w->made_n++] = c;
		w->pool[w->pool_n++] = c;
	}
}

static bool
is_in_path(const struct work *w, const struct cert *c)
{
	for (size_t i = 0; i < w->path_n; i++)
		if (slice_equal(cert_der(w->path[i]), cert_der(c)))
			return true;
	return false;
}

/* From the leaf up, as far as the pool goes. */
static void
build_path(struct work *w)
{
	bool more = true;

	w->path[w->path_n++] = w->c->chain[0];
	while (more && w->path_n < CERT_CHAIN_MAX) {
		const struct cert *top = w->path[w->path_n - 1];

		more = false;
		for (size_t i = 0; i < w->pool_n && !more; i++) {
			if (is_in_path(w, w->pool[i]) ||
			    !cert_issued_by(top, w->pool[i]))
				continue;
			w->path[w->path_n++] = w->pool[i];
			more = true;
		}
	}
}

/* 7671, 5.1: the key is all; neither dates nor, usually, names. */
static bool
try_ee(struct work *w)
{
	for (size_t i = 0; i < w->set->count; i++) {
		const struct dane_record *r = &w->set->records[i];

		if (r->usage != DANE_EE || !counts(w, i) ||
		    !matches(w->c->chain[0], r))
			continue;
		if (!w->c->ee_names || !w->c->name_count)
			return good(w, i, 0);
		if (settle(w, i, 0))
			return true;
	}
	return false;
}

/* A bare key as anchor: what it signed is as far as the path goes. */
static bool
try_key(struct work *w, size_t record)
{
	const struct dane_record *r = &w->set->records[record];
	struct err e;

	if (r->selector != 1 || r->matching != CERT_MATCH_FULL)
		return false;
	for (size_t d = 0; d < w->path_n; d++) {
		if (!cert_signed_with(w->path[d], r->data))
			continue;
		if (cert_check_path(w->path, d + 1, w->c->at, &e) == 0)
			return settle(w, record, (int)d);
		fail(w, DANE_UNTRUSTED, record, (int)d, e.text);
	}
	return false;
}

/* 7671, 5.2 */
static bool
try_ta(struct work *w)
{
	struct err e;

	for (size_t i = 0; i < w->set->count; i++) {
		const struct dane_record *r = &w->set->records[i];

		if (r->usage != DANE_TA || !counts(w, i))
			continue;
		for (size_t d = 1; d < w->path_n; d++) {
			if (!matches(w->path[d], r))
				continue;
			if (cert_check_path(w->path, d + 1, w->c->at, &e) < 0)
				fail(w, DANE_UNTRUSTED, i, (int)d, e.text);
			else if (settle(w, i, (int)d))
				return true;
		}
		if (try_key(w, i))
			return true;
	}
	return false;
}

/* A path to a trusted authority: does a PKIX record allow it? */
static bool
constrain(struct work *w, const struct cert *const *path, size_t n, bool ok,
    const char *why)
{
	for (size_t i = 0; i < w->set->count; i++) {
		const struct dane_record *r = &w->set->records[i];
		size_t from = r->usage == DANE_PKIX_EE ? 0 : 1;
		size_t to = r->usage == DANE_PKIX_EE ? 1 : n;

		if (r->usage > DANE_PKIX_EE || !counts(w, i))
			continue;
		for (size_t d = from; d < to; d++) {
			if (!matches(path[d], r))
				continue;
			if (!ok)
				fail(w, DANE_UNTRUSTED, i, (int)d, why);
			else if (settle(w, i, (int)d))
				return true;
		}
	}
	return false;
}

/* 7671, 5.3 and 5.4: trusted as ever, and what the record says on top. */
static bool
try_pkix(struct work *w)
{
	const struct cert *path[CERT_CHAIN_MAX + 1];
	bool found = false;
	struct err e;

	for (size_t i = 0; i < w->path_n && w->c->roots; i++) {
		struct cert *root = cert_roots_issuer(w->c->roots, w->path[i]);
		bool same, ok;
		size_t n;

		path[i] = w->path[i];
		if (!root)
			continue;
		same = slice_equal(cert_der(root), cert_der(path[i]));
		path[i + 1] = root;
		n = same ? i + 1 : i + 2;
		ok = cert_check_path(path, n, w->c->at, &e) == 0;
		found = constrain(w, path, n, ok, e.text);
		cert_free(&root);
		if (found)
			return true;
	}
	return constrain(w, w->path, w->path_n, false,
	    "no authority that is trusted issued the certificate");
}

void
dane_verify(const struct dane_set *set, const struct dane_check *c,
    struct dane_verdict *v)
{
	struct work w = { .set = set, .c = c, .v = v };

	*v = (struct dane_verdict){
		.outcome = DANE_NO_RECORD, .record = SIZE_MAX, .depth = -1
	};
	snprintf(v->why, sizeof(v->why), "no usable TLSA record");
	for (size_t i = 0; i < set->count; i++)
		if (counts(&w, i))
			v->outcome = DANE_NO_MATCH;
	if (v->outcome == DANE_NO_RECORD || c->chain_n == 0)
		return;
	snprintf(
	    v->why, sizeof(v->why), "no TLSA record matches the certificates");
	if (try_ee(&w))
		return;
	fill_pool(&w);
	build_path(&w);
	if (!try_ta(&w))
		try_pkix(&w);
	for (size_t i = 0; i < w.made_n; i++)
		cert_free(&w.made[i]);
}
