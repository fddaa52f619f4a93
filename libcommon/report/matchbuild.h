/* Makes the tables of report/match out of literals. Needs the C library only:
 * the build runs it on its own machine.
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_MATCHBUILD_H
#define REPORT_MATCHBUILD_H

#include "report/match.h"

#define MATCHBUILD_OCTETS_MAX 120000 /* of all literals together */

/* 0, or -1: too many literals, or no memory. The tables are the caller's until
 * matchbuild_free(). Empty literals are never found. */
int matchbuild(const struct slice *literals, size_t n, struct match *m_r);
void matchbuild_free(struct match *m);

#endif
