/* Reading one DKIM-Signature field, hashing what it covers (see dkimsig.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "text/base64.h"
#include "text/idna.h"
#include "text/taglist.h"

#include "auth/dkimsig.h"
#include "auth/letter.h"

int
dkimsig_set(struct dkim_signature *s, enum dkim_code code, struct arena *a,
    const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->code = code;
	s->result = dkim_code_result(code);
	s->reason = arena_string(a, text);
	return -1;
}

/* Tags that must be there (3.5; RFC 8617 4.1.2, 4.1.3); of ARC-Seal's, h= must
 * not. An empty h= of ARC covers nothing, which is legal. */
static int
check_required(struct dkim_signature *s, enum dkimsig_kind kind,
    const struct taglist *tags, struct arena *a)
{
	static const char *const required[] = { "a", "b", "d", "s", "bh", "h" };
	const size_t n = kind == DKIMSIG_ARC_SEAL ? 4
	                 : kind == DKIMSIG_ARC    ? 5
	                                          : 6;

	for (size_t i = 0; i < n; i++)
		if (!taglist_get(tags, required[i], "").n)
			return dkimsig_set(s, DKIM_CODE_MISSING_TAG, a,
			    "no %s= tag", required[i]);
	if (kind == DKIMSIG_ARC && !taglist_find(tags, "h"))
		return dkimsig_set(s, DKIM_CODE_MISSING_TAG, a, "no h= tag");
	if (kind == DKIMSIG_ARC_SEAL && taglist_find(tags, "h"))
		return dkimsig_set(
		    s, DKIM_CODE_SYNTAX, a, "h= is not allowed in ARC-Seal");
	return 0;
}

/* v=1 (3.5). Drafts had no v= while they had no q=dns/txt either: a field with
 * that lacks it. */
static int
check_version(
    struct dkim_signature *s, const struct taglist *tags, struct arena *a)
{
	struct slice version = taglist_get(tags, "v", "");

	s->draft = !version.n || slice_starts(version, "0.");
	if (!version.n && slice_is(s->q, "dns/txt"))
		return dkimsig_set(s, DKIM_CODE_MISSING_TAG, a, "no v=1 tag");
	if (!s->draft && !slice_is(version, "1"))
		return dkimsig_set(s, DKIM_CODE_VERSION, a,
		    "unknown version v=%.*s", SLICE_ARG(version));
	return 0;
}

/* Tags whose value may not be empty where they stand (3.5). */
static int
check_empty(
    struct dkim_signature *s, const struct taglist *tags, struct arena *a)
{
	static const char *const full[] = { "c", "i", "l", "q", "t", "x" };

	for (size_t i = 0; i < COUNT_OF(full); i++) {
		const struct tag *tag = taglist_find(tags, full[i]);

		if (tag && !tag->value.n)
			return dkimsig_set(
			    s, DKIM_CODE_SYNTAX, a, "%s= is empty", full[i]);
	}
	return 0;
}

static void
read_tags(struct dkim_signature *s, const struct taglist *tags)
{
	s->a = taglist_get(tags, "a", "");
	s->b = taglist_get(tags, "b", "");
	s->bh = taglist_get(tags, "bh", "");
	s->c = taglist_get(tags, "c", "");
	s->d = taglist_get(tags, "d", "");
	s->h = taglist_get(tags, "h", "");
	s->i = taglist_get(tags, "i", "");
	s->l = taglist_get(tags, "l", "");
	s->q = taglist_get(tags, "q", "");
	s->s = taglist_get(tags, "s", "");
	s->t = taglist_get(tags, "t", "");
	s->x = taglist_get(tags, "x", "");
}

/* a=: rsa-sha1 is read so that it can be refused by name (RFC 8301 3.1), as is
 * rsa-sha512, which is none of DKIM's, though one server makes it. */
static int
read_algorithm(
    struct dkim_signature *s, enum dkimsig_kind kind, struct arena *a)
{
	static const struct {
		const char *name;
		enum key_kind kind;
		enum digest_kind digest;
	} known[] = {
		{ "rsa-sha256", KEY_RSA, DIGEST_SHA256 },
		{ "ed25519-sha256", KEY_ED25519, DIGEST_SHA256 },
		{ "rsa-sha1", KEY_RSA, DIGEST_SHA1 },
		{ "rsa-sha512", KEY_RSA, DIGEST_SHA512 },
	};
	const size_t n = COUNT_OF(known) - (kind != DKIMSIG_DKIM);

	for (size_t i = 0; i < n; i++)
		if (slice_is(s->a, known[i].name)) {
			s->kind = known[i].kind;
			s->digest = known[i].digest;
			return 0;
		}
	return dkimsig_set(s, DKIM_CODE_ALGORITHM, a,
	    "unknown algorithm a=%.*s", SLICE_ARG(s->a));
}

static bool
read_mode(struct slice word, enum canon_mode *mode_r)
{
	*mode_r = slice_is(word, "relaxed") ? CANON_RELAXED : CANON_SIMPLE;
	return slice_is(word, canon_name(*mode_r));
}

/* c= header ["/" body], each "simple" unless it says otherwise. */
static int
read_canon(struct dkim_signature *s, struct arena *a)
{
	struct slice rest = s->c, header;
	bool both;

	if (!s->c.n)
		return 0;
	s->header_mode = s->body_mode = CANON_SIMPLE;
	header = slice_take_until(&rest, '/', &both);
	if (read_mode(header, &s->header_mode) &&
	    (!both || read_mode(rest, &s->body_mode)))
		return 0;
	return dkimsig_set(s, DKIM_CODE_CANON, a,
	    "unknown canonicalization c=%.*s", SLICE_ARG(s->c));
}

static int
read_domain(struct dkim_signature *s, struct arena *a)
{
	struct slice domain;
	struct err e;

	if (idna_to_dns(s->d, a, &domain, &e) < 0)
		return dkimsig_set(
		    s, DKIM_CODE_DOMAIN, a, "d= is no domain: %s", e.text);
	s->domain = arena_copy(a, domain);
	if (dkimkey_name(s->s, domain, a, &s->key_name, &e) < 0)
		return dkimsig_set(s, DKIM_CODE_DOMAIN, a, "%s", e.text);
	return 0;
}

/* The domain of i= in A-labels, as a C string; null when it is none. */
static const char *
identity_domain(struct slice identity, struct arena *a)
{
	size_t at = slice_find_last(identity, '@');
	struct slice domain;

	if (at == SIZE_MAX ||
	    idna_to_dns(
		slice_sub(identity, at + 1, identity.n), a, &domain, NULL) < 0)
		return NULL;
	return arena_copy(a, domain);
}

static int
hex_digit(int c)
{
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*	dkim-quoted-printable = *(FWS / hex-octet / dkim-safe-char)
 *	hex-octet = "=" 2HEXDIGITS, upper case     (2.11; FWS does not count) */
static void
unquote_identity(struct slice text, struct buf *out)
{
	while (text.n) {
		int c = slice_get(&text);
		int high = hex_digit(slice_at(text, 0));
		int low = hex_digit(slice_at(text, 1));

		if (c == '=' && high >= 0 && low >= 0) {
			c = high << 4 | low;
			slice_take(&text, 2);
		} else if (c == ' ' || (c >= '\t' && c <= '\r')) {
			continue;
		}
		buf_char(out, c);
	}
}

/* i= is in d= or below it, on a label boundary (3.5). */
static int
check_identity(struct dkim_signature *s, struct arena *a)
{
	const char *domain;
	struct buf b;

	if (!s->i.n)
		return 0;
	buf_init(&b, DKIM_FIELD_MAX);
	unquote_identity(s->i, &b);
	s->identity = slice_of(arena_copy(a, buf_view(&b)), b.n);
	buf_free(&b);
	domain = identity_domain(s->identity, a);
	if (domain && dns_name_under(domain, s->domain))
		return 0;
	return dkimsig_set(s, DKIM_CODE_IDENTITY, a,
	    "i=%.*s is not within d=%s", SLICE_ARG(s->i), s->domain);
}

/* h= hdr-name *( ":" hdr-name ), From among them (5.4). */
static int
read_names(struct dkim_signature *s, bool need_from, struct arena *a)
{
	struct slice rest = s->h, name;
	bool from = false;

	s->names = arena_array(a, DKIM_NAMES_MAX, sizeof(*s->names));
	while (taglist_item(&rest, ':', &name)) {
		if (!name.n && !need_from)
			continue;
		if (!name.n)
			return dkimsig_set(s, DKIM_CODE_HEADER_LIST, a,
			    "h= has an empty name");
		if (s->name_count == DKIM_NAMES_MAX)
			return dkimsig_set(s, DKIM_CODE_HEADER_LIST, a,
			    "h= has more than %d names", DKIM_NAMES_MAX);
		s->names[s->name_count++] = name;
		from = from || slice_is_nocase(name, "from");
		if (!need_from && slice_is_nocase(name, "arc-seal"))
			return dkimsig_set(
			    s, DKIM_CODE_HEADER_LIST, a, "h= names ARC-Seal");
	}
	if (need_from && !from)
		return dkimsig_set(
		    s, DKIM_CODE_FROM_UNSIGNED, a, "h= does not name From");
	return 0;
}

/* q= *( ":" ): one of the methods must be ours. */
static int
check_query(struct dkim_signature *s, struct arena *a)
{
	struct slice rest = s->q, method;

	if (!s->q.n)
		return 0;
	while (taglist_item(&rest, ':', &method))
		if (slice_is(method, "dns/txt") ||
		    (s->draft && slice_is(method, "dns")))
			return 0;
	return dkimsig_set(s, DKIM_CODE_QUERY, a, "unknown query method q=%.*s",
	    SLICE_ARG(s->q));
}

/* Digits without end: what does not fit is INT64_MAX, far away (3.5, x=). */
static bool
read_time(struct slice text, int64_t *r)
{
	uint64_t v;

	*r = -1;
	if (!text.n)
		return true;
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_is_digit(text.p[i]))
			return false;
	*r = slice_number(text, INT64_MAX, &v) ? (int64_t)v : INT64_MAX;
	return true;
}

static int
read_times(struct dkim_signature *s, struct arena *a)
{
	if (!read_time(s->t, &s->made))
		return dkimsig_set(
		    s, DKIM_CODE_TIME, a, "t=%.*s is no time", SLICE_ARG(s->t));
	if (!read_time(s->x, &s->expiry))
		return dkimsig_set(
		    s, DKIM_CODE_TIME, a, "x=%.*s is no time", SLICE_ARG(s->x));
	if (s->x.n && s->t.n && s->expiry <= s->made && s->expiry != INT64_MAX)
		return dkimsig_set(
		    s, DKIM_CODE_TIME, a, "x= is not later than t=");
	return 0;
}

static int
read_length(struct dkim_signature *s, struct arena *a)
{
	int64_t v;

	s->limit = CANON_ALL;
	if (!s->l.n)
		return 0;
	if (!read_time(s->l, &v))
		return dkimsig_set(s, DKIM_CODE_LENGTH, a,
		    "l=%.*s is no length", SLICE_ARG(s->l));
	s->limit = (uint64_t)v;
	return 0;
}

static int
read_octets(struct dkim_signature *s, bool body, struct arena *a)
{
	struct buf b;
	bool good;

	buf_init(&b, DKIM_FIELD_MAX);
	good = !body ||
	       (base64_decode_fws(s->bh, &b) && b.n == digest_size(s->digest));
	buf_reset(&b);
	if (!good) {
		buf_free(&b);
		return dkimsig_set(s, DKIM_CODE_SYNTAX, a,
		    "bh= is no base64 of %zu octets", digest_size(s->digest));
	}
	good = base64_decode_fws(s->b, &b) && b.n <= KEY_SIGNATURE_MAX;
	s->signature = slice_of(arena_copy(a, buf_view(&b)), b.n);
	buf_free(&b);
	if (!good)
		return dkimsig_set(
		    s, DKIM_CODE_SYNTAX, a, "b= is no base64 of a signature");
	return 0;
}

/* What only some kinds have. */
static int
read_more(struct dkim_signature *s, enum dkimsig_kind kind,
    const struct taglist *tags, struct arena *a)
{
	switch (kind) {
	case DKIMSIG_DKIM:
		return check_version(s, tags, a) < 0 ||
		               check_identity(s, a) < 0 ||
		               read_names(s, true, a) < 0 ||
		               check_query(s, a) < 0
		           ? -1
		           : 0;
	case DKIMSIG_ARC:
		return s->h.n ? read_names(s, false, a) : 0;
	case DKIMSIG_ARC_SEAL:
		break;
	}
	return 0;
}

int
dkimsig_read(enum dkimsig_kind kind, struct slice field, struct arena *a,
    struct dkim_signature *s)
{
	struct slice value =
	    slice_sub(field, letter_field_name(field).n, field.n);
	struct taglist tags;
	struct err e;
	int parsed;

	s->made = s->expiry = -1;
	s->limit = CANON_ALL;
	s->reason = "";
	if (kind == DKIMSIG_ARC)
		s->header_mode = s->body_mode = CANON_RELAXED;
	slice_take_until(&value, ':', NULL);
	if (field.n > DKIM_FIELD_MAX)
		return dkimsig_set(s, DKIM_CODE_SYNTAX, a,
		    "the field has %zu octets, over %u", field.n,
		    DKIM_FIELD_MAX);
	parsed = taglist_parse(value, &tags, &e);
	read_tags(s, &tags);
	if (parsed < 0)
		return dkimsig_set(s, DKIM_CODE_SYNTAX, a, "%s", e.text);
	if (check_required(s, kind, &tags, a) < 0 ||
	    check_empty(s, &tags, a) < 0 || read_algorithm(s, kind, a) < 0 ||
	    read_canon(s, a) < 0 || read_domain(s, a) < 0 ||
	    read_more(s, kind, &tags, a) < 0 || read_times(s, a) < 0 ||
	    read_length(s, a) < 0)
		return -1;
	return read_octets(s, kind != DKIMSIG_ARC_SEAL, a);
}

size_t
dkimsig_pick(const struct slice *field_names, size_t field_count, size_t own,
    const struct slice *names, size_t i)
{
	size_t before = 0;

	for (size_t k = 0; k < i; k++)
		before += slice_equal_nocase(names[k], names[i]);
	for (size_t k = field_count; k--;)
		if (k != own && slice_equal_nocase(field_names[k], names[i]) &&
		    !before--)
			return k;
	return SIZE_MAX;
}

/* The value goes with all white space around it, from behind the "=" to the
 * ";" or the end (3.7). */
struct slice
dkimsig_without_b(struct slice field, struct arena *a)
{
	struct slice value = field;
	struct taglist tags;
	const struct tag *b;
	size_t base, from, to;
	struct slice tail;
	char *joined;

	slice_take_until(&value, ':', NULL);
	base = field.n - value.n;
	taglist_parse(value, &tags, NULL);
	b = taglist_find(&tags, "b");
	if (!b)
		return field;
	from = base + b->name_at;
	while (from < field.n && field.p[from] != '=')
		from++;
	from++;
	to = slice_find(slice_sub(field, from, field.n), ';');
	tail = slice_sub(field, to == SIZE_MAX ? to : from + to, field.n);
	joined = arena_new(a, from + tail.n + 1);
	memcpy(joined, field.p, from);
	memcpy(joined + from, tail.p, tail.n);
	return slice_of(joined, from + tail.n);
}

int
dkimsig_hash(const struct dkimsig_cover *c, enum digest_kind kind,
    unsigned char sum[DIGEST_MAX], struct err *e)
{
	struct digest d;
	struct buf b;
	bool over = false;

	if (digest_begin(&d, kind, e) < 0)
		return -1;
	buf_init(&b, DKIM_CANON_MAX);
	for (size_t i = 0; i < c->name_count; i++) {
		size_t at = dkimsig_pick(
		    c->field_names, c->m->count, c->own, c->names, i);

		if (at == SIZE_MAX)
			continue;
		canon_field(c->mode, c->m->fields[at], &b);
		digest_add(&d, b.p, b.n);
		over = over || buf_over(&b);
		buf_reset(&b);
	}
	canon_field(c->mode, c->signature, &b);
	buf_cut(&b, b.n < 2 ? 0 : b.n - 2); /* without its CRLF */
	digest_add(&d, b.p, b.n);
	over = over || buf_over(&b);
	buf_free(&b);
	digest_end(&d, sum);
	return over ? err_set(e, ERR_DATA, "a header field is over %u octets",
			  DKIM_CANON_MAX)
	            : 0;
}

static bool
same_hash(const struct dkim_signature *s, const struct canon_hash *h)
{
	struct buf b;
	bool same;

	buf_init(&b, DKIM_FIELD_MAX);
	base64_decode_fws(s->bh, &b);
	same =
	    slice_equal(buf_view(&b), slice_of(h->sum, digest_size(h->kind)));
	buf_free(&b);
	return same;
}

void
dkimsig_body(
    struct dkim_signature *s, const struct canon_hash *h, struct arena *a)
{
	memcpy(s->body_sum, h->sum, sizeof(s->body_sum));
	s->body_known = true;
	if (s->limit != CANON_ALL && s->limit > h->size) {
		dkimsig_set(s, DKIM_CODE_LENGTH, a,
		    "l=%.*s is more than the body's %llu octets",
		    SLICE_ARG(s->l), (unsigned long long)h->size);
		return;
	}
	s->unsigned_octets = s->limit < h->size ? h->size - s->limit : 0;
	s->body = same_hash(s, h) ? DKIM_GOOD : DKIM_BAD;
	if (s->body == DKIM_BAD)
		dkimsig_set(s, DKIM_CODE_BODY_HASH, a, "the body was altered%s",
		    s->header == DKIM_BAD ? ", and the signed fields too" : "");
}
