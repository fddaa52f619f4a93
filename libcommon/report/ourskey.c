/* Tags of our own keys in what a bounce brings back (see ourskey.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "report/ourskey.h"

struct slice
ourskey_take_tag(struct slice *s, int mark)
{
	struct slice tag;

	if (s->n < OURSKEY_TAG + 2 ||
	    slice_at(*s, s->n - OURSKEY_TAG - 1) != mark)
		return slice_of(NULL, 0);
	tag = slice_sub(*s, s->n - OURSKEY_TAG, s->n);
	for (size_t i = 0; i < tag.n; i++)
		if (ascii_hex(slice_at(tag, i)) < 0)
			return slice_of(NULL, 0);
	*s = slice_sub(*s, 0, s->n - OURSKEY_TAG - 1);
	return tag;
}

/* Servers may change the case. Takes the same time wherever they differ. */
static bool
is_tag(struct slice tag, const char *hex)
{
	int differ = 0;

	for (size_t i = 0; i < tag.n; i++)
		differ |= ascii_lower(slice_at(tag, i)) ^ hex[i];
	return differ == 0;
}

static enum ourskey_found
check(const struct ourskey *k, const struct slice *keys, size_t n,
    struct slice text, struct slice tag)
{
	char hex[OURSKEY_HEX];

	for (size_t i = 0; i < n; i++)
		if (k->mac(keys[i], text, hex) == 0 && is_tag(tag, hex))
			return OURSKEY_GOOD;
	return OURSKEY_BAD;
}

/* What a tag of rcpt is of. */
static struct slice
verp_text(struct slice rcpt, struct arena *a)
{
	char *text = arena_fmt(a, "verp:%.*s", SLICE_ARG(rcpt));

	for (char *c = text; *c; c++)
		*c = (char)ascii_lower((unsigned char)*c);
	return slice_str(text);
}

const char *
ourskey_verp_tag(const struct ourskey *k, struct slice rcpt, struct arena *a)
{
	char hex[OURSKEY_HEX];

	if (!k->verp_count || !rcpt.n || rcpt.n > OURSKEY_TEXT_MAX ||
	    k->mac(k->verp[0], verp_text(rcpt, a), hex) < 0)
		return NULL;
	return arena_fmt(a, "%.*s", OURSKEY_TAG, hex);
}

enum ourskey_found
ourskey_verp(const struct ourskey *k, struct slice address, struct slice rcpt,
    struct arena *a)
{
	size_t at = slice_find_last(address, '@');
	struct slice local = slice_sub(address, 0, at), tag;

	if (!k->verp_count || at == SIZE_MAX || !rcpt.n ||
	    rcpt.n > OURSKEY_TEXT_MAX)
		return OURSKEY_NONE;
	tag = ourskey_take_tag(&local, '=');
	if (!tag.n)
		return OURSKEY_NONE;
	return check(k, k->verp, k->verp_count, verp_text(rcpt, a), tag);
}

enum ourskey_found
ourskey_envid(const struct ourskey *k, struct slice envid, struct arena *a)
{
	struct slice tag;

	if (!k->envid_count || envid.n > OURSKEY_TEXT_MAX)
		return OURSKEY_NONE;
	tag = ourskey_take_tag(&envid, '.');
	if (!tag.n)
		return OURSKEY_NONE;
	return check(k, k->envid, k->envid_count,
	    slice_str(arena_fmt(a, "envid:%.*s", SLICE_ARG(envid))), tag);
}

/* The day of a tag is over, or too far away to be of this thousand days. */
static bool
is_late(struct slice ddd, int64_t now)
{
	int64_t today = now / 86400 % 1000;
	uint64_t day;

	return !slice_number(ddd, 999, &day) ||
	       ((int64_t)day - today + 1000) % 1000 > OURSKEY_BATV_DAYS;
}

const char *
ourskey_batv_sign(
    const struct ourskey *k, struct slice address, struct arena *a)
{
	int day = (int)((k->now / 86400 + OURSKEY_BATV_KEPT) % 1000);
	char hex[OURSKEY_HEX];
	const char *text;

	if (!k->batv_count || address.n > OURSKEY_TEXT_MAX ||
	    slice_find(address, '@') == SIZE_MAX ||
	    slice_find(address, '"') != SIZE_MAX)
		return NULL;
	text = arena_fmt(a, "0%03d%.*s", day, SLICE_ARG(address));
	if (k->mac_sha1(k->batv[0], slice_str(text), hex) < 0)
		return NULL;
	return arena_fmt(
	    a, "prvs=%.4s%.6s=%.*s", text, hex, SLICE_ARG(address));
}

/*	mbox-val = tag-type "=" tag-val "=" loc-core
 *	tag-val  = key-num 3DIGIT 6HEXDIG */
enum ourskey_found
ourskey_batv(const struct ourskey *k, struct slice address, struct arena *a)
{
	char hex[OURSKEY_HEX];
	struct slice head, tag, text;
	bool tagged = false;

	if (!k->batv_count || address.n > OURSKEY_TEXT_MAX ||
	    !slice_take_prefix_nocase(&address, "prvs="))
		return OURSKEY_NONE;
	tag = slice_take_until(&address, '=', &tagged);
	head = slice_sub(tag, 0, 4);
	if (!tagged || tag.n != 10 || !ascii_is_digit(slice_peek(head)))
		return OURSKEY_BAD;
	text = slice_str(
	    arena_fmt(a, "%.*s%.*s", SLICE_ARG(head), SLICE_ARG(address)));
	for (size_t i = 0; i < k->batv_count; i++)
		if (k->mac_sha1(k->batv[i], text, hex) == 0 &&
		    is_tag(slice_sub(tag, 4, 10), hex))
			return is_late(slice_sub(head, 1, 4), k->now)
			           ? OURSKEY_LATE
			           : OURSKEY_GOOD;
	return OURSKEY_BAD;
}
