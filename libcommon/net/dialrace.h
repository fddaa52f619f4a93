/* Which of a host's addresses answers first: behind net/dial, where others ask
 * for a connection.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DIALRACE_H
#define NET_DIALRACE_H

#include "net/dial.h"

/* Gives a connected descriptor in blocking mode, TCP_NODELAY set, and its
 * address in *which_r (may be null); or -1 with errno. source may be null;
 * addresses of another family than its are passed over. */
int dialrace_connect(const struct dial_addr *addr, size_t n,
    const struct dial_addr *source, int64_t deadline, size_t *which_r);

#endif
