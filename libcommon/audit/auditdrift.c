/* What differs from an earlier run.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/json.h"

#include "auth/spfrecord.h"
#include "auth/spfset.h"

#include "audit/audit.h"
#include "audit/auditparts.h"

#define LINE_MAX_OCTETS (1u << 22) /* of a report as JSON */
#define SHOWN           400        /* octets of a value that are told */

/* Facts of a report; what cannot be known then says "unknown" as its state. */
static const struct {
	const char *section, *member; /* member null: the section itself */
	const char *prefix, *type;    /* of the record */
} facts[] = {
	{ "mx", "state", "", "MX" },
	{ "mx", "hosts", "", "MX" },
	{ "spf", "record", "", "TXT" },
	{ "dkim", NULL, "_domainkey.", "TXT" },
	{ "dmarc", "record", "_dmarc.", "TXT" },
	{ "dmarc", "at", "_dmarc.", "TXT" },
	{ "sts", "state", "_mta-sts.", "TXT" },
	{ "sts", "id", "_mta-sts.", "TXT" },
	{ "sts", "mode", "mta-sts.", "" },
	{ "tlsrpt", "record", "_smtp._tls.", "TXT" },
	{ "bimi", "record", "default._bimi.", "TXT" },
	{ "dnssec", NULL, "", "" },
	{ "tlsa_hosts", NULL, "", "TLSA" },
};

/* A fact as JSON; false when the report does not tell. */
static bool
fact_of(const struct json *report, size_t i, struct buf *out)
{
	const struct json *section = json_member(report, facts[i].section);
	const struct json *v = section;
	struct slice state;
	int64_t unknown = 0;

	buf_reset(out);
	if (facts[i].member)
		v = json_member(section, facts[i].member);
	if (!v)
		return false;
	if (json_text(json_member(section, "state"), &state) &&
	    slice_is(state, "unknown"))
		return false;
	json_write(v, false, out);
	if (!json_number(json_member(json_member(report, "counts"), "unknown"),
		&unknown) ||
	    unknown == 0)
		return true;
	/* Something could not be asked: it may be this. */
	return json_member(section, "state") &&
	       !slice_is(buf_view(out), "null");
}

static void
compare(struct audit *au, const struct json *before, const struct json *now)
{
	const char *domain = au->r->ascii;
	struct buf a, b;

	buf_init(&a, LINE_MAX_OCTETS);
	buf_init(&b, LINE_MAX_OCTETS);
	for (size_t i = 0; i < COUNT_OF(facts); i++)
		if (fact_of(before, i, &a) && fact_of(now, i, &b) &&
		    !slice_equal(buf_view(&a), buf_view(&b)))
			audit_add(au, AUDIT_X_DRIFT,
			    arena_fmt(au->a, "%s%s", facts[i].prefix, domain),
			    facts[i].type, NULL, "%s%s%s was %.*s, is %.*s",
			    facts[i].section, facts[i].member ? " " : "",
			    facts[i].member ? facts[i].member : "",
			    (int)size_min(a.n, SHOWN), buf_str(&a),
			    (int)size_min(b.n, SHOWN), buf_str(&b));
	buf_free(&a);
	buf_free(&b);
}

/* A policy that was read in both runs is another under the same id. */
static void
check_id(struct audit *au, const struct json *before, const struct json *now)
{
	static const char *const parts[] = { "mode", "policy" };
	struct slice old_id, new_id;
	bool differs = false;
	struct buf a, b;

	before = json_member(before, "sts");
	now = json_member(now, "sts");
	if (!json_text(json_member(before, "id"), &old_id) ||
	    !json_text(json_member(now, "id"), &new_id) ||
	    !slice_equal(old_id, new_id))
		return;
	buf_init(&a, LINE_MAX_OCTETS);
	buf_init(&b, LINE_MAX_OCTETS);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		const struct json *x = json_member(before, parts[i]);
		const struct json *y = json_member(now, parts[i]);

		buf_reset(&a);
		buf_reset(&b);
		if (x && y) {
			json_write(x, false, &a);
			json_write(y, false, &b);
		}
		differs |= !slice_is(buf_view(&a), "null") &&
		           !slice_is(buf_view(&b), "null") &&
		           !slice_equal(buf_view(&a), buf_view(&b));
	}
	buf_free(&a);
	buf_free(&b);
	if (differs)
		audit_add(au, AUDIT_STS_ID_NOT_BUMPED,
		    arena_fmt(au->a, "_mta-sts.%s", au->r->ascii), "TXT", NULL,
		    "still id=%.*s", SLICE_ARG(new_id));
}

/* Terms of a record: networks, and those that lead elsewhere. */
static bool
count_terms(struct audit *au, struct slice text, size_t *nets, size_t *others)
{
	struct spfrecord record;
	struct spfrecord_fault fault;

	*nets = *others = 0;
	if (!spfrecord_is(text) ||
	    spfrecord_read(text, au->a, &record, &fault) < 0)
		return false;
	for (size_t i = 0; i < record.count; i++) {
		enum spfrecord_kind kind = record.terms[i].kind;

		*nets += kind == SPFRECORD_IP4 || kind == SPFRECORD_IP6;
		*others +=
		    kind == SPFRECORD_INCLUDE || kind == SPFRECORD_REDIRECT;
	}
	return true;
}

/* The baseline's record with includes has become one of networks: they should
 * be what the includes publish today. What cannot be told is not said. */
static void
check_flattened(struct audit *au, const struct json *before)
{
	size_t old_nets, old_others, nets, others;
	const char *domain = au->r->ascii;
	struct spfset was, is;
	struct slice old;

	if (!json_text(
		json_member(json_member(before, "spf"), "record"), &old) ||
	    !count_terms(au, old, &old_nets, &old_others) ||
	    !count_terms(au, au->r->spf_record, &nets, &others) ||
	    old_others == 0 || others > 0 || nets <= old_nets)
		return;
	if (spfset_of_text(au->dns, domain, old, au->a, &was, au->e) < 0 ||
	    spfset_of_text(
		au->dns, domain, au->r->spf_record, au->a, &is, au->e) < 0) {
		au->broken = true;
		return;
	}
	if (!was.unknown && !was.problem && !was.dynamic_count && !is.unknown &&
	    !is.problem && !is.dynamic_count && !spfset_equal(&was, &is))
		audit_add(au, AUDIT_SPF_FLATTEN_STALE, domain, "TXT", NULL,
		    "made from \"%.*s\"", SLICE_ARG(old));
}

int
audit_drift(struct dns *d, struct audit_report *r, struct slice before,
    struct arena *a, struct err *e)
{
	struct audit au = { .dns = d, .r = r, .a = a, .e = e };
	struct json *old = NULL, *now = NULL;
	struct buf line;
	int ret;

	buf_init(&line, LINE_MAX_OCTETS);
	audit_json(r, AUDIT_INFO, &line);
	ret = json_read(before, &old, e);
	if (ret == 0)
		ret = json_read(buf_view(&line), &now, e);
	if (ret == 0) {
		compare(&au, old, now);
		check_id(&au, old, now);
		check_flattened(&au, old);
	}
	json_free(&old);
	json_free(&now);
	buf_free(&line);
	return au.broken ? -1 : ret;
}
