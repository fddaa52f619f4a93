/* Why the recipients of a bounce were not reached: the words that are said of
 * each, the reason that they give, and what else they tell (report/report).
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_REPORTWHY_H
#define REPORT_REPORTWHY_H

#include "report/notice.h"
#include "report/reportparts.h"

/* What a text says of one: its own words, a line of the transcript that names
 * it, or what is said of all. */
struct slice reportwhy_diag(
    const struct notice *n, const struct notice_rcpt *v);

/* Each recipient without a reason gets one, by its own words. own: rules of the
 * user, or null. */
void reportwhy_reasons(
    struct report *r, const struct rules *own, struct arena *a);

/* The same; what is not in the fields is looked for in the text. */
void reportwhy_recipients(
    struct reportparts *p, struct report *r, const struct rules *own);

/* The same, and what the returned message tells. */
void reportwhy_finish(
    struct reportparts *p, struct report *r, const struct rules *own);

#endif
