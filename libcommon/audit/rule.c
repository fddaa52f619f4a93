/* Rules found by id and by name.
 *
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "audit/ruletables.h"

const struct audit_rule *
audit_rule_of(enum audit_id id)
{
	if (id >= AUDIT_RULES)
		return NULL;
	if (id >= AUDIT_DMARC_MISSING)
		return &audit_rules_dmarc[id - AUDIT_DMARC_MISSING];
	if (id >= AUDIT_DKIM_UNKNOWN)
		return &audit_rules_dkim[id - AUDIT_DKIM_UNKNOWN];
	if (id >= AUDIT_SPF_MISSING)
		return &audit_rules_spf[id - AUDIT_SPF_MISSING];
	return &audit_rules_base[id];
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
