/* The BIMI record of a domain (draft-brand-indicators-for-message-
 * identification, section 4).
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/taglist.h"

#include "audit/auditparts.h"

#define BIMI_VERSION "v=BIMI1"

static const struct audit_txt kind = { BIMI_VERSION, AUDIT_BIMI_AT_APEX,
	AUDIT_BIMI_VERSION, AUDIT_BIMI_VERSION, AUDIT_BIMI_VERSION,
	AUDIT_BIMI_MULTIPLE };

static bool
is_https(struct slice s)
{
	return slice_starts_nocase(s, "https://") && s.n > strlen("https://");
}

/* The tag's URL, if it can be fetched. */
static struct slice
https_of(const struct tag *t)
{
	return t && is_https(t->value) ? t->value : slice_of(NULL, 0);
}

static void
check_tags(struct audit *au, const char *owner, const struct taglist *tags,
    struct slice text)
{
	const struct tag *l = taglist_find(tags, "l");
	const struct tag *a = taglist_find(tags, "a");
	const struct tag *avp = taglist_find(tags, "avp");

	for (size_t i = 0; i < tags->n; i++) {
		const struct tag *t = &tags->tag[i];

		if (!slice_is(t->name, "v") && !slice_is(t->name, "l") &&
		    !slice_is(t->name, "a") && !slice_is(t->name, "avp") &&
		    !slice_is(t->name, "lps"))
			audit_add_tag(
			    au, AUDIT_BIMI_TAG_UNKNOWN, owner, t, text);
	}
	if (avp && !slice_is_nocase(avp->value, "brand") &&
	    !slice_is_nocase(avp->value, "personal"))
		audit_add_tag(au, AUDIT_BIMI_AVP, owner, avp, text);
	if (!l)
		audit_add_tag(au, AUDIT_BIMI_L_MISSING, owner, NULL, text);
	else if (l->value.n == 0 && (!a || a->value.n == 0))
		audit_add_tag(au, AUDIT_BIMI_DECLINED, owner, l, text);
	else if (!is_https(l->value))
		audit_add_tag(au, AUDIT_BIMI_L_NOT_HTTPS, owner, l, text);
	if (l && l->value.n && (!a || a->value.n == 0))
		audit_add_tag(au, AUDIT_BIMI_A_MISSING, owner, a, text);
	if (a && a->value.n && !is_https(a->value))
		audit_add_tag(au, AUDIT_BIMI_A_NOT_HTTPS, owner, a, text);
	audit_bimi_files(au, owner, https_of(l), https_of(a));
}

/* The policy must bite, also for subdomains. */
static void
check_dmarc(struct audit *au, const char *owner)
{
	struct dmarc_walk w;
	const struct dmarc_step *step;
	const struct dmarc_record *r;

	if (dmarc_walk(au->dns, au->r->ascii, au->a, &w, au->e) < 0 ||
	    w.unknown)
		return;
	step = dmarc_policy_step(&w);
	r = step ? step->record : NULL;
	if (r && r->p > DMARC_POLICY_NONE && r->sp != DMARC_POLICY_NONE)
		return;
	audit_add(au, AUDIT_BIMI_DMARC, owner, "TXT", NULL, "%s",
	    !r                         ? "no DMARC policy"
	    : r->p > DMARC_POLICY_NONE ? "sp=none"
				       : "p=none");
}

void
audit_bimi(struct audit *au)
{
	const char *owner = arena_fmt(au->a, "default._bimi.%s", au->r->ascii);
	struct dns_answer got;
	struct taglist tags;
	struct slice text;
	struct err e;
	size_t count;

	if (au->nxdomain)
		return;
	text = audit_txt_find(au, owner, &kind, &got, &count);
	au->r->bimi_record = text;
	if (count == 0 && audit_says_no(&got))
		audit_add(au, AUDIT_BIMI_MISSING, owner, "TXT", NULL, "%s", "");
	if (count != 1)
		return;
	if (taglist_parse(text, &tags, &e) < 0)
		audit_add(au,
		    strstr(e.text, "twice") ? AUDIT_BIMI_TAG_DUPLICATE
					    : AUDIT_BIMI_SYNTAX,
		    owner, "TXT", NULL, "%s", e.text);
	else
		check_tags(au, owner, &tags, text);
	check_dmarc(au, owner);
}
