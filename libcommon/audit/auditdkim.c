/* DKIM key records of the selectors given (RFC 6376 section 3.6, RFC 8301, RFC
 * 8463). Which selectors exist cannot be found out: without any, the state is
 * unknown and never missing.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/taglist.h"

#include "crypt/rsaweak.h"

#include "auth/dkimkey.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

#define ED25519_SIZE 32   /* octets, RFC 8463 section 4 */
#define BITS_LEAST   1024 /* RFC 8301 section 3.2 */
#define BITS_GOOD    2048
#define BITS_MOST    4096

/* One record being looked at. */
struct look {
	struct audit *au;
	const char *owner;
	struct audit_key *key;
	struct slice text;
	struct taglist tags;
};

static void
add(struct look *l, enum audit_id id, const struct tag *tag)
{
	size_t span[2] = { 0, 0 };

	if (tag) {
		span[0] = tag->name_at;
		span[1] = tag->value_at + tag->value.n;
	}
	audit_add(l->au, id, l->owner, "TXT", tag ? span : NULL, "%.*s",
	    tag ? (int)size_min(span[1] - span[0], 60) : 0,
	    tag ? l->text.p + span[0] : "");
}

static bool
has_item(struct slice list, const char *word)
{
	struct slice item;

	while (taglist_item(&list, ':', &item))
		if (slice_is_nocase(item, word))
			return true;
	return false;
}

/* Words of a list that are none of those known. */
static void
check_words(
    struct look *l, const struct tag *t, const char *known, enum audit_id id)
{
	struct slice list = t ? t->value : slice_of(NULL, 0), item;

	while (taglist_item(&list, ':', &item)) {
		struct slice words = slice_str(known);
		bool fine = item.n == 0;

		while (words.n)
			fine |= slice_equal_nocase(
			    slice_take_until(&words, ' ', NULL), item);
		if (!fine)
			add(l, id, t);
	}
}

static void
check_flags(struct look *l)
{
	const struct tag *t = taglist_find(&l->tags, "t");
	const struct tag *h = taglist_find(&l->tags, "h");
	const struct tag *s = taglist_find(&l->tags, "s");

	check_words(l, t, "y s", AUDIT_DKIM_FLAG_UNKNOWN);
	check_words(l, h, "sha1 sha256", AUDIT_DKIM_HASH_UNKNOWN);
	if (t && has_item(t->value, "y"))
		add(l, AUDIT_DKIM_TESTING, t);
	if (t && has_item(t->value, "s"))
		add(l, AUDIT_DKIM_STRICT, t);
	if (h && has_item(h->value, "sha1") && !has_item(h->value, "sha256"))
		add(l, AUDIT_DKIM_HASH_SHA1_ONLY, h);
	if (s && !has_item(s->value, "*") && !has_item(s->value, "email"))
		add(l, AUDIT_DKIM_SERVICE, s);
}

/* v= and tags that nobody defined (3.6.1). */
static void
check_tags(struct look *l)
{
	static const char known[] = "v h k n p s t";

	for (size_t i = 0; i < l->tags.n; i++) {
		const struct tag *t = &l->tags.tag[i];

		if (slice_is(t->name, "v")) {
			if (!slice_is(t->value, "DKIM1"))
				add(l, AUDIT_DKIM_VERSION, t);
			else if (i > 0)
				add(l, AUDIT_DKIM_VERSION_NOT_FIRST, t);
		} else if (slice_is(t->name, "g")) {
			add(l, AUDIT_DKIM_G_TAG, t);
		} else if (t->name.n != 1 || !strchr(known, t->name.p[0])) {
			add(l, AUDIT_DKIM_TAG_UNKNOWN, t);
		}
	}
}

static void
check_rsa(struct look *l, struct slice octets, const struct tag *p)
{
	struct rsaweak_key key;
	const char *why;

	if (!rsaweak_read(octets, &key))
		return;
	if (key.bare)
		add(l, AUDIT_DKIM_KEY_PKCS1, p);
	if (rsaweak_bad_exponent(&key))
		add(l, AUDIT_DKIM_KEY_EXPONENT, p);
	why = rsaweak_why(&key);
	if (why)
		audit_add(l->au, AUDIT_DKIM_KEY_WEAK, l->owner, "TXT", NULL,
		    "%s", why);
}

/* The same key at another selector. */
static void
check_shared(struct look *l, const struct tag *p)
{
	const struct audit_report *r = l->au->r;

	for (const struct audit_key *k = r->keys; k < l->key; k++)
		if (k->octets.n && slice_equal(k->octets, l->key->octets) &&
		    strcmp(k->selector, l->key->selector) != 0) {
			audit_add(l->au, AUDIT_DKIM_KEY_SHARED, l->owner, "TXT",
			    (size_t[2]){ p->name_at, p->value_at + p->value.n },
			    "as at '%s'", k->selector);
			return;
		}
}

static void
check_size(struct look *l, const struct dkimkey *k, const struct tag *p)
{
	struct key_public *public;
	unsigned bits;
	struct err e;

	if (dkimkey_open(k, &public, &e) < 0) {
		add(l, AUDIT_DKIM_KEY_UNDECODABLE, p);
		l->key->state = "bad";
		return;
	}
	if (k->kind == KEY_RSA)
		check_rsa(l, k->octets, p);
	bits = key_public_bits(public);
	key_public_free(&public);
	l->key->state = "key";
	l->key->octets = k->octets;
	check_shared(l, p);
	l->key->kind = key_kind_name(k->kind);
	l->key->bits = bits;
	if (k->kind != KEY_RSA)
		return;
	if (bits < BITS_LEAST)
		add(l, AUDIT_DKIM_KEY_UNDER_1024, p);
	else if (bits < BITS_GOOD)
		add(l, AUDIT_DKIM_KEY_UNDER_2048, p);
	else if (bits > BITS_MOST)
		add(l, AUDIT_DKIM_KEY_OVER_4096, p);
}

static bool
is_base64(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = slice_at(s, i);

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '+' &&
		    c != '/' && c != '=' && c != ' ' && c != '\t')
			return false;
	}
	return true;
}

static void
check_key(struct look *l)
{
	const struct tag *p = taglist_find(&l->tags, "p");
	const struct tag *k = taglist_find(&l->tags, "k");
	struct dkimkey key;

	l->key->state = "bad";
	if (!p)
		add(l, AUDIT_DKIM_NO_P, NULL);
	else if (k && !slice_is_nocase(k->value, "rsa") &&
		 !slice_is_nocase(k->value, "ed25519"))
		add(l, AUDIT_DKIM_ALG_UNKNOWN, k);
	else if (p->value.n == 0) {
		l->key->state = "revoked";
		add(l, AUDIT_DKIM_REVOKED, p);
	} else if (!is_base64(p->value))
		add(l, AUDIT_DKIM_KEY_BASE64, p);
	else if (dkimkey_parse(l->text, l->au->a, &key, NULL) == 1) {
		if (key.kind == KEY_ED25519 && key.octets.n < ED25519_SIZE)
			add(l, AUDIT_DKIM_KEY_ED25519_LENGTH, p);
		else
			check_size(l, &key, p);
	} else if (!taglist_find(&l->tags, "v") ||
		   slice_is(taglist_get(&l->tags, "v", ""), "DKIM1"))
		add(l, AUDIT_DKIM_KEY_UNDECODABLE, p);
}

static void
check_record(struct look *l)
{
	struct err e;

	if (slice_find(l->text, '\\') != SIZE_MAX ||
	    slice_find(l->text, '"') != SIZE_MAX)
		add(l, AUDIT_DKIM_ESCAPED, NULL);
	if (taglist_parse(l->text, &l->tags, &e) < 0) {
		bool twice = strstr(e.text, "twice") != NULL;

		audit_add(l->au,
		    twice ? AUDIT_DKIM_TAG_DUPLICATE : AUDIT_DKIM_SYNTAX,
		    l->owner, "TXT", NULL, "%s", e.text);
		l->key->state = "bad";
		return;
	}
	check_tags(l);
	check_flags(l);
	check_key(l);
}

static bool
is_key_record(struct slice text)
{
	struct slice s = slice_trim_start(text);

	return slice_starts_nocase(s, "v=DKIM") || slice_starts(s, "p=") ||
	       slice_starts(s, "k=") ||
	       slice_search(s, slice_str("p=")) != SIZE_MAX;
}

static void
check_selector(struct audit *au, const char *selector, enum audit_id missing,
    struct audit_key *key)
{
	const char *owner =
	    arena_fmt(au->a, "%s._domainkey.%s", selector, au->r->ascii);
	struct look l = { .au = au, .owner = owner, .key = key };
	struct dns_answer r;
	size_t count = 0;

	key->selector = selector;
	key->state = "unknown";
	key->owner = owner;
	key->at = owner;
	audit_ask(au, owner, DNS_TXT, &r);
	if (dns_unknown(r.status) || r.outside)
		return;
	if (r.chain_count && r.name)
		key->at = r.name;
	if (r.chain_count)
		audit_add(au,
		    r.count ? AUDIT_DKIM_CNAME : AUDIT_DKIM_CNAME_DANGLING,
		    owner, "CNAME", NULL, "'%s'", r.name);
	for (size_t i = 0; i < r.count; i++)
		if (is_key_record(r.records[i].txt.text)) {
			l.text = r.records[i].txt.text;
			count++;
		}
	key->state = "missing";
	if (count == 0 && !r.chain_count)
		audit_add(au, missing, owner, "TXT", NULL, "%s", "");
	if (count > 1)
		audit_add(au, AUDIT_DKIM_MULTIPLE, owner, "TXT", NULL,
		    "%zu records", count);
	if (count)
		check_record(&l);
}

const char *const audit_dkim_labels[AUDIT_DKIM_LABELS] = { "_adsp", "_report",
	"no-such-selector-7f3a" };

static bool
is_there(const struct audit_key *k)
{
	return strcmp(k->state, "missing") != 0 &&
	       strcmp(k->state, "unknown") != 0;
}

/* What else stands at and below _domainkey; true when that itself is said not
 * to be there. */
static bool
check_around(struct audit *au, bool selectors)
{
	static const enum audit_id old[AUDIT_DKIM_LABELS] = { AUDIT_DKIM_ADSP,
		AUDIT_DKIM_REPORT_RECORD, AUDIT_DKIM_WILDCARD };
	const char *top = arena_fmt(au->a, "_domainkey.%s", au->r->ascii);
	struct dns_answer r;

	audit_ask(au, top, DNS_TXT, &r);
	for (size_t i = 0; i < r.count; i++)
		if (slice_search_nocase(
			r.records[i].txt.text, slice_str("o=")) != SIZE_MAX)
			audit_add(au, AUDIT_DKIM_LEGACY_POLICY, top, "TXT",
			    NULL, "%s", "");
	if (r.status == DNS_NXDOMAIN && !r.outside && !selectors)
		audit_add(au, AUDIT_DKIM_NONE, top, "TXT", NULL, "%s", "");
	if (r.status == DNS_NXDOMAIN && !r.outside)
		return true;
	if (!selectors)
		audit_add(au, AUDIT_DKIM_UNKNOWN, top, "TXT", NULL, "%s", "");
	for (size_t i = 0; i < COUNT_OF(old); i++) {
		const char *name =
		    arena_fmt(au->a, "%s.%s", audit_dkim_labels[i], top);

		audit_ask(au, name, DNS_TXT, &r);
		if (r.count && (old[i] == AUDIT_DKIM_WILDCARD || !r.wildcard))
			audit_add(au, old[i], name, "TXT", NULL, "%s", "");
	}
	return false;
}

static bool
is_named(const struct audit_want *want, const char *selector)
{
	for (size_t i = 0; i < want->selector_count; i++)
		if (strcmp(want->selectors[i], selector) == 0)
			return true;
	return false;
}

/* The names below _domainkey are denied, and one is there all the same. */
static void
check_denied(struct audit *au)
{
	const struct audit_report *r = au->r;

	for (size_t i = 0; i < r->key_count; i++)
		if (is_there(&r->keys[i])) {
			audit_add(au, AUDIT_DNS_ENT_NXDOMAIN,
			    arena_fmt(au->a, "_domainkey.%s", r->ascii), "TXT",
			    NULL, "'%s' is there", r->keys[i].selector);
			return;
		}
}

void
audit_dkim(struct audit *au)
{
	const struct audit_want *want = au->want;
	size_t count = want->selector_count, arc = want->arc_count, n = 0;
	const char *found[AUDIT_PROBES_MAX];
	struct audit_report *r = au->r;
	bool denied;

	if (au->nxdomain)
		return;
	if (want->probe)
		n = audit_probe_selectors(au, found);
	denied = check_around(au, count + arc + n > 0);
	r->keys = arena_array(au->a, count + arc + n, sizeof(*r->keys));
	for (size_t i = 0; i < count; i++)
		check_selector(au, want->selectors[i],
		    AUDIT_DKIM_SELECTOR_MISSING, &r->keys[r->key_count++]);
	for (size_t i = 0; i < n; i++)
		if (!is_named(want, found[i]))
			check_selector(au, found[i],
			    AUDIT_DKIM_SELECTOR_MISSING,
			    &r->keys[r->key_count++]);
	for (size_t i = 0; i < arc; i++)
		check_selector(au, want->arc_selectors[i],
		    AUDIT_ARC_KEY_MISSING, &r->keys[r->key_count++]);
	if (denied)
		check_denied(au);
}
