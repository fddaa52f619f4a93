/* The DMARC part of an audit, in two files.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUDIT_AUDITDMARC_H
#define AUDIT_AUDITDMARC_H

#include "audit/auditparts.h"

/* The report addresses of the record at _dmarc.domain: their form, whether
 * those outside agreed (RFC 9990 section 4), whether mail gets there. */
void audit_rua(
    struct audit *au, const char *domain, const struct dmarc_record *r);

#endif
