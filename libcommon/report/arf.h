/* Complaints: the Abuse Reporting Format (RFC 5965, 6591, 6692) and what is
 * sent in its place: Hotmail's attached message, reports in plain text.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_ARF_H
#define REPORT_ARF_H

#include "report/reportparts.h"

#define ARF_RCPTS_MAX 1000

/* True when it is one; its recipients are in r->d, one without an address when
 * none is known. */
bool arf_read(struct reportparts *p, struct report *r);

#endif
