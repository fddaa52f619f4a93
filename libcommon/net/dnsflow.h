/* Questions of one thread that does not wait for each of them: thousands are
 * on their way, answers are handed back as they come. It waits once for many,
 * which costs a fraction of a thread for each.
 *
 *	flow = dns_flow_new(dns);
 *	if (dns_flow_ask(flow, name, DNS_TXT, &arena, owner, &answer))
 *		... it is known already ...
 *	while (dns_flow_next(flow, &owner, e) > 0)
 *		... owner's answer was filled in ...
 *
 * Other threads that want the same answers wait for this one, so it does not
 * turn to anything long while questions are on their way.
 *
 * SPDX-License-Identifier: MIT */
#ifndef NET_DNSFLOW_H
#define NET_DNSFLOW_H

#include "net/dns.h"

struct dns_flow;

struct dns_flow *dns_flow_new(struct dns *d);

/* Waits for what is on its way, and forgets it. */
void dns_flow_free(struct dns_flow **f);

/* True: *r is the answer. False: it will be, once dns_flow_next() gives owner
 * back. The name, the arena, which no other thread uses, and *r last that
 * long. A name that is none is DNS_NXDOMAIN. */
bool dns_flow_ask(struct dns_flow *f, const char *name, enum dns_type type,
    struct arena *a, void *owner, struct dns_answer *r);

/* 1 the owner of a question that was answered just now, waiting for one if it
 * must; 0 none is on its way; -1 the system gives no means to wait: then all
 * that were on their way are DNS_TIMEOUT, and their owners come with the next
 * calls. */
int dns_flow_next(struct dns_flow *f, void **owner_r, struct err *e);

#endif
