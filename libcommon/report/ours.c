/* Whether a bounce is about mail of ours (see ours.h).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "msg/addr.h"
#include "msg/header.h"

#include "report/ours.h"

bool
ours_is_below(struct slice name, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = strlen(v[i]);

		if (slice_is_nocase(name, v[i]) ||
		    (name.n > at && name.p[name.n - at - 1] == '.' &&
			slice_ends_nocase(name, v[i])))
			return true;
	}
	return false;
}

static struct slice
domain_of(struct slice id)
{
	struct slice d = addr_domain(id);

	while (d.n && strchr("> \t", d.p[d.n - 1]))
		d.n--;
	return d;
}

static bool
names_relay(struct slice received, const struct ours_names *names)
{
	for (size_t i = 0; i < names->relay_count; i++)
		if (slice_search_nocase(
			received, slice_str(names->relays[i])) != SIZE_MAX)
			return true;
	return false;
}

/* "d=" of a signature. */
static struct slice
signer_of(struct slice signature, struct arena *a)
{
	struct slice rest = header_unfold(signature, a), tag;
	bool more = true;

	while (more) {
		tag = slice_trim(slice_take_until(&rest, ';', &more));
		if (slice_take_prefix(&tag, "d="))
			return slice_trim(tag);
	}
	return slice_of(NULL, 0);
}

/* OURS_NOT_ASKED: no tag there. */
static enum ours
by_keys(const struct report *r, const struct ourskey *k, struct arena *a,
    const char **by_r)
{
	enum ourskey_found verp, envid, batv;

	if (!k)
		return OURS_NOT_ASKED;
	verp = ourskey_verp(k, r->verp_to, r->verp_rcpt, a);
	envid = ourskey_envid(k, r->d.envid, a);
	batv = ourskey_batv(k, r->verp_to, a);
	*by_r = verp == OURSKEY_GOOD    ? "verp-hmac"
	        : envid == OURSKEY_GOOD ? "envid-hmac"
	        : batv == OURSKEY_GOOD  ? "batv"
	        : verp == OURSKEY_BAD   ? "verp-bad"
	        : envid == OURSKEY_BAD  ? "envid-bad"
	        : batv == OURSKEY_BAD   ? "batv-bad"
	        : batv == OURSKEY_LATE  ? "batv-late"
	                                : NULL;
	if (verp == OURSKEY_GOOD || envid == OURSKEY_GOOD ||
	    batv == OURSKEY_GOOD)
		return OURS_YES;
	if (*by_r && batv == OURSKEY_LATE)
		return OURS_UNKNOWN;
	return *by_r ? OURS_NO : OURS_NOT_ASKED;
}

static enum ours
by_names(const struct report *r, const struct ours_names *names,
    struct arena *a, const char **by_r)
{
	struct slice rest = r->d.returned_header;
	struct slice id = domain_of(r->d.orig_msgid);
	struct slice from = domain_of(r->d.orig_from);
	bool relay = false, signed_by_us = false, ours;
	const char *proof = "dkim";
	struct header_field f;

	for (int n = 0; n < OURS_FIELDS_MAX && header_take(&rest, &f) > 0;
	     n++) {
		if (slice_is_nocase(f.name, "Received"))
			relay = relay || names_relay(f.value, names);
		else if (slice_is_nocase(f.name, "DKIM-Signature"))
			signed_by_us = signed_by_us ||
			               ours_is_below(signer_of(f.value, a),
					   names->domains, names->domain_count);
	}
	if (names->signed_by_us != OURS_SIGNED_NOT_ASKED) {
		signed_by_us = names->signed_by_us != OURS_SIGNED_NOT;
		proof = names->signed_by_us == OURS_SIGNED_MESSAGE
		            ? "dkim-message"
		            : "dkim-header";
	}
	ours = ours_is_below(id, names->domains, names->domain_count) ||
	       ours_is_below(from, names->domains, names->domain_count);
	*by_r = signed_by_us     ? proof
	        : ours && relay  ? "msgid-relay"
	        : ours           ? "my-domain"
	        : id.n && from.n ? "foreign"
	                         : NULL;
	if (signed_by_us || (ours && relay))
		return OURS_YES;
	return *by_r && !ours ? OURS_NO : OURS_UNKNOWN;
}

enum ours
ours_of(const struct report *r, const struct ours_names *names, struct arena *a,
    const char **by_r)
{
	enum ours keyed;

	*by_r = NULL;
	keyed = by_keys(r, names->keys, a, by_r);
	if (keyed != OURS_NOT_ASKED)
		return keyed;
	if (names->domain_count)
		return by_names(r, names, a, by_r);
	return names->keys ? OURS_UNKNOWN : OURS_NOT_ASKED;
}

struct slice
ours_verp(struct slice address, struct arena *a)
{
	size_t at = slice_find_last(address, '@'), equal, start = 0;
	struct slice local = slice_sub(address, 0, at), untagged, user, domain;

	if (at == SIZE_MAX)
		return slice_of(NULL, 0);
	if (slice_starts_nocase(local, "srs") ||
	    slice_starts_nocase(local, "prvs="))
		return slice_of(NULL, 0);
	untagged = local;
	if (ourskey_take_tag(&untagged, '=').n &&
	    slice_find(untagged, '=') != SIZE_MAX)
		local = untagged;
	equal = slice_search(local, slice_str("=="));
	if (equal != SIZE_MAX) {
		user = slice_sub(local, 0, equal);
		domain = slice_sub(local, equal + 2, local.n);
		domain =
		    slice_sub(domain, 0, slice_search(domain, slice_str("==")));
	} else {
		equal = slice_find_last(local, '=');
		if (equal == SIZE_MAX)
			return slice_of(NULL, 0);
		user = slice_sub(local, 0, equal);
		domain = slice_sub(local, equal + 1, local.n);
	}
	start = slice_find(user, '+');
	if (start == SIZE_MAX)
		start = slice_find(user, '-');
	if (start == SIZE_MAX)
		return slice_of(NULL, 0);
	user = slice_sub(user, start + 1, user.n);
	if (!user.n || slice_find(domain, '.') == SIZE_MAX)
		return slice_of(NULL, 0);
	return slice_str(
	    arena_fmt(a, "%.*s@%.*s", SLICE_ARG(user), SLICE_ARG(domain)));
}
