/* Bounces: by their fields, else by their text (report/report).
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_REPORTBOUNCE_H
#define REPORT_REPORTBOUNCE_H

#include "report/reportparts.h"

/* True when it is one, whose recipients are in r->d then: by a delivery
 * status part, or another part of a multipart/report that has its fields. */
bool reportbounce_by_fields(struct reportparts *p, struct report *r);

/* The same by the text for people. */
bool reportbounce_by_text(struct reportparts *p, struct report *r);

/* The next recipients, in place of those at hand; false when there are none.
 * action: of all those that a text names. */
bool reportbounce_more(
    struct reportparts *p, struct report *r, enum reason_action action);

#endif
