/* Rules found by id and by name.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/ruletables.h"

/* The tables, and the id each begins with: the last first. */
static const struct {
	enum audit_id first;
	const struct audit_rule *rules;
} tables[] = {
	{ AUDIT_BIMI_MISSING, audit_rules_host },
	{ AUDIT_STS_MISSING, audit_rules_tls },
	{ AUDIT_DMARC_MISSING, audit_rules_dmarc },
	{ AUDIT_DKIM_UNKNOWN, audit_rules_dkim },
	{ AUDIT_SPF_MISSING, audit_rules_spf },
	{ AUDIT_DNS_IDN_CONVERTED, audit_rules_base },
};

const struct audit_rule *
audit_rule_of(enum audit_id id)
{
	if (id >= AUDIT_RULES)
		return NULL;
	for (size_t i = 0; i < COUNT_OF(tables); i++)
		if (id >= tables[i].first)
			return &tables[i].rules[id - tables[i].first];
	return NULL;
}

const struct audit_rule *
audit_rule_named(const char *name)
{
	for (unsigned i = 0; i < AUDIT_RULES; i++) {
		const struct audit_rule *r = audit_rule_of(i);

		if (strcmp(r->id, name) == 0)
			return r;
	}
	return NULL;
}

bool
audit_rule_is_checked(const struct audit_rule *r)
{
	static const char *const unread[] = { "RFC 9989", "RFC 9990",
		"RFC 9991" };

	for (size_t i = 0; i < COUNT_OF(unread); i++)
		if (slice_starts(slice_str(r->ref), unread[i]))
			return false;
	return true;
}

static const char *const severities[] = { "info", "notice", "warn", "error",
	"unknown" };

const char *
audit_severity_name(enum audit_severity s)
{
	return severities[s];
}

bool
audit_severity_read(const char *word, enum audit_severity *r)
{
	for (unsigned i = AUDIT_INFO; i <= AUDIT_ERROR; i++)
		if (strcmp(word, severities[i]) == 0) {
			*r = i;
			return true;
		}
	return false;
}
