/* DKIM key records (see dkimkey.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/base64.h"
#include "text/idna.h"
#include "text/taglist.h"

#include "auth/dkimkey.h"

/* True when a colon-separated list holds the word. */
static bool
listed(struct slice list, const char *word)
{
	struct slice item;

	while (taglist_item(&list, ':', &item))
		if (slice_is(item, word))
			return true;
	return false;
}

/* k=: "rsa" (default) / "ed25519" / x-key-k-tag-type */
static int
read_kind(const struct taglist *tags, struct dkimkey *k, struct err *e)
{
	struct slice kind = taglist_get(tags, "k", "rsa");

	if (slice_is(kind, "rsa"))
		k->kind = KEY_RSA;
	else if (slice_is(kind, "ed25519"))
		k->kind = KEY_ED25519;
	else
		return err_set(
		    e, ERR_DATA, "unknown key type k=%.*s", SLICE_ARG(kind));
	return 0;
}

static int
read_octets(struct slice p, struct arena *a, struct dkimkey *k, struct err *e)
{
	struct buf b;
	bool good;

	buf_init(&b, DKIMKEY_RECORD_MAX);
	good = base64_decode_fws(p, &b);
	if (good)
		k->octets = slice_of(arena_copy(a, buf_view(&b)), b.n);
	buf_free(&b);
	return good ? 0 : err_set(e, ERR_DATA, "p= is not base64");
}

/* v= is optional, but where it stands it is first, and "DKIM1". */
static int
check_version(const struct taglist *tags, struct err *e)
{
	const struct tag *v = taglist_find(tags, "v");

	if (v && v != &tags->tag[0])
		return err_set(e, ERR_DATA, "v= is not the first tag");
	return 0;
}

/* Other records stand at such names too: SPF, site verification, TLS-RPT. */
static bool
is_key(const struct taglist *tags)
{
	const struct tag *v = taglist_find(tags, "v");

	if (v)
		return slice_is(v->value, "DKIM1");
	return taglist_find(tags, "p") || taglist_find(tags, "k");
}

int
dkimkey_parse(
    struct slice text, struct arena *a, struct dkimkey *k_r, struct err *e)
{
	struct taglist tags;
	const struct tag *p;
	struct slice flags, hashes, services;
	int parsed;

	*k_r = (struct dkimkey){ .text = text };
	if (text.n > DKIMKEY_RECORD_MAX)
		return err_set(e, ERR_DATA, "record of %zu octets, over %d",
		    text.n, DKIMKEY_RECORD_MAX);
	parsed = taglist_parse(text, &tags, e);
	if (!is_key(&tags))
		return 0;
	if (parsed < 0 || check_version(&tags, e) < 0)
		return -1;
	p = taglist_find(&tags, "p");
	if (!p)
		return err_set(e, ERR_DATA, "record has no p=");
	if (read_kind(&tags, k_r, e) < 0 ||
	    read_octets(p->value, a, k_r, e) < 0)
		return -1;
	hashes = taglist_get(&tags, "h", "sha1:sha256:sha512");
	k_r->sha1 = listed(hashes, "sha1");
	k_r->sha256 = listed(hashes, "sha256");
	k_r->sha512 = listed(hashes, "sha512");
	services = taglist_get(&tags, "s", "*");
	k_r->email = listed(services, "*") || listed(services, "email");
	k_r->tlsrpt = listed(services, "*") || listed(services, "tlsrpt");
	flags = taglist_get(&tags, "t", "");
	k_r->testing = listed(flags, "y");
	k_r->strict = listed(flags, "s");
	k_r->notes = taglist_get(&tags, "n", "");
	k_r->granularity = slice_str("*");
	if (taglist_find(&tags, "g"))
		k_r->granularity = taglist_find(&tags, "g")->value;
	return 1;
}

bool
dkimkey_grants(const struct dkimkey *k, struct slice local_part)
{
	struct slice tail = k->granularity, head;
	bool star;

	head = slice_take_until(&tail, '*', &star);
	if (!star)
		return slice_equal(head, local_part);
	if (local_part.n < head.n + tail.n)
		return false;
	return slice_equal(slice_take(&local_part, head.n), head) &&
	       slice_equal(
		   slice_sub(local_part, local_part.n - tail.n, local_part.n),
		   tail);
}

int
dkimkey_open(const struct dkimkey *k, struct key_public **p_r, struct err *e)
{
	return key_public_read(p_r, k->kind, k->octets, e);
}

int
dkimkey_name(struct slice selector, struct slice domain, struct arena *a,
    const char **name_r, struct err *e)
{
	struct slice s, d;

	if (idna_to_dns(selector, a, &s, e) < 0)
		return err_in(e, "selector");
	if (idna_to_dns(domain, a, &d, e) < 0)
		return err_in(e, "domain");
	*name_r =
	    arena_fmt(a, "%.*s._domainkey.%.*s", SLICE_ARG(s), SLICE_ARG(d));
	if (!dns_name_ok(*name_r))
		return err_set(e, ERR_DATA, "name is too long: '%s'", *name_r);
	return 0;
}

void
dkimkey_collect(
    const struct dns_answer *answer, struct arena *a, struct dkimkey_set *s_r)
{
	struct err e;

	*s_r = (struct dkimkey_set){ 0 };
	for (size_t i = 0; i < answer->count && s_r->count < DKIMKEY_MAX; i++) {
		int r = dkimkey_parse(
		    answer->records[i].txt.text, a, &s_r->key[s_r->count], &e);

		if (r > 0)
			s_r->count++;
		else if (r == 0)
			s_r->other++;
		else if (!s_r->bad++)
			s_r->problem = e;
		if (s_r->bad > DKIMKEY_MAX)
			break;
	}
}

int
dkimkey_write(const struct key *k, struct buf *out, struct err *e)
{
	struct buf p;
	int r;

	buf_init(&p, KEY_PUBLIC_MAX);
	r = key_write_public(k, &p, e);
	if (r == 0) {
		buf_fmt(out, "v=DKIM1; k=%s; p=", key_kind_name(key_kind(k)));
		base64_encode(buf_view(&p), out);
	}
	buf_free(&p);
	return r;
}
