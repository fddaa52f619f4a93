/* What only all parts of an audit together show.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

static bool
is(const char *state, const char *word)
{
	return state && strcmp(state, word) == 0;
}

static bool
found(const struct audit_report *r, enum audit_id id)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->findings[i].rule == audit_rule_of(id))
			return true;
	return false;
}

static void
check_sending(struct audit *au)
{
	struct audit_report *r = au->r;
	bool null = is(r->mx_state, "null");
	bool spf = is(r->spf_state, "record");
	bool sends = spf && !slice_is_nocase(r->spf_record, "v=spf1 -all");
	bool key = r->key_count == 0;

	if (null && sends)
		audit_add(au, AUDIT_MX_NULL_BUT_SENDS, r->ascii, "MX", NULL,
		    "%s", "");
	if (spf && !sends && is(r->mx_state, "implicit"))
		audit_add(
		    au, AUDIT_MX_NULL_ADVISED, r->ascii, "MX", NULL, "%s", "");
	for (size_t i = 0; i < r->key_count; i++)
		key |= !is(r->keys[i].state, "missing");
	if (is(r->spf_state, "none") && !key &&
	    r->dmarc_policy > DMARC_POLICY_NONE)
		audit_add(au, AUDIT_DMARC_NO_AUTH_BASE,
		    arena_fmt(au->a, "_dmarc.%s", r->dmarc_at), "TXT", NULL,
		    "p=%s", dmarc_policy_name(r->dmarc_policy));
}

/* A domain that should have no mail says so in four places. */
static void
check_parked(struct audit *au)
{
	struct audit_report *r = au->r;
	const char *dmarc = arena_fmt(au->a, "_dmarc.%s", r->ascii);
	bool spf = slice_is_nocase(r->spf_record, "v=spf1 -all");
	bool reject = is(r->dmarc_state, "record") &&
	              r->dmarc_policy == DMARC_POLICY_REJECT &&
	              !found(r, AUDIT_DMARC_SP_NONE) &&
	              !found(r, AUDIT_DMARC_SP_WEAKER);

	if (is(r->mx_state, "hosts"))
		audit_add(au, AUDIT_MX_PARKED, r->ascii, "MX", NULL, "%s", "");
	if (!spf && !is(r->spf_state, "unknown"))
		audit_add(au, AUDIT_SPF_PARKED_NOT_NULL, r->ascii, "TXT", NULL,
		    "%s", "");
	if (!reject && !is(r->dmarc_state, "unknown"))
		audit_add(au, AUDIT_DMARC_PARKED_NOT_REJECT, dmarc, "TXT", NULL,
		    "%s", "");
	if ((!spf && !is(r->spf_state, "unknown")) ||
	    (!reject && !is(r->dmarc_state, "unknown")) ||
	    (!is(r->mx_state, "null") && !is(r->mx_state, "unknown")))
		audit_add(au, AUDIT_X_PARKED_INCOMPLETE, r->ascii, "", NULL,
		    "%s%s%s", is(r->mx_state, "null") ? "" : " null MX",
		    spf ? "" : " SPF", reject ? "" : " DMARC");
}

/* Nothing makes receivers refuse a forgery. */
static void
check_forgery(struct audit *au)
{
	struct audit_report *r = au->r;

	if (is(r->dmarc_state, "unknown") || au->nxdomain)
		return;
	if (r->dmarc_policy <= DMARC_POLICY_NONE)
		audit_add(au, AUDIT_X_SPOOFABLE, r->ascii, "", NULL, "%s",
		    is(r->dmarc_state, "none") ? "no DMARC policy"
					       : "DMARC asks for nothing");
	else if (r->spf_all == '+')
		audit_add(au, AUDIT_X_SPOOFABLE, r->ascii, "", NULL, "%s",
		    "SPF lets everybody pass");
}

static void
check_bulk(struct audit *au)
{
	struct audit_report *r = au->r;
	const char *lacks =
	    is(r->spf_state, "none")     ? "SPF"
	    : is(r->dmarc_state, "none") ? "DMARC"
	    : found(r, AUDIT_PTR_MISSING) || found(r, AUDIT_PTR_MISMATCH)
		? "reverse DNS that leads back"
		: NULL;

	if (lacks && is(r->mx_state, "hosts"))
		audit_add(au, AUDIT_X_BULK_SENDER, r->ascii, "", NULL, "no %s",
		    lacks);
}

void
audit_cross(struct audit *au)
{
	struct audit_report *r = au->r;

	check_sending(au);
	if (au->want->parked)
		check_parked(au);
	check_forgery(au);
	check_bulk(au);
	if (is(r->mx_state, "hosts") && is(r->sts_state, "none") &&
	    r->tlsa_hosts == 0 && !found(r, AUDIT_DNS_OUTSIDE))
		audit_add(
		    au, AUDIT_X_NO_TLS_POLICY, r->ascii, "", NULL, "%s", "");
	if (r->tlsrpt_record.n && is(r->sts_state, "none") &&
	    r->tlsa_hosts == 0)
		audit_add(au, AUDIT_TLSRPT_POINTLESS,
		    arena_fmt(au->a, "_smtp._tls.%s", r->ascii), "TXT", NULL,
		    "%s", "");
	if (r->counts[AUDIT_UNKNOWN])
		audit_add(au, AUDIT_X_UNKNOWN, r->ascii, "", NULL, "%u",
		    r->counts[AUDIT_UNKNOWN]);
}
