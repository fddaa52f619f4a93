/* Judging DKIM2 chains (see dkim2.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "text/base64.h"
#include "text/idna.h"

#include "auth/dkim2parts.h"
#include "auth/dkim2undo.h"
#include "auth/dkimsig.h"
#include "auth/dkimtry.h"

/* What is at hand while one chain is judged. */
struct judging {
	const struct dkim_letter *m;
	const struct dkim_judge *j;
	const struct dkim2_envelope *env;
	struct arena *a;
	struct dkim2_chain chain;
	struct dkim2_report *r;
};

static int say(struct judging *g, enum dkim_result result, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* The first finding stands. Always 1: an answer, though not a pass. */
static int
say(struct judging *g, enum dkim_result result, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	g->r->result = result;
	g->r->reason = arena_string(g->a, text);
	return 1;
}

static struct slice
decoded(struct slice text, struct arena *a)
{
	struct buf b;
	struct slice s = { 0 };

	buf_init(&b, DKIM_FIELD_MAX);
	if (base64_decode_fws(text, &b))
		s = slice_of(arena_copy(a, buf_view(&b)), b.n);
	buf_free(&b);
	return s;
}

static struct slice
without_brackets(struct slice path)
{
	if (path.n > 1 && path.p[0] == '<' && path.p[path.n - 1] == '>')
		return slice_sub(path, 1, path.n - 1);
	return path;
}

/* mf= is in d= or below it; of "<>" anything goes. */
static bool
sender_fits(struct slice path, const char *domain, struct arena *a)
{
	struct slice address = without_brackets(path), d;
	size_t at = slice_find_last(address, '@');

	if (!address.n)
		return true;
	return at != SIZE_MAX &&
	       idna_to_dns(
		   slice_sub(address, at + 1, address.n), a, &d, NULL) == 0 &&
	       dns_name_under(d.p, domain);
}

static bool
has_brackets(struct slice path)
{
	return path.n > 1 && path.p[0] == '<' && path.p[path.n - 1] == '>';
}

/* What a hop's field says for itself. */
static int
check_hop(struct judging *g, size_t i)
{
	const struct dkim2_field *f = &g->chain.hops[i];
	struct dkim2_hop *hop = &g->r->hops[i];
	struct slice domain, sender = decoded(dkim2_tag(f, "mf"), g->a);
	uint64_t t;
	struct err e;

	hop->field = f->place;
	if (!slice_number(dkim2_tag(f, "m"), DKIM2_HOPS_MAX, &hop->m) ||
	    !hop->m || hop->m > g->chain.instance_count)
		return say(
		    g, DKIM_PERMERROR, "hop %zu signs no instance", i + 1);
	if (!slice_number(dkim2_tag(f, "t"), INT64_MAX, &t))
		return say(g, DKIM_PERMERROR, "hop %zu has no time", i + 1);
	hop->made = (int64_t)t;
	if (idna_to_dns(dkim2_tag(f, "d"), g->a, &domain, &e) < 0)
		return say(g, DKIM_PERMERROR, "hop %zu: d=: %s", i + 1, e.text);
	hop->domain = domain.p;
	if (!sender.n || !dkim2_tag(f, "rt").n)
		return say(
		    g, DKIM_PERMERROR, "hop %zu has no mf= or rt=", i + 1);
	if (g->j->policy != DKIM_POLICY_LEGACY && !has_brackets(sender))
		return say(
		    g, DKIM_PERMERROR, "hop %zu: mf= has no \"<>\"", i + 1);
	if (!sender_fits(sender, hop->domain, g->a))
		return say(g, DKIM_PERMERROR, "hop %zu: mf= is not within d=%s",
		    i + 1, hop->domain);
	if (dkim2_tag(f, "n").n > DKIM2_NONCE_MAX)
		return say(g, DKIM_PERMERROR,
		    "hop %zu: n= is over %d characters", i + 1,
		    DKIM2_NONCE_MAX);
	if (g->j->now - hop->made > DKIM2_LIFETIME)
		return say(
		    g, DKIM_PERMERROR, "hop %zu is over 14 days old", i + 1);
	return 0;
}

/* One "selector:algorithm:signature": 1 read, 0 of an unknown algorithm, -1
 * nothing. */
static int
read_signature(struct judging *g, const struct dkim2_hop *hop,
    struct slice item, struct dkim_signature *s)
{
	struct slice selector = slice_take_until(&item, ':', NULL);
	struct slice algorithm = slice_take_until(&item, ':', NULL);
	struct err e;

	s->a = algorithm;
	s->reason = "";
	s->domain = hop->domain;
	s->signature = decoded(item, g->a);
	if (!selector.n || !algorithm.n || !s->signature.n)
		return -1;
	if (slice_is(algorithm, "rsa-sha256"))
		s->kind = KEY_RSA;
	else if (slice_is(algorithm, "ed25519-sha256"))
		s->kind = KEY_ED25519;
	else
		return 0;
	return dkimkey_name(
		   selector, slice_str(hop->domain), g->a, &s->key_name, &e) < 0
	           ? -1
	           : 1;
}

static int
judge_signature(struct judging *g, size_t i, struct dkim_signature *s,
    const unsigned char *sum, struct err *e)
{
	struct dkimkey_set set;

	if (dkimtry_look_up(s, 1, &set, g->j, g->a, e) < 0)
		return -1;
	if (s->code == DKIM_CODE_OK)
		dkimtry_keys(s, &set, sum, g->j, g->a);
	if (s->code != DKIM_CODE_OK)
		return say(g, s->result, "hop %zu: %s", i + 1, s->reason);
	if (s->kind == KEY_RSA && s->bits < DKIM_BITS_MIN &&
	    g->j->policy != DKIM_POLICY_LEGACY)
		return say(g, DKIM_PERMERROR,
		    "hop %zu: a key of %u bits is too short", i + 1, s->bits);
	return 0;
}

/* All signatures of a hop that we can read must be good, and there must be
 * one. */
static int
judge_hop(struct judging *g, size_t i, struct err *e)
{
	const struct dkim2_field *f = &g->chain.hops[i];
	struct dkim2_hop *hop = &g->r->hops[i];
	struct slice list = dkim2_tag(f, "s");
	unsigned char sum[DIGEST_MAX];
	size_t good = 0;

	if (!list.n)
		return say(
		    g, DKIM_PERMERROR, "hop %zu has no signature", i + 1);
	if (dkim2_hop_hash(&g->chain, hop->m, i + 1, f, sum, g->a, e) < 0)
		return -1;
	for (size_t n = 0; list.n; n++) {
		struct dkim_signature s = { 0 };
		struct slice item = slice_take_until(&list, ',', NULL);
		int r = read_signature(g, hop, item, &s);

		if (r < 0 || n == DKIM2_SIGS_MAX)
			return say(g, DKIM_PERMERROR,
			    "hop %zu: s= cannot be read", i + 1);
		if (r == 0)
			continue;
		r = judge_signature(g, i, &s, sum, e);
		if (r != 0)
			return r;
		good++;
	}
	hop->good = good > 0;
	return good ? 0
	            : say(g, DKIM_FAIL, "hop %zu: no algorithm that is known",
			  i + 1);
}

static bool
same_hash(struct slice text, const unsigned char *sum, struct arena *a)
{
	return slice_equal(
	    decoded(text, a), slice_of(sum, digest_size(DIGEST_SHA256)));
}

enum match { SAME, OTHER_HEADER, OTHER_BODY, NO_HASH };

/* Compares a message with instance n: h= algorithm:header:body, ... */
static int
match_instance(struct judging *g, const struct dkim_letter *m, size_t n,
    enum match *match_r, struct err *e)
{
	struct slice list = dkim2_tag(&g->chain.instances[n - 1], "h");
	unsigned char header[DIGEST_MAX], body[DIGEST_MAX];

	*match_r = NO_HASH;
	if (dkim2_message_hash(m, header, body, g->a, e) < 0)
		return -1;
	while (list.n && *match_r == NO_HASH) {
		struct slice item = slice_take_until(&list, ',', NULL);
		struct slice algorithm = slice_take_until(&item, ':', NULL);
		struct slice h = slice_take_until(&item, ':', NULL);

		if (slice_is(algorithm, "sha256"))
			*match_r = !same_hash(h, header, g->a)    ? OTHER_HEADER
			           : !same_hash(item, body, g->a) ? OTHER_BODY
			                                          : SAME;
	}
	return 0;
}

static int
say_match(struct judging *g, enum match match, size_t n, const char *undone)
{
	if (match == NO_HASH)
		return say(
		    g, DKIM_PERMERROR, "instance %zu has no SHA-256 hash", n);
	return match == SAME
	           ? 0
	           : say(g, DKIM_FAIL, "the %s%s is not that of instance %zu",
			 match == OTHER_BODY ? "body" : "header", undone, n);
}

/* The message before instance n changed it, where its recipe leads there: 1;
 * else 0. Drafts count the fields of one name from the bottom or from the top:
 * the hash tells which. */
static int
step_back(struct judging *g, struct dkim2_undo *u, size_t n,
    struct dkim_letter *m, struct err *e)
{
	struct dkim_letter before = *m;
	enum match match = SAME;
	struct err why;
	int r = 0;

	for (int way = 0; way < 2 && (way == 0 || match == OTHER_HEADER);
	     way++) {
		u->from_top = way;
		r = dkim2_undo(u, &g->chain.instances[n - 1], m, &before, &why);
		if (r < 0)
			return say(
			    g, DKIM_PERMERROR, "instance %zu: %s", n, why.text);
		if (r == 0)
			return 0;
		if (match_instance(g, &before, n - 1, &match, e) < 0)
			return -1;
	}
	if (say_match(g, match, n - 1, ", with its changes undone,") != 0)
		return 1;
	*m = before;
	g->r->restored = n - 1;
	return 1;
}

/* The newest instance is this message, and every older one what recipes make
 * of it, as far as there are recipes. */
static int
check_instances(struct judging *g, struct err *e)
{
	const size_t n = g->chain.instance_count;
	struct dkim_letter m = *g->m;
	struct dkim2_undo u;
	enum match match;
	int r = 1;

	if (match_instance(g, &m, n, &match, e) < 0)
		return -1;
	if (say_match(g, match, n, "") != 0)
		return 1;
	g->r->restored = n;
	dkim2_undo_begin(&u, g->a);
	for (size_t i = n; i > 1 && r == 1 && g->r->restored == i; i--)
		r = step_back(g, &u, i, &m, e);
	dkim2_undo_end(&u);
	return r < 0 ? -1 : g->r->result != DKIM_NONE;
}

static bool
is_among(struct slice list, struct slice path, struct arena *a)
{
	while (list.n)
		if (slice_equal(without_brackets(decoded(
				    slice_take_until(&list, ',', NULL), a)),
			without_brackets(path)))
			return true;
	return false;
}

/* The newest hop sent it as this server got it. */
static int
check_envelope(struct judging *g)
{
	const struct dkim2_field *f = &g->chain.hops[g->chain.hop_count - 1];
	const struct dkim2_envelope *env = g->env;

	if (env->sender &&
	    !is_among(dkim2_tag(f, "mf"), slice_str(env->sender), g->a))
		return say(g, DKIM_FAIL, "the sender is not the one of mf=");
	for (size_t i = 0; i < env->recipient_count; i++)
		if (!is_among(dkim2_tag(f, "rt"), slice_str(env->recipients[i]),
			g->a))
			return say(g, DKIM_FAIL,
			    "recipient '%s' is not in rt=", env->recipients[i]);
	return 0;
}

static int
judge(struct judging *g, struct err *e)
{
	const struct dkim2_chain *c = &g->chain;
	int r = 0;

	if (c->bad)
		return say(g, DKIM_PERMERROR, "%s", c->bad);
	if (!c->instance_count || !c->hop_count)
		return say(g, DKIM_PERMERROR, "no %s field",
		    c->hop_count ? "Message-Instance" : "DKIM2-Signature");
	for (size_t i = 0; i < c->hop_count && r == 0; i++)
		r = check_hop(g, i);
	if (r == 0 && g->r->hops[c->hop_count - 1].m != c->instance_count)
		r = say(g, DKIM_PERMERROR, "nobody signed the newest instance");
	for (size_t i = c->hop_count; i-- && r == 0;)
		r = judge_hop(g, i, e);
	if (r == 0)
		r = check_instances(g, e);
	return r ? r : check_envelope(g);
}

int
dkim2_verify(const struct dkim_letter *m, const struct dkim_judge *j,
    const struct dkim2_envelope *env, struct arena *a, struct dkim2_report *r_r,
    struct err *e)
{
	struct judging g = { .m = m, .j = j, .env = env, .a = a, .r = r_r };
	int r;

	*r_r = (struct dkim2_report){ .result = DKIM_NONE, .reason = "" };
	dkim2_collect(m, a, &g.chain);
	if (!g.chain.bad && !g.chain.instance_count && !g.chain.hop_count)
		return 0;
	r_r->count = g.chain.bad ? 0 : g.chain.hop_count;
	r_r->instances = g.chain.instance_count;
	r_r->hops = arena_array(a, DKIM2_HOPS_MAX, sizeof(*r_r->hops));
	r = judge(&g, e);
	if (r == 0)
		r_r->result = DKIM_PASS;
	return r < 0 ? -1 : 0;
}
