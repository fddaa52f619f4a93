/* Automatic replies (RFC 3834 and the marks before it), challenges, and
 * receipts (RFC 8098).
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_AUTOREPLY_H
#define REPORT_AUTOREPLY_H

#include "report/reportparts.h"

/* A receipt, or what was refused in its form: a bounce. */
bool autoreply_mdn(struct reportparts *p, struct report *r);

/* "Confirm that you are a person". */
bool autoreply_challenge(struct reportparts *p, struct report *r);

/* The same in the form of a report, whose recipients are in r->d: the server's
 * words ask the sender to confirm something before it takes the mail. */
bool autoreply_asks(struct report *r);

/* "I am out of the office": told by its header. */
bool autoreply_read(struct reportparts *p, struct report *r);

#endif
