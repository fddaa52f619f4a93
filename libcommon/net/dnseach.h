/* Servers asked each for itself; nothing is kept.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSEACH_H
#define NET_DNSEACH_H

#include "net/dns.h"
#include "net/dnsask.h"

/* Asks each server of the plan n questions, all at once: q has those of the
 * first server, then those of the second, ... */
int dnseach_ask(const struct dnsask_plan *plan, struct dns_question *q,
    size_t n, struct arena *a, struct err *e);

#endif
