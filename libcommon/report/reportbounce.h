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

/* Each recipient without a reason gets one. own: rules of the user, or null. */
void reportbounce_reasons(
    struct report *r, const struct rules *own, struct arena *a);

/* What is not in the fields is looked for in the text, and each recipient gets
 * its reason. */
void reportbounce_finish(
    struct reportparts *p, struct report *r, const struct rules *own);

#endif
