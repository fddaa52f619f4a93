/* What differs from an earlier run.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/json.h"

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

int
audit_drift(
    struct audit_report *r, struct slice before, struct arena *a, struct err *e)
{
	struct audit au = { .r = r, .a = a, .e = e };
	struct json *old = NULL, *now = NULL;
	struct buf line;
	int ret;

	buf_init(&line, LINE_MAX_OCTETS);
	audit_json(r, AUDIT_INFO, &line);
	ret = json_read(before, &old, e);
	if (ret == 0)
		ret = json_read(buf_view(&line), &now, e);
	if (ret == 0)
		compare(&au, old, now);
	json_free(&old);
	json_free(&now);
	buf_free(&line);
	return ret;
}
