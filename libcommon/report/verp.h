/* Recipients in the addresses that bounces come to, by a pattern of the
 * sender's own: "bounces+{local}={domain}@example.org".
 *
 * SPDX-License-Identifier: MIT */
#ifndef REPORT_VERP_H
#define REPORT_VERP_H

#include "base/arena.h"
#include "base/err.h"

#define VERP_PATTERN_MAX  300 /* octets of a pattern */
#define VERP_PATTERNS_MAX 16  /* that are tried */

/* ERR_USAGE for what is none: "{local}" and "{domain}" each once, in any
 * order, and something between them. */
int verp_check(const char *pattern, struct err *e);

/* The recipient in an address, "local@domain"; empty when the pattern, which
 * verp_check() passed, does not fit. What stands around is compared without
 * case; "{domain}" has a dot. */
struct slice verp_match(
    const char *pattern, struct slice address, struct arena *a);

#endif
