/* DMARC policy records (RFC 9989 sections 4.7 and 4.8).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "auth/dmarc.h"

const char *
dmarc_policy_name(enum dmarc_policy p)
{
	static const char *const names[] = { "unset", "none", "quarantine",
		"reject" };

	return names[p];
}

/*	dmarc-version = "v" *WSP "=" *WSP %s"DMARC1"
 *
 * Case counts, and nothing stands before it. */
static bool
take_version(struct slice *s)
{
	if (!slice_take_prefix(s, "v"))
		return false;
	*s = slice_trim_start(*s);
	if (!slice_take_prefix(s, "="))
		return false;
	*s = slice_trim_start(*s);
	if (!slice_take_prefix(s, "DMARC1"))
		return false;
	*s = slice_trim_start(*s);
	return s->n == 0 || slice_get(s) == ';';
}

static bool
read_policy(struct slice v, enum dmarc_policy *p)
{
	for (unsigned i = DMARC_POLICY_NONE; i <= DMARC_POLICY_REJECT; i++)
		if (slice_is_nocase(v, dmarc_policy_name(i))) {
			*p = i;
			return true;
		}
	return false;
}

/* A mailto: or other URI with something behind its scheme. */
bool
dmarc_uri_ok(struct slice uri)
{
	struct slice scheme;
	bool found;

	for (size_t i = 0; i < uri.n; i++)
		if (slice_at(uri, i) <= ' ' || slice_at(uri, i) > 0x7e)
			return false;
	scheme = slice_take_until(&uri, ':', &found);
	if (!found || !ascii_is_alpha(slice_peek(scheme)))
		return false;
	if (slice_is_nocase(scheme, "mailto")) {
		size_t at = slice_find_last(uri, '@');

		return at != SIZE_MAX && at > 0 && at + 1 < uri.n;
	}
	return uri.n > 0;
}

static bool
has_uri(struct slice list)
{
	while (list.n)
		if (dmarc_uri_ok(
			slice_trim(slice_take_until(&list, ',', NULL))))
			return true;
	return false;
}

/* One tag. Unknown ones and wrong values count as absent (4.8), but for the
 * policies, where *bad tells. */
static void
read_tag(struct slice name, struct slice v, struct dmarc_record *r, bool *bad)
{
	if (slice_is_nocase(name, "p"))
		*bad |= !read_policy(v, &r->p);
	else if (slice_is_nocase(name, "sp"))
		*bad |= !read_policy(v, &r->sp);
	else if (slice_is_nocase(name, "np"))
		*bad |= !read_policy(v, &r->np);
	else if (slice_is_nocase(name, "adkim"))
		r->strict_dkim = slice_is_nocase(v, "s");
	else if (slice_is_nocase(name, "aspf"))
		r->strict_spf = slice_is_nocase(v, "s");
	else if (slice_is_nocase(name, "psd"))
		r->psd = slice_is_nocase(v, "y")   ? DMARC_PSD_YES
		         : slice_is_nocase(v, "n") ? DMARC_PSD_NO
		                                   : DMARC_PSD_UNKNOWN;
	else if (slice_is_nocase(name, "t"))
		r->testing = slice_is_nocase(v, "y");
	else if (slice_is_nocase(name, "pct"))
		r->pct_zero = slice_is(v, "0");
	else if (slice_is_nocase(name, "rua"))
		r->rua = v;
	else if (slice_is_nocase(name, "ruf"))
		r->ruf = v;
	else if (slice_is_nocase(name, "fo"))
		r->fo = v;
}

int
dmarc_parse(struct slice text, struct dmarc_record *r, struct err *e)
{
	struct slice s = text;
	unsigned tags = 0;
	bool bad = false;

	*r = (struct dmarc_record){ .text = text };
	if (text.n > DMARC_RECORD_MAX || !take_version(&s))
		return 0;
	while (s.n && tags++ < DMARC_TAGS_MAX) {
		struct slice v = slice_take_until(&s, ';', NULL);
		bool found;
		struct slice name = slice_take_until(&v, '=', &found);

		if (found)
			read_tag(slice_trim(name), slice_trim(v), r, &bad);
	}
	/* 4.10.1: without a valid policy it counts as p=none when reports are
	 * asked for, and not at all otherwise. */
	if (r->p != DMARC_POLICY_UNSET && !bad)
		return 1;
	r->p = r->sp = r->np = DMARC_POLICY_UNSET;
	if (!has_uri(r->rua))
		return err_set(e, ERR_DATA,
		    "no valid p=, sp= or np=, and no rua= to report to");
	r->p = DMARC_POLICY_NONE;
	return 1;
}
