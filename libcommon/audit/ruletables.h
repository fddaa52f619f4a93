/* The tables of rules, by area, in the order of enum audit_id.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUDIT_RULETABLES_H
#define AUDIT_RULETABLES_H

#include "audit/rule.h"

extern const struct audit_rule audit_rules_base[];
extern const struct audit_rule audit_rules_spf[];
extern const struct audit_rule audit_rules_dkim[];
extern const struct audit_rule audit_rules_dmarc[];
extern const struct audit_rule audit_rules_tls[];
extern const struct audit_rule audit_rules_host[];

#endif
