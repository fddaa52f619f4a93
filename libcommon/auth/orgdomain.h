/* Organizational domains as the Public Suffix List has them (RFC 7489 section
 * 3.2): the door of libpsl. RFC 9989 walks the tree instead: auth/dmarc.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AUTH_ORGDOMAIN_H
#define AUTH_ORGDOMAIN_H

#include "base/arena.h"

/* This build has the list. */
bool orgdomain_known(void);

/* One label below the longest public suffix of the domain (A-labels, small
 * letters); the domain itself when it is a suffix. Null without the list. */
const char *orgdomain_of(const char *domain, struct arena *a);

/* The domain is itself a public suffix. */
bool orgdomain_is_suffix(const char *domain);

#endif
