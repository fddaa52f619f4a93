/* Whether a text that has no fields of a report is a bounce: who wrote it, what
 * its subject and its words say, whom it names, and what came back with it. No
 * single one of these does.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_REPORTJUDGE_H
#define REPORT_REPORTJUDGE_H

#include "report/notice.h"
#include "report/reportparts.h"

/* False for what a person wrote or sends on, and for notices to the owner of a
 * mailbox. */
bool reportjudge_is_bounce(const struct reportparts *p, const struct notice *n);

/* Keeps those of n that the bounce is about: all that it calls recipients; of
 * addresses that only stand there, to (whom the message went to, or empty) if
 * it is one of them, else the first and what stands in a line with it. */
void reportjudge_choose(struct notice *n, struct slice to);

#endif
